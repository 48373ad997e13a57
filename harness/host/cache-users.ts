import { join } from 'node:path';
import { holdLock, type HeldLock } from './hold-lock.ts';
import type { Host } from './host.ts';

let using: Promise<HeldLock | undefined> | undefined;
const grown: string[] = [];

/** Says that this process uses the cache from here on, so that nobody evicts what it goes by. Waits while somebody does. */
export async function useCache(host: Pick<Host, 'cache'>): Promise<void> {
  // A cache that cannot be locked, on a disk that is read-only, cannot be evicted from either.
  await (using ??= holdLock(usersFile(host), 'shared').catch(() => undefined));
}

/** Notes that the directory `dir` was made. */
export function noteGrowth(dir: string): void {
  grown.push(dir);
}

/** What this process has made. */
export function growth(): readonly string[] {
  return grown;
}

/**
 * Does `work` while nobody uses the cache, this process included.
 * @returns undefined when somebody does
 */
export async function aloneInCache<T>(host: Pick<Host, 'cache'>, work: () => Promise<T>): Promise<T | undefined> {
  await (await using)?.release();
  using = undefined;
  const lock = await holdLock(usersFile(host), 'alone');
  if (!lock) return undefined;
  try {
    return await work();
  } finally {
    await lock.release();
  }
}

function usersFile({ cache }: Pick<Host, 'cache'>): string {
  return join(cache, '.users');
}
