import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Cell, NightlyState } from './night-state.ts';

/** The last `keep` nights, and what is remembered of entries. */
export function forgetNights(state: NightlyState, keep: number): NightlyState {
  return { ...state, nights: state.nights.slice(-keep) };
}

/**
 * Removes the runs of entries that neither a night leads to nor a later one is compared with, and that began before the oldest night
 * that is kept; a directory without a run, or of somebody else, stays.
 */
export async function pruneRuns(results: string, state: NightlyState): Promise<void> {
  const [oldest] = state.nights;
  if (oldest === undefined) return;
  const wanted = new Set([
    ...state.nights.flatMap((night) => Object.values(night.cells)).flatMap(runOf),
    ...Object.values(state.entries).flatMap(({ baseline, last }) => [...(baseline ? [baseline.run] : []), ...(last?.run === undefined ? [] : [last.run])]),
  ]);
  const before = oldest.started.slice(0, 19).replaceAll(':', '');
  for (const entry of Object.keys(state.entries)) {
    const runs = await readdir(join(results, entry)).catch(() => []);
    for (const run of runs) {
      if (/^\d{4}-\d\d-\d\dT\d{6}-[0-9a-f]{4}$/.test(run) && run < before && !wanted.has(join(entry, run))) await rm(join(results, entry, run), { recursive: true, force: true });
    }
  }
}

function runOf(cell: Cell): string[] {
  if (cell.kind === 'unplayed') return [];
  const { run } = cell.kind === 'unchanged' ? cell.last : cell;
  return run === undefined ? [] : [run];
}
