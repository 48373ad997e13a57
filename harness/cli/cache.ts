import { cacheLimit } from '../cache/cache-limit.ts';
import { cacheKinds } from '../cache/kinds.ts';
import { removeLeftovers } from '../cache/leftovers.ts';
import { surveyCache, type CacheEntry } from '../cache/survey.ts';
import { removeEntry, trim } from '../cache/trim-cache.ts';
import { DioramaError } from '../errors.ts';
import { formatRoom } from '../format-units.ts';
import { aloneInCache } from '../host/cache-users.ts';
import type { Host } from '../host/host.ts';
import { describeCache } from './cache-table.ts';

/** `./diorama cache`: what is in the cache, by kind. */
export async function showCache(host: Host, options: { readonly json: boolean }): Promise<number> {
  const entries = await surveyCache(host);
  const limit = cacheLimit(process.env);
  const text = options.json ? JSON.stringify({ cache: host.cache, limit, entries }, null, 2) : describeCache(entries, { cache: host.cache, limit, nowMs: Date.now() }).join('\n');
  process.stdout.write(`${text}\n`);
  return 0;
}

/**
 * `./diorama cache empty [KIND…]`: removes every entry of these kinds, or of all but those that are only named.
 * @throws DioramaError `bad-usage` for a kind that is none, `timed-out` (machine) while another diorama uses the cache
 */
export async function emptyCache(host: Host, kinds: readonly string[]): Promise<number> {
  const unknown = kinds.find((name) => !cacheKinds.some((kind) => kind.name === name));
  if (unknown !== undefined) {
    throw new DioramaError({ blame: 'usage', code: 'bad-usage', message: `cache empty ${unknown}: there is no such kind`, next: `one of ${cacheKinds.map(({ name }) => name).join(', ')}` });
  }
  const meant = new Set(kinds.length > 0 ? kinds : cacheKinds.filter((kind) => kind.keeps !== true).map(({ name }) => name));
  const gone = await alone(host, async () => {
    await removeLeftovers(host);
    const entries = (await surveyCache(host)).filter(({ kind }) => meant.has(kind));
    for (const entry of entries) await removeEntry(host, entry);
    return entries;
  });
  return tell(gone);
}

/** `./diorama cache trim [--to SIZE]`: evicts what was used longest ago until no more than that is left. */
export async function trimCache(host: Host, to: number | undefined): Promise<number> {
  const limit = to ?? cacheLimit(process.env);
  return tell(await alone(host, () => trim(host, { limit, sinceMs: Date.now() })));
}

async function alone(host: Host, work: () => Promise<CacheEntry[]>): Promise<CacheEntry[]> {
  const gone = await aloneInCache(host, work);
  if (gone) return gone;
  throw new DioramaError({ blame: 'machine', code: 'timed-out', message: `${host.cache}: another diorama uses this cache, so nothing was removed`, next: 'wait until it has ended' });
}

function tell(gone: readonly CacheEntry[]): number {
  const bytes = gone.reduce((sum, entry) => sum + entry.bytes, 0);
  process.stdout.write(`${gone.length} ${gone.length === 1 ? 'entry' : 'entries'} removed, ${formatRoom(bytes)} freed\n`);
  return 0;
}
