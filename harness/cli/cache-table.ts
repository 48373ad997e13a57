import { cacheKinds } from '../cache/kinds.ts';
import type { CacheEntry } from '../cache/survey.ts';
import { formatDuration, formatRoom } from '../format-units.ts';
import { alignColumns } from './table.ts';

/** The kinds that have entries, the largest first, with what it costs to make one again; the sum and the limit. */
export function describeCache(entries: readonly CacheEntry[], given: { readonly cache: string; readonly limit: number; readonly nowMs: number }): string[] {
  const kinds = [...new Set(entries.map(({ kind }) => kind))].map((name) => {
    const mine = entries.filter(({ kind }) => kind === name);
    const listed = cacheKinds.find((kind) => kind.name === name);
    return {
      name, count: mine.length, bytes: sum(mine), used: Math.max(...mine.map(({ usedMs }) => usedMs)),
      holds: listed?.holds ?? 'what belongs to no kind', again: listed?.again ?? '',
    };
  }).sort((a, b) => b.bytes - a.bytes);
  const rows = kinds.map(({ name, count, bytes, used, holds, again }) => [name, String(count), formatRoom(bytes), ago(given.nowMs - used), holds, again]);
  const total = sum(entries);
  return [
    ...alignColumns([['kind', 'entries', 'size', 'last used', 'holds', 'one costs'], ...rows], [1, 2]),
    '',
    `${formatRoom(total)} in ${given.cache}; the limit is ${formatRoom(given.limit)} (DIORAMA_CACHE_LIMIT). What was used longest ago goes first.`,
  ];
}

function sum(entries: readonly CacheEntry[]): number {
  return entries.reduce((bytes, entry) => bytes + entry.bytes, 0);
}

function ago(ms: number): string {
  const minutes = Math.floor(ms / 60_000);
  if (minutes < 1) return 'just now';
  if (minutes < 120) return `${formatDuration(minutes * 60_000).replace(/ 0 s$/, '')} ago`;
  const hours = Math.floor(minutes / 60);
  return hours < 48 ? `${hours} h ago` : `${Math.floor(hours / 24)} days ago`;
}
