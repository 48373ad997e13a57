import { cacheKinds } from './kinds.ts';
import type { CacheEntry } from './survey.ts';

/**
 * What has to go so that no more than `limit` bytes are left: the entries that were used longest ago, of the kinds that may be evicted, and
 * none that was used since `sinceMs`. Where one has to go, a tenth of the limit is made free, so that the next run need not do it again.
 */
export function planTrim(entries: readonly CacheEntry[], given: { readonly limit: number; readonly sinceMs: number }): CacheEntry[] {
  const total = entries.reduce((sum, entry) => sum + entry.bytes, 0);
  if (total <= given.limit) return [];
  const evictable = new Set(cacheKinds.filter((kind) => kind.keeps !== true).map((kind) => kind.name));
  const oldest = entries.filter((entry) => evictable.has(entry.kind) && entry.usedMs < given.sinceMs).sort((a, b) => a.usedMs - b.usedMs || (a.name < b.name ? -1 : 1));
  const going: CacheEntry[] = [];
  let left = total;
  for (const entry of oldest) {
    if (left <= given.limit * 0.9) break;
    going.push(entry);
    left -= entry.bytes;
  }
  return going;
}
