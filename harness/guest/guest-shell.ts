import { createWriteStream } from 'node:fs';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import type { Client, ClientChannel } from 'ssh2';
import { DioramaError } from '../errors.ts';
import type { Accelerator } from '../host/accelerator.ts';
import type { Host } from '../host/host.ts';
import { scratchDir } from '../host/scratch-dir.ts';
import { tscFrequency } from '../host/tsc-frequency.ts';
import { shellArgs, type ShellBus } from './qemu-args.ts';
import { startQemu } from './qemu-process.ts';
import type { Guest } from './read-guest.ts';
import { tellingLines } from './telling-lines.ts';

export interface ShellRequest {
  readonly guest: Guest;
  readonly kernel: string;
  readonly initrd: string;
  readonly files: ReadonlyMap<string, string>;
  readonly accelerator: Accelerator;
  readonly bus: ShellBus;
  /** Run instead of a login shell; none for a login. */
  readonly command: string | undefined;
  /** A command whose output is kept in a file when the other has ended, and the most bytes that it may say. */
  readonly afterwards?: { readonly command: string; readonly file: string; readonly mostBytes: number };
  /** Where the guest's console is kept; nowhere when it is not said. */
  readonly console?: string;
}

const pollMs = 20;
const dayMs = 24 * 60 * 60 * 1000;

/**
 * Boots a guest in the host's time, logs in to it over a virtio-serial port (no network card), joins this process's terminal to the
 * login or command, and ends the guest when that ends.
 * @returns the exit code of the command
 * @throws DioramaError `boot-failed` when it is not ready for a login within the guest's boot limit; `program-failed` (machine) when the guest
 * goes away before the command has ended
 */
export async function guestShell(host: Host, request: ShellRequest): Promise<number> {
  const dir = await scratchDir(host.cache, 'shell-');
  // Loaded here: no other command has a use for it, and it costs each of them some 40 ms.
  const { default: ssh2 } = await import('ssh2');
  const key = ssh2.utils.generateKeyPairSync('ed25519');
  const from = process.cwd();
  // A socket's path has room for 107 bytes: it is named from inside its folder.
  process.chdir(dir);
  const keyFile = join(dir, 'key.pub');
  await writeFile(keyFile, `${key.public}\n`);
  const files = { console: request.console ?? join(dir, 'console'), trace: join(dir, 'trace'), ram: join(dir, 'ram') };
  const qemu = startQemu({
    args: shellArgs({ ...request, ...files, tscKhz: await tscFrequency(host), files: new Map([...request.files, ['authorized_keys', keyFile]]) }, { socket: 'ssh', bus: request.bus }),
    signal: host.signal,
    limitMs: dayMs,
    teardownMs: request.guest.limits.teardown,
    watched: [files.console],
    mostBytes: request.guest.limits.console,
  });
  try {
    await untilListening(host, { ...files, limitMs: request.guest.limits.boot, ended: qemu.ended.then((ending) => ending.stderr) });
    return await session(host, { client: new ssh2.Client(), socket: connect('ssh'), key: key.private, ...request }).catch(async (error: unknown) => {
      throw error instanceof DioramaError ? await withConsole(error, files.console) : error;
    });
  } finally {
    await qemu.kill();
    process.chdir(from);
    await rm(dir, { recursive: true, force: true });
  }
}

async function withConsole(error: DioramaError, file: string): Promise<DioramaError> {
  const console = await readFile(file, 'latin1').catch(() => '');
  const { blame, code, message } = error;
  return new DioramaError({ blame, code, message, details: tellingLines(console) });
}

async function untilListening(
  host: Host,
  given: { readonly trace: string; readonly console: string; readonly limitMs: number; readonly ended: Promise<string> },
): Promise<void> {
  let gone = false;
  let stderr = '';
  given.ended.then((said) => (stderr = said), () => undefined).finally(() => (gone = true));
  const until = performance.now() + given.limitMs;
  for (;;) {
    host.signal.throwIfAborted();
    const trace = await readFile(given.trace, 'latin1').catch(() => '');
    if (trace.includes('"e":"listening"')) return;
    if (gone || performance.now() > until) {
      const console = await readFile(given.console, 'latin1').catch(() => '');
      throw new DioramaError({
        blame: 'kernel', code: 'boot-failed',
        message: gone ? 'the guest ended before anybody could log in' : `the guest was not ready for a login within ${given.limitMs / 1000} s (limit: boot)`,
        details: [...stderr.trimEnd().split('\n').slice(-3), ...trace.trimEnd().split('\n').slice(-3), ...tellingLines(console)].filter((line) => line !== ''),
      });
    }
    await new Promise((done) => setTimeout(done, pollMs));
  }
}

function session(
  host: Host, given: { readonly client: Client; readonly socket: Socket; readonly key: string } & Pick<ShellRequest, 'command' | 'afterwards'>,
): Promise<number> {
  return new Promise((done, failed) => {
    const { client } = given;
    const end = (exitCode: number): void => {
      const kept = given.afterwards ? keepOutput(client, given.afterwards) : Promise.resolve();
      kept.then(() => {
        client.end();
        done(exitCode);
      }, failed);
    };
    host.signal.addEventListener('abort', () => failed(host.signal.reason as Error));
    client.on('error', (error) => failed(new DioramaError({ blame: 'machine', code: 'program-failed', message: `ssh to the guest: ${error.message}` })));
    // After `done` or `failed` it says nothing any more.
    client.on('close', () => failed(new DioramaError({ blame: 'kernel', code: 'boot-failed', message: 'the guest went away before the command had ended', next: 'read its console' })));
    client.on('ready', () => {
      const joined = (error: Error | undefined, channel: ClientChannel): void => {
        if (error) failed(error);
        else joinTerminal(channel, end);
      };
      if (given.command === undefined) client.shell(terminalSize(), joined);
      else client.exec(given.command, joined);
    });
    client.connect({ sock: given.socket, username: 'root', privateKey: given.key, readyTimeout: 60_000 });
  });
}

/** What a command says, as a file. One that says too much is an error, and so is one that fails. */
function keepOutput(client: Client, given: { readonly command: string; readonly file: string; readonly mostBytes: number }): Promise<void> {
  return new Promise((done, failed) => {
    client.exec(given.command, (error: Error | undefined, channel: ClientChannel) => {
      if (error) {
        failed(error);
        return;
      }
      const out = createWriteStream(given.file);
      let bytes = 0;
      channel.on('data', (chunk: Buffer) => {
        bytes += chunk.length;
        if (bytes > given.mostBytes) channel.destroy();
      });
      channel.stderr.resume();
      channel.pipe(out);
      out.on('error', failed);
      out.on('close', () => {
        if (bytes <= given.mostBytes) done();
        else failed(new DioramaError({ blame: 'usage', code: 'bad-usage', message: `what was left in $RESULTS is larger than ${given.mostBytes} bytes, and was not copied`, next: 'leave less there' }));
      });
    });
  });
}

function terminalSize(): { term: string; rows: number; cols: number } {
  return { term: process.env['TERM'] ?? 'dumb', rows: process.stdout.rows ?? 24, cols: process.stdout.columns ?? 80 };
}

/** Standard input, output and error of this process become those of the channel; a terminal is raw for as long. */
function joinTerminal(channel: ClientChannel, end: (exitCode: number) => void): void {
  const { stdin, stdout, stderr } = process;
  if (stdin.isTTY) stdin.setRawMode(true);
  stdout.on('resize', () => channel.setWindow(stdout.rows, stdout.columns, 0, 0));
  stdin.pipe(channel);
  channel.pipe(stdout, { end: false });
  channel.stderr.pipe(stderr, { end: false });
  let exitCode = 0;
  channel.on('exit', (code: number | null) => (exitCode = code ?? 255));
  channel.on('close', () => {
    if (stdin.isTTY) stdin.setRawMode(false);
    stdin.unpipe(channel);
    stdin.pause();
    end(exitCode);
  });
}
