import { execa } from 'execa';
import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { DioramaError } from '../errors.ts';

/**
 * Runs `work` while holding an exclusive lock on `file` (made when missing). The lock is flock(2), held by util-linux's
 * `flock` around a `cat` that ends when our end of its input closes: a killed diorama leaves no stale lock.
 * @throws DioramaError `timed-out` when somebody else holds it for longer than `timeoutMs`
 */
export async function withLock<T>(
  given: { readonly file: string; readonly timeoutMs: number; readonly signal: AbortSignal; readonly onWait?: () => void },
  work: () => Promise<T>,
): Promise<T> {
  given.signal.throwIfAborted();
  await mkdir(dirname(given.file), { recursive: true });
  const seconds = String(Math.max(1, Math.ceil(given.timeoutMs / 1000)));
  const holder = execa('flock', ['-x', '-w', seconds, given.file, 'sh', '-c', 'echo held; exec cat >/dev/null'], {
    reject: false,
    stdin: 'pipe',
    stdout: 'pipe',
    buffer: false,
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
