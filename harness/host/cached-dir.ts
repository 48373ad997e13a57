import { rename, rm, stat, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { noteGrowth, useCache } from './cache-users.ts';
import type { Host } from './host.ts';
import { withLock } from './lock.ts';
import { scratchDir } from './scratch-dir.ts';

const lockBoundMs = 60 * 60 * 1000;

/**
 * The directory `<cache>/<kind>/<key>`, made by `make` into a temporary neighbour and renamed when it is whole, so that it is
 * either complete or not there: a kill at any point leaves only a `.part-` folder that the next maker of the same kind removes.
 * `key` must name everything the content depends on. Two diorama at once make it once.
 * @returns its absolute path, and whether it was already there
 */
export async function cachedDir(
  host: Host,
  given: { readonly kind: string; readonly key: string },
  make: (dir: string) => Promise<void>,
): Promise<{ readonly dir: string; readonly reused: boolean }> {
  const home = join(host.cache, given.kind);
  const dir = join(home, given.key);
  await useCache(host);
  if (await exists(dir)) return { dir, reused: true };
  return withLock({ file: join(home, `.lock-${given.key}`), timeoutMs: lockBoundMs, signal: host.signal }, async () => {
    if (await exists(dir)) return { dir, reused: true };
    const part = await scratchDir(home, '.part-');
    try {
      await make(part);
      await rename(part, dir);
    } finally {
      await rm(part, { recursive: true, force: true });
    }
    noteGrowth(dir);
    return { dir, reused: false };
  });
}

/** One that is there was used now, which whoever tidies the cache may want to know; a cache that is read-only need not. */
async function exists(dir: string): Promise<boolean> {
  const there = await stat(dir).then(() => true, () => false);
  const now = new Date();
  if (there) await utimes(dir, now, now).catch(() => undefined);
  return there;
}
