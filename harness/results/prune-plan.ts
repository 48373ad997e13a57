import type { ListedRun } from './list-runs.ts';

/** Which runs stay: so many of the newest, or those of so many days. */
export type Keep = { readonly kind: 'newest'; readonly count: number } | { readonly kind: 'days'; readonly days: number };

export interface PrunePlan {
  readonly remove: readonly ListedRun[];
  /** Runs that would go by their age and stay, with the reason. */
  readonly spared: readonly { readonly run: ListedRun; readonly why: string }[];
}

const dayMs = 24 * 60 * 60 * 1000;

/**
 * What pruning removes of runs, newest first. A run that goes on, the one that `latest` points at, and one that says no date stay
 * always, and so does a copy that does not bear its run's id, which does not count as one of the newest either; what a run that stays was compared with stays too, unless `force`.
 */
export function planPrune(
  all: readonly ListedRun[],
  given: { readonly keep: Keep; readonly latest: string | undefined; readonly force: boolean; readonly nowMs: number },
): PrunePlan {
  const { keep } = given;
  const [runs, copies] = [all.filter((run) => run.name === run.id), all.filter((run) => run.name !== run.id)];
  const isOld = (run: ListedRun, index: number): boolean =>
    keep.kind === 'newest' ? index >= keep.count : given.nowMs - Date.parse(run.started) > keep.days * dayMs;
  const spared = new Map(copies.map((run) => [run, `it is a copy: its run is ${run.id}`]));
  runs.filter(isOld).forEach((run) => {
    const why = alwaysStays(run, given.latest);
    if (why !== undefined) spared.set(run, why);
  });
  const staying = [...runs.filter((run, index) => !isOld(run, index) || spared.has(run)), ...copies];
  // Only theirs: were the baseline of a baseline kept as well, a chain of nights would keep every run there ever was.
  const needed = new Map(given.force ? [] : staying.flatMap((run): [string, string][] => (run.baseline === undefined ? [] : [[run.baseline, run.id]])));
  runs.filter(isOld).forEach((run) => {
    const by = needed.get(run.id);
    if (by !== undefined && !spared.has(run)) spared.set(run, `it is the baseline of ${by}`);
  });
  return { remove: runs.filter((run, index) => isOld(run, index) && !spared.has(run)), spared: all.flatMap((run) => whyOf(run, spared)) };
}

function whyOf(run: ListedRun, spared: ReadonlyMap<ListedRun, string>): { run: ListedRun; why: string }[] {
  const why = spared.get(run);
  return why === undefined ? [] : [{ run, why }];
}

function alwaysStays(run: ListedRun, latest: string | undefined): string | undefined {
  if (run.status === 'running') return 'it is running';
  if (run.name === latest) return 'latest points at it';
  return Number.isNaN(Date.parse(run.started)) ? 'nobody can tell when it was' : undefined;
}
