import { randomBytes } from 'node:crypto';
import { readdir, readlink, rename, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { listRuns, type ListedRun } from './list-runs.ts';
import { planPrune, type Keep, type PrunePlan } from './prune-plan.ts';
import { sizeOnDisk } from './size-on-disk.ts';

export interface Pruned {
  readonly removed: readonly { readonly run: ListedRun; readonly bytes: number }[];
  readonly spared: PrunePlan['spared'];
  /** Runs that could not be removed, and why. */
  readonly failed: readonly { readonly name: string; readonly why: string }[];
  /** What else is there, and was left alone. */
  readonly foreign: readonly string[];
  /** How many runs are left. */
  readonly left: number;
  readonly bytes: number;
}

/** What an earlier prune, killed in the middle, left of a run. */
const halfGone = /^\.prune-\d{4}-\d\d-\d\dT\d{6}-[\da-f]{4}-[\da-f]{8}$/;

/** Names that diorama gives: a run, whose id is its name, and what is beside runs. */
const runName = /^\d{4}-\d\d-\d\dT\d{6}-[\da-f]{4}$/;
const ours = new Set(['latest', 'index.jsonl', 'README.md', 'prove', 'replay', 'stable', 'watch']);

/**
 * Removes old runs from a results directory. A run is renamed and then removed, so that it is there whole or not at all: what a kill leaves
 * half removed is removed by the next call. Links are never followed, and nothing goes that is not a directory of diorama's making.
 * @throws DioramaError `bad-usage` when the directory cannot be listed
 */
export async function pruneRuns(results: string, given: { readonly keep: Keep; readonly force: boolean; readonly dryRun: boolean; readonly signal: AbortSignal }): Promise<Pruned> {
  const { runs } = await listRuns(results);
  const latest = await readlink(join(results, 'latest')).then(basename, () => undefined);
  const plan = planPrune(runs, { keep: given.keep, latest, force: given.force, nowMs: Date.now() });
  const removed: { run: ListedRun; bytes: number }[] = [];
  const failed: { name: string; why: string }[] = [];
  const entries = await readdir(results, { withFileTypes: true }).catch(() => []);
  if (!given.dryRun) for (const entry of entries) if (entry.isDirectory() && halfGone.test(entry.name)) await rm(join(results, entry.name), { recursive: true, force: true });
  let bytes = 0;
  for (const run of plan.remove) {
    given.signal.throwIfAborted();
    const size = sizeOnDisk(join(results, run.name));
    const why = given.dryRun ? undefined : await remove(results, run.name);
    if (why !== undefined) {
      failed.push({ name: run.name, why });
      continue;
    }
    removed.push({ run, bytes: size });
    bytes += size;
  }
  // So that the next list need not find out that they are gone.
  if (removed.length > 0 && !given.dryRun) await listRuns(results);
  const known = new Set(runs.map((run) => run.name));
  const foreign = entries.map((entry) => entry.name).filter((name) => !known.has(name) && !ours.has(name) && !halfGone.test(name)).sort();
  return { removed, spared: plan.spared, failed, foreign, left: runs.length - removed.length, bytes };
}

/** @returns why it could not be done */
async function remove(results: string, name: string): Promise<string | undefined> {
  if (!runName.test(name)) return 'it has no name of diorama\'s';
  const aside = join(results, `.prune-${name}-${randomBytes(4).toString('hex')}`);
  try {
    await rename(join(results, name), aside);
    await rm(aside, { recursive: true, force: true });
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}
