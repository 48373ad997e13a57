import { execa } from 'execa';
import { chmod, mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DioramaError } from '../errors.ts';
import type { Accelerator } from '../host/accelerator.ts';
import type { Host } from '../host/host.ts';
import { onPath } from '../host/on-path.ts';
import { scratchDir } from '../host/scratch-dir.ts';
import { shellLine, shellWord } from '../shell-words.ts';
import { qemuProgram } from './qemu-process.ts';
import type { Guest } from './read-guest.ts';

/** A command in a guest that virtme-ng boots. */
export interface VngRequest {
  readonly guest: Guest;
  readonly kernel: string;
  /** The stage's root, unpacked. */
  readonly stageRoot: string;
  /** Names under opt/diorama/ and the files that the stage reads through fw_cfg. */
  readonly files: ReadonlyMap<string, string>;
  readonly accelerator: Accelerator;
  /** Shared with the guest for writing: the console and the folder `files`, which is $RESULTS, are kept there. */
  readonly dir: string;
  readonly folder: string;
  readonly command: readonly string[];
}

/**
 * Boots the kernel through virtme-ng (`vng`), with the host's root over 9p, and runs a command there beside the stage's server, with this process's
 * standard input and output. Not virtiofs, which vng would take by itself: that is fs/fuse, the code under test.
 * @returns the command's exit code as vng has it
 * @throws DioramaError `bad-usage` for a path that vng could not pass on
 */
export async function runByVng(host: Host, request: VngRequest): Promise<number> {
  const home = await scratchDir(host.cache, 'vng-');
  try {
    const qemu = join(home, 'qemu');
    await writeFile(qemu, qemuWrapper(join(request.dir, 'console')));
    await chmod(qemu, 0o755);
    const results = join(request.dir, 'files');
    await mkdir(results);
    const words = vngWords(request, { qemu, enter: join(host.root, 'guests/virtme/enter-vng') });
    const child = execa('setpriv', ['--pdeathsig', 'KILL', '--', ...terminal(words)], { stdio: 'inherit', reject: false, detached: false, cancelSignal: host.signal, forceKillAfterDelay: request.guest.limits.teardown });
    const { exitCode } = await child;
    host.signal.throwIfAborted();
    if ((await readdir(results)).length === 0) await rm(results, { recursive: true });
    return exitCode ?? 255;
  } finally {
    await rm(home, { recursive: true, force: true });
  }
}

/** Where the guest sees what it shares: a place that every root has (FHS 3.0), since vng makes none outside its overlays. */
const shared = '/media';

/**
 * Before anything is built for it.
 * @throws DioramaError `program-missing` where vng is not on PATH
 */
export async function requireVng(): Promise<void> {
  if ((await onPath('vng')) !== undefined) return;
  throw new DioramaError({ blame: 'machine', code: 'program-missing', message: 'vng: not on PATH', next: 'install virtme-ng, or leave out --via vng: diorama boots the same by itself' });
}

/**
 * What vng is told is QEMU: it is ended with vng, which does not do that by itself, and what the kernel says on the serial console, which vng throws
 * away, goes to a file.
 */
function qemuWrapper(console: string): string {
  return [
    '#!/bin/sh', 'for word; do', '  shift', `  [ "$word" = file,id=console,path=/dev/null ] && word=file,id=console,path=${shellWord(console)}`, '  set -- "$@" "$word"', 'done',
    `exec setpriv --pdeathsig KILL -- ${qemuProgram} "$@"`, '',
  ].join('\n');
}

/** vng's command line. It puts it together for a shell without quotes, so a word that needs some cannot be passed on. */
export function vngWords(request: VngRequest, { qemu, enter }: { readonly qemu: string; readonly enter: string }): string[] {
  const { guest, kernel, dir } = request;
  // With a key of nobody's the stage serves until it is ended.
  const files = new Map([...request.files, ['authorized_keys', enter]]);
  const paths = [kernel, dir, request.folder, qemu, ...files.values()];
  const odd = paths.find((path) => !/^[\w@%+=:./-]+$/.test(path));
  if (odd !== undefined) {
    throw new DioramaError({ blame: 'usage', code: 'bad-usage', message: `--via vng: ${JSON.stringify(odd)}: vng takes no path with blanks, commas or quotes`, next: 'run it without --via vng' });
  }
  const options = [...files].map(([name, file]) => `-fw_cfg name=opt/diorama/${name},file=${file}`);
  return [
    'vng', '--run', kernel, '--force-9p', ...(request.accelerator === 'kvm' ? [] : ['--disable-kvm']), '--cpus', String(guest.cpus), '--memory', `${guest.memory >> 20}M`,
    '--rwdir', `${shared}=${dir}`, '--qemu', qemu, '--append', 'loglevel=8', `--qemu-opts=${options.join(' ')}`, '--',
    shellLine([enter, request.stageRoot, `${shared}/files`, request.folder, ...request.command]),
  ];
}

/** vng wants a terminal, which script(1) gives it where there is none. */
function terminal(words: readonly string[]): string[] {
  return process.stdin.isTTY && process.stdout.isTTY ? [...words] : ['script', '--quiet', '--return', '--flush', '--command', shellLine(words), '/dev/null'];
}
