import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Host } from '../host/host.ts';
import { cacheKinds } from './kinds.ts';

/** What a killed diorama may leave in the cache: halves, and what was on its way out. Everything is made under such a name first. */
const leftover = /^\.(?:part|removed|stripped)-|^(?:shell|load|bench)-\d+\.|\.part-\d+-[0-9a-f]+$/;

/** Removes what killed dioramas left. The caller is alone in the cache, so none of it is anybody's. @returns how many there were */
export async function removeLeftovers(host: Host): Promise<number> {
  const homes = [host.cache, ...cacheKinds.map(({ name }) => join(host.cache, name))];
  const trees = join(host.cache, 'trees');
  for (const name of await readdir(trees).catch(() => [])) homes.push(join(trees, name));
  let count = 0;
  for (const home of homes) {
    for (const name of await readdir(home).catch(() => [])) {
      if (!leftover.test(name) && !/^tmp-(?:apply|dirty)-/.test(name)) continue;
      await rm(join(home, name), { recursive: true, force: true });
      count += 1;
    }
  }
  return count;
}
