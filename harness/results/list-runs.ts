import type { BigIntStats, Dirent } from 'node:fs';
import { lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { DioramaError } from '../errors.ts';
import { readIndex, writeIndex, type IndexEntry } from './run-index.ts';
import { statusOf } from './run-process.ts';
import { readRecord } from './read-record.ts';
import { summariseRun, type RunSummary } from './run-summary.ts';
import type { RunRecord } from './run-record.ts';

/** A stored run: the name of its directory, its record in short, and what became of it. */
export interface ListedRun extends Omit<RunSummary, 'status'> {
  readonly name: string;
  /** `killed`: it says `running`, and its process is gone. */
  readonly status: RunRecord['status'] | 'killed';
}

export interface RunList {
  /** Newest first. */
  readonly runs: readonly ListedRun[];
  /** Directories whose run.json is none, by name, with what is wrong. */
  readonly broken: readonly { readonly name: string; readonly why: string }[];
  /** How many run.json were read; the others were known from the index. */
  readonly recordsRead: number;
}

/** Ten times what a run of a thousand scenes has. */
const mostBytes = 64n * 1024n * 1024n;

/** Files looked at together: more make nothing faster. */
const together = 64;

/**
 * The runs in a directory, newest first. Only records that changed since the last list are read; the others are known from the index beside
 * them (run-index.ts), which is a cache and is written again when it does not hold.
 */
export async function listRuns(results: string): Promise<RunList> {
  const entries = (await readdir(results, { withFileTypes: true }).catch((error: unknown) => notThere(error, results))).filter((entry) => entry.isDirectory() && !entry.name.startsWith('.'));
  const known = await readIndex(results);
  const seen = (await inGroups(entries, (entry) => look(results, entry, known))).flatMap((found) => (found ? [found] : []));
  const indexed = seen.flatMap(({ entry }) => (entry ? [entry] : []));
  if (seen.some(({ read, entry }) => read && entry) || indexed.length !== known.size) await writeIndex(results, indexed);
  const nowMs = Date.now();
  const runs = await inGroups(indexed, async ({ name, key, summary }): Promise<ListedRun> => ({
    ...summary, name, status: await statusOf(summary, { changedMs: changedMsOf(key), nowMs }),
  }));
  return {
    runs: runs.sort((a, b) => (a.started === b.started ? order(b.name, a.name) : order(b.started, a.started))),
    broken: seen.flatMap(({ name, why }) => (why === undefined ? [] : [{ name, why }])).sort((a, b) => order(a.name, b.name)),
    recordsRead: seen.filter(({ read }) => read).length,
  };
}

interface Seen {
  readonly name: string;
  /** Whether its run.json had to be read. */
  readonly read: boolean;
  readonly entry?: IndexEntry;
  readonly why?: string;
}

/** Undefined for a directory that holds no run. Nothing but plain files is opened: a fifo would never end. */
async function look(results: string, { name }: Dirent, known: ReadonlyMap<string, IndexEntry>): Promise<Seen | undefined> {
  const file = join(results, name, 'run.json');
  const stat = await lstat(file, { bigint: true }).catch(() => undefined);
  if (!stat?.isFile()) return undefined;
  const key = keyOf(stat);
  const before = known.get(name);
  if (before?.key === key) return { name, read: false, entry: before };
  if (stat.size > mostBytes) return { name, read: false, why: `${file}: not a run of this diorama: it has ${String(stat.size)} bytes` };
  try {
    const record = await readRecord(file);
    return record && { name, read: true, entry: { name, key, summary: summariseRun(record) } };
  } catch (error) {
    if (!(error instanceof DioramaError)) throw error;
    return { name, read: true, why: error.message };
  }
}

/** A record is replaced whole, so another content is another file. */
function keyOf(stat: BigIntStats): string {
  return [stat.mtimeNs, stat.ino, stat.size].map(String).join('-');
}

function changedMsOf(key: string): number {
  return Number(BigInt(key.split('-')[0] ?? '0') / 1_000_000n);
}

function notThere(error: unknown, results: string): Dirent[] {
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === 'ENOENT') return [];
  throw new DioramaError({ blame: 'usage', code: 'bad-usage', message: `${results}: cannot be listed: ${message}` });
}

async function inGroups<T, R>(all: readonly T[], work: (one: T) => Promise<R>): Promise<R[]> {
  const done: R[] = [];
  for (let at = 0; at < all.length; at += together) done.push(...(await Promise.all(all.slice(at, at + together).map(work))));
  return done;
}

function order(a: string, b: string): number {
  return a === b ? 0 : a < b ? -1 : 1;
}
