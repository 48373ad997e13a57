import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';

export interface HeldLock {
  /** Lets it go; settles when it is free. */
  release(): Promise<void>;
}

/**
 * flock(2) on `file` for as long as this process lives or until it is released: `shared` waits until nobody has it alone, `alone` is only
 * had when nobody else has it at all. It does not keep this process from ending, and a killed one leaves no lock.
 * @returns undefined when it is not to be had
 */
export async function holdLock(file: string, how: 'shared' | 'alone'): Promise<HeldLock | undefined> {
  await mkdir(dirname(file), { recursive: true });
  const holder = spawn('flock', [...(how === 'shared' ? ['-s'] : ['-x', '-n']), file, 'sh', '-c', 'echo held; exec cat >/dev/null'], { stdio: ['pipe', 'pipe', 'ignore'] });
  const ended = new Promise<void>((done) => {
    holder.once('close', () => done());
    holder.once('error', () => done());
  });
  const held = await Promise.race([once(holder.stdout, 'data').then(() => true, () => false), ended.then(() => false)]);
  if (!held) return undefined;
  holder.unref();
  for (const stream of [holder.stdin, holder.stdout]) (stream as unknown as { unref(): void }).unref();
  return {
    release: async () => {
      holder.ref();
      holder.stdin.end();
      await ended;
    },
  };
}
