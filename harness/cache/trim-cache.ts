import { readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { aloneInCache } from '../host/cache-users.ts';
import type { Host } from '../host/host.ts';
import { readJson, writeJson } from '../host/json-file.ts';
import { removeLeftovers } from './leftovers.ts';
import { planTrim } from './plan-trim.ts';
import { surveyCache, type CacheEntry } from './survey.ts';

const dayMs = 24 * 60 * 60 * 1000;
const ledgerShape = z.object({ surveyedMs: z.number(), bytes: z.number() });

/**
 * Keeps the cache below its limit after a run has made something. What was made is added to what the last survey found; only when that
 * comes to more than the limit, or the survey is a day old, the whole is looked at again. Does nothing while another diorama uses it:
 * whoever is alone does.
 * @returns what went
 */
export async function trimAfterGrowth(host: Host, given: { readonly limit: number; readonly grown: readonly string[]; readonly sinceMs: number }): Promise<readonly CacheEntry[]> {
  if (given.grown.length === 0) return [];
  const ledger = join(host.cache, 'size.json');
  const known = await readJson(ledger, ledgerShape);
  const more = (await Promise.all(given.grown.map(roomOf))).reduce((sum, bytes) => sum + bytes, 0);
  if (known && Date.now() - known.surveyedMs < dayMs && known.bytes + more <= given.limit) {
    await writeJson(ledger, { ...known, bytes: known.bytes + more }).catch(() => undefined);
    return [];
  }
  return (await aloneInCache(host, () => trim(host, given))) ?? [];
}

/** Removes leftovers, and what was used longest ago until the rest is within the limit. The caller is alone in the cache. */
export async function trim(host: Host, given: { readonly limit: number; readonly sinceMs: number }): Promise<CacheEntry[]> {
  await removeLeftovers(host);
  const entries = await surveyCache(host);
  const going = planTrim(entries, given);
  for (const entry of going) await removeEntry(host, entry);
  const gone = new Set(going);
  const bytes = entries.reduce((sum, entry) => sum + (gone.has(entry) ? 0 : entry.bytes), 0);
  await writeJson(join(host.cache, 'size.json'), { surveyedMs: Date.now(), bytes }).catch(() => undefined);
  return going;
}

/** At once, to whoever looks: it is renamed away, then removed. A kill leaves what the next trim removes. */
export async function removeEntry(host: Host, entry: Pick<CacheEntry, 'kind' | 'name'>): Promise<void> {
  const home = entry.kind === 'other' ? host.cache : join(host.cache, entry.kind);
  const away = join(home, `.removed-${entry.name}`);
  await rm(away, { recursive: true, force: true });
  await rename(join(home, entry.name), away);
  await rm(away, { recursive: true, force: true });
}

/** Of a directory that was just made; those are a few files. */
async function roomOf(dir: string): Promise<number> {
  const names = await readdir(dir, { recursive: true }).catch(() => []);
  const sizes = await Promise.all(names.map((name) => stat(join(dir, name)).then(({ blocks }) => blocks * 512, () => 0)));
  return sizes.reduce((sum, bytes) => sum + bytes, 0);
}
