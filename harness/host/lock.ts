import { execa } from 'execa';
import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { DioramaError } from '../errors.ts';
import { printable } from '../printable.ts';
import { diskError } from './run-program.ts';

/** flock(1): what `-w` exits with when its time is over. */
const heldByAnother = 1;

/**
 * Runs `work` while holding an exclusive lock on `file` (made when missing). The lock is flock(2), held by util-linux's
 * `flock` around a `cat` that ends when our end of its input closes: a killed diorama leaves no stale lock.
 * @throws DioramaError `timed-out` when somebody else holds it for longer than `timeoutMs`; `disk-full`, `program-missing` or
 * `program-failed` (blame: the machine) when there can be no lock
 */
export async function withLock<T>(
  given: { readonly file: string; readonly timeoutMs: number; readonly signal: AbortSignal; readonly onWait?: () => void },
  work: () => Promise<T>,
): Promise<T> {
  given.signal.throwIfAborted();
  await mkdir(dirname(given.file), { recursive: true }).catch((error: unknown) => {
    throw diskError(error as NodeJS.ErrnoException, dirname(given.file));
  });
  const seconds = String(Math.max(1, Math.ceil(given.timeoutMs / 1000)));
  const holder = execa('flock', ['-x', '-w', seconds, given.file, 'sh', '-c', 'echo held; exec cat >/dev/null'], {
    reject: false,
    stdin: 'pipe',
    stdout: 'pipe',
    stderr: 'pipe',
    buffer: { stdout: false, stderr: true },
    cancelSignal: given.signal,
  });
  const waiting = setTimeout(() => given.onWait?.(), 500);
  const held = await new Promise<boolean>((settle) => {
    holder.stdout.once('data', () => settle(true));
    void holder.then(() => settle(false));
  });
  clearTimeout(waiting);
  try {
    given.signal.throwIfAborted();
    if (!held) {
      const { exitCode, code, stderr } = await holder;
      if (code === 'ENOENT') throw new DioramaError({ blame: 'machine', code: 'program-missing', message: 'flock: not installed', next: './diorama doctor' });
      if (exitCode !== heldByAnother) throw new DioramaError({ blame: 'machine', code: 'program-failed', message: `${given.file}: cannot be locked: ${printable(stderr)}` });
      throw new DioramaError({
        blame: 'machine',
        code: 'timed-out',
        message: `${given.file}: another diorama has held this lock for ${seconds} s`,
        next: 'wait for it to finish, or give this one its own cache with DIORAMA_CACHE=DIR',
      });
    }
    return await work();
  } finally {
    holder.stdin.end();
    await holder;
  }
}
