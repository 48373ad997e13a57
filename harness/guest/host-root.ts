import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Host } from '../host/host.ts';
import { programFailure } from '../host/program-failure.ts';
import { runProgram } from '../host/run-program.ts';
import { shellLine } from '../shell-words.ts';
import type { LoggedIn } from './guest-shell.ts';

/** Of everything that is left in $RESULTS. */
const mostBytes = 1 << 30;
const unpackBoundMs = 5 * 60 * 1000;

/** The line that runs a program of the host's in a guest that has its root (guests/virtme/enter-host), in this folder of it. */
export function enterHost(folder: string, words: readonly string[]): string {
  return shellLine(['enter-host', folder, ...words]);
}

/**
 * Brings what was left in $RESULTS to `<dir>/files`; nothing is made when that is nothing. GNU tar refuses names that lead out, and makes
 * symbolic links last.
 * @throws DioramaError `bad-usage` when it is too much, `program-failed` (machine) when it cannot be unpacked
 */
export async function bringFiles(host: Host, login: LoggedIn, dir: string): Promise<void> {
  const archive = join(dir, 'files.tar');
  const to = join(dir, 'files');
  await login.run('tar -C /host/root/run/diorama/results -cf - .', { file: archive, mostBytes, errors: false });
  await mkdir(to);
  const unpacked = await runProgram({
    file: 'tar', args: ['-x', '--no-same-owner', '--no-same-permissions', '-f', archive, '-C', to], timeoutMs: unpackBoundMs, signal: host.signal,
  });
  if (!unpacked.ok) throw programFailure(unpacked, { blame: 'machine', code: 'program-failed', message: `${archive}: tar could not unpack what the guest left`, phase: 'unpacking', timeoutMs: unpackBoundMs });
  await rm(archive);
  if ((await readdir(to)).length === 0) await rm(to, { recursive: true });
}
