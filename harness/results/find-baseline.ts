import { DioramaError } from '../errors.ts';
import { listRuns, type ListedRun } from './list-runs.ts';
import { readRun } from './read-run.ts';
import type { RunRecord } from './run-record.ts';

/** What a run is made with: a baseline of the same is like for like. */
export type Circumstance = Pick<RunRecord, 'guest' | 'guestId' | 'config' | 'configId'> & {
  /** Undefined for a kernel that is built already: it says so only when it is there. */
  readonly compiler: string | undefined;
};

/**
 * The run to compare with: the one that is named, or for `latest` the newest finished one with the same guest, config and compiler that
 * played something.
 * @returns undefined when `latest` finds none
 * @throws DioramaError `bad-usage` or `bad-file` for a name that is no run
 */
export async function findBaseline(results: string, asked: string, like: Circumstance): Promise<RunRecord | undefined> {
  if (asked !== 'latest') return (await readRun(results, asked)).record;
  const { runs } = await listRuns(results);
  for (const run of runs) {
    if (run.status !== 'done' || !isLike(run, like) || Object.keys(run.base).length === 0) continue;
    try {
      return (await readRun(results, run.name)).record;
    } catch (error) {
      // Somebody pruned it just now.
      if (!(error instanceof DioramaError)) throw error;
    }
  }
  return undefined;
}

function isLike(run: ListedRun, like: Circumstance): boolean {
  const same = (a: string | undefined, b: string | undefined): boolean => a === undefined || b === undefined || a === b;
  return run.guest === like.guest && run.config === like.config && (like.compiler === undefined || run.compiler === like.compiler) && same(run.guestId, like.guestId) && same(run.configId, like.configId);
}
