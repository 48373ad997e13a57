import { mkdir, mkdtemp, readdir, rename, rm, stat, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import type { Host } from './host.ts';
import { withLock } from './lock.ts';

const lockBoundMs = 60 * 60 * 1000;

/**
 * The directory `<cache>/<kind>/<key>`, made by `make` into a temporary neighbour and renamed when it is whole, so that it is
 * either complete or not there: a kill at any point leaves only a `.part-` folder that the next maker of the same key removes.
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
  if (await exists(dir)) return { dir, reused: true };
  return withLock({ file: join(home, `.lock-${given.key}`), timeoutMs: lockBoundMs, signal: host.signal }, async () => {
    if (await exists(dir)) return { dir, reused: true };
    await removeParts(home, given.key);
    await mkdir(home, { recursive: true });
    const part = await mkdtemp(join(home, `.part-${given.key}-`));
    try {
      await make(part);
      await rename(part, dir);
    } finally {
      await rm(part, { recursive: true, force: true });
    }
    return { dir, reused: false };
  });
}

async function exists(dir: string): Promise<boolean> {
  try {
    await stat(dir);
    const now = new Date();
    await utimes(dir, now, now);
    return true;
  } catch {
    return false;
  }
}

async function removeParts(home: string, key: string): Promise<void> {
  const names = await readdir(home).catch(() => [] as string[]);
  for (const name of names) {
    if (name.startsWith(`.part-${key}-`)) await rm(join(home, name), { recursive: true, force: true });
  }
}
