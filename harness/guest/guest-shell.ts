import { createWriteStream } from 'node:fs';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import type ssh2Library from 'ssh2';
import type { Client, ClientChannel } from 'ssh2';
import { DioramaError } from '../errors.ts';
import type { Accelerator } from '../host/accelerator.ts';
import type { Host } from '../host/host.ts';
import { importLibrary } from '../host/import-library.ts';
import { scratchDir } from '../host/scratch-dir.ts';
import { tscFrequency } from '../host/tsc-frequency.ts';
import { makeLoginKey } from './login-key.ts';
import { shellArgs, type ShellBus } from './qemu-args.ts';
import { startQemu } from './qemu-process.ts';
import type { Guest } from './read-guest.ts';
import { tellingLines } from './telling-lines.ts';

/** A guest to log in to. */
export interface LoginRequest {
  readonly guest: Guest;
  readonly kernel: string;
  readonly initrd: string;
  readonly files: ReadonlyMap<string, string>;
  readonly accelerator: Accelerator;
  readonly bus: ShellBus;
  /** Where the guest's console is kept; nowhere when it is not said. */
  readonly console?: string;
  /** How long the work may take at most, in milliseconds; a day when it is not said. Then every task's stack is put on its console. */
  readonly limitMs?: number;
}

/** A guest that somebody has logged in to. */
export interface LoggedIn {
  /**
   * Joins this process's terminal to a command, or to a login shell.
   * @returns the exit code
   */
  join(command: string | undefined): Promise<number>;
  /**
   * Runs a command whose output goes to a file, standard error too where that is asked for.
   * @returns the exit code
   * @throws DioramaError `bad-usage` when it says more than `mostBytes`
   */
  run(command: string, given: { readonly file: string; readonly mostBytes: number; readonly errors: boolean }): Promise<number>;
}

const pollMs = 20;
const dayMs = 24 * 60 * 60 * 1000;

/**
 * Boots a guest in the host's time, logs in to it over a virtio-serial port (no network card), and ends it when `work` is done.
 * @throws DioramaError `boot-failed` when it is not ready for a login within the guest's boot limit, or goes away before the work is done;
 * `timed-out` (kernel) when its limit was hit
 */
export async function withLogin<T>(host: Host, request: LoginRequest, work: (login: LoggedIn) => Promise<T>): Promise<T> {
  const dir = await scratchDir(host.cache, 'shell-');
  // Loaded here: no other command has a use for it, and it costs each of them some 40 ms.
  const { default: ssh2 } = (await importLibrary('ssh2')) as { default: typeof ssh2Library };
  const key = makeLoginKey(ssh2);
  const keyFile = join(dir, 'key.pub');
  await writeFile(keyFile, `${key.public}\n`);
  const files = { console: request.console ?? join(dir, 'console'), trace: join(dir, 'trace'), ram: join(dir, 'ram') };
  const limitMs = request.limitMs ?? dayMs;
  const qemu = startQemu({
    args: shellArgs({ ...request, ...files, tscKhz: await tscFrequency(host), files: new Map([...request.files, ['authorized_keys', keyFile]]) }, { socket: 'ssh', bus: request.bus }),
    // A socket's path has room for 107 bytes: it is named from inside its folder.
    cwd: dir,
    signal: host.signal,
    limitMs: dayMs,
    teardownMs: request.guest.limits.teardown,
    watched: [files.console],
    mostBytes: request.guest.limits.console,
  });
  try {
    await untilListening(host, { ...files, limitMs: request.guest.limits.boot, ended: qemu.ended.then((ending) => ending.stderr) });
    qemu.limit(limitMs);
    const client = new ssh2.Client();
    try {
      const socket = connectIn(dir, 'ssh');
      return await logIn(host, { client, socket, key: key.private, work });
    } catch (error) {
      host.signal.throwIfAborted();
      const ending = qemu.stopping() ? await qemu.ended : undefined;
      if (ending?.how === 'limit') {
        throw new DioramaError({ blame: 'kernel', code: 'timed-out', message: `the guest was not done within ${limitMs / 1000} s`, evidence: files.console, next: 'read its console: every task\'s stack is there' });
      }
      throw error instanceof DioramaError ? await withConsole(error, files.console) : error;
    } finally {
      client.end();
    }
  } finally {
    await qemu.kill();
    await rm(dir, { recursive: true, force: true });
  }
}

/** Joins a socket whose name is short only from inside its folder: the folder is this process's for as long as that takes. */
function connectIn(dir: string, name: string): Socket {
  const from = process.cwd();
  process.chdir(dir);
  try {
    return connect(name);
  } finally {
    process.chdir(from);
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

/** Everything that is done with a login, which fails when the login does. */
function logIn<T>(
  host: Host, given: { readonly client: Client; readonly socket: Socket; readonly key: string; readonly work: (login: LoggedIn) => Promise<T> },
): Promise<T> {
  return new Promise((done, failed) => {
    const { client } = given;
    host.signal.addEventListener('abort', () => failed(host.signal.reason as Error));
    client.on('error', (error) => failed(new DioramaError({ blame: 'machine', code: 'program-failed', message: `ssh to the guest: ${error.message}` })));
    // Once the work is done this says nothing any more.
    client.on('close', () => failed(new DioramaError({ blame: 'kernel', code: 'boot-failed', message: 'the guest went away before the command had ended', next: 'read its console' })));
    client.on('ready', () => {
      given.work({ join: (command) => joinCommand(client, command), run: (command, to) => keepOutput(client, command, to) }).then(done, failed);
    });
    client.connect({ sock: given.socket, username: 'root', privateKey: given.key, readyTimeout: 60_000 });
  });
}

function joinCommand(client: Client, command: string | undefined): Promise<number> {
  return new Promise((done, failed) => {
    const joined = (error: Error | undefined, channel: ClientChannel): void => {
      if (error) failed(error);
      else joinTerminal(channel, done);
    };
    if (command === undefined) client.shell(terminalSize(), joined);
    else client.exec(command, joined);
  });
}

function keepOutput(client: Client, command: string, given: { readonly file: string; readonly mostBytes: number; readonly errors: boolean }): Promise<number> {
  return new Promise((done, failed) => {
    client.exec(command, (error: Error | undefined, channel: ClientChannel) => {
      if (error) {
        failed(error);
        return;
      }
      const out = createWriteStream(given.file);
      let bytes = 0;
      let exitCode = 255;
      const take = (chunk: Buffer): void => {
        bytes += chunk.length;
        if (bytes > given.mostBytes) channel.destroy();
        else out.write(chunk);
      };
      channel.on('data', take);
      channel.stderr.on('data', given.errors ? take : () => undefined);
      channel.on('exit', (code: number | null) => (exitCode = code ?? 255));
      channel.on('close', () => out.end());
      out.on('error', failed);
      out.on('close', () => {
        if (bytes <= given.mostBytes) done(exitCode);
        else failed(new DioramaError({ blame: 'usage', code: 'bad-usage', message: `the command said more than ${given.mostBytes} bytes, the most that is kept`, next: 'have it say, or leave, less' }));
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
