import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Host } from '../host/host.ts';
import { runProgram } from '../host/run-program.ts';
import { cacheKinds, type CacheKind } from './kinds.ts';

/** One thing in the cache that can go by itself. */
export interface CacheEntry {
  readonly kind: string;
  readonly name: string;
  /** Room on the disk. */
  readonly bytes: number;
  /** When it was last made or used, in milliseconds since 1970. */
  readonly usedMs: number;
}

const boundMs = 10 * 60_000;

/** Every entry of the cache, by du(1) and the entries' mtime, which is set when one is used; of what is no kind of ours one `other` each. */
export async function surveyCache(host: Host): Promise<CacheEntry[]> {
  const kinds = new Map(cacheKinds.map((kind) => [kind.name, kind]));
  const found: CacheEntry[] = [];
  for (const name of (await readdir(host.cache).catch(() => [])).sort()) {
    const kind = kinds.get(name);
    if (kind) found.push(...(await entriesOf(host, kind)));
    else if (!name.startsWith('.')) found.push(...(await sized(host, { kind: 'other', home: host.cache, names: [name] })));
  }
  return found;
}

async function entriesOf(host: Host, kind: CacheKind): Promise<CacheEntry[]> {
  const home = join(host.cache, kind.name);
  const names = (await readdir(home).catch(() => [])).filter((name) => !name.startsWith('.'));
  if (kind.files !== true) return sized(host, { kind: kind.name, home, names });
  const entries = await Promise.all(names.map((name) => stat(join(home, name)).then(({ blocks, mtimeMs }) => ({ kind: kind.name, name, bytes: blocks * 512, usedMs: mtimeMs }), () => undefined)));
  return entries.filter((entry) => entry !== undefined);
}

async function sized(host: Host, given: { readonly kind: string; readonly home: string; readonly names: readonly string[] }): Promise<CacheEntry[]> {
  const { kind, home, names } = given;
  if (names.length === 0) return [];
  const input = names.map((name) => `./${name}\0`).join('');
  // Some of them may go while du looks; what it could read counts.
  const finished = await runProgram({ file: 'du', args: ['-sk', '-0', '--files0-from=-'], cwd: home, input, timeoutMs: boundMs, signal: host.signal });
  const rooms = finished.stdout.toString('utf8').split('\0').filter((row) => row !== '').map((row) => row.split('\t'));
  const entries = await Promise.all(rooms.map(async ([kib = '0', path = '']) => {
    const usedMs = await stat(join(home, path)).then(({ mtimeMs }) => mtimeMs, () => undefined);
    return usedMs === undefined ? undefined : { kind, name: path.slice(2), bytes: Number(kib) * 1024, usedMs };
  }));
  return entries.filter((entry) => entry !== undefined);
}
