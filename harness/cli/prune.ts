import { DioramaError } from '../errors.ts';
import { formatRoom } from '../format-units.ts';
import type { Host } from '../host/host.ts';
import { printable } from '../printable.ts';
import type { Keep } from '../results/prune-plan.ts';
import { pruneRuns, type Pruned } from '../results/prune-runs.ts';
import { resultsDir, shown } from './results-paths.ts';

export interface PruneOptions {
  readonly keep?: number;
  readonly keepDays?: number;
  readonly dryRun: boolean;
  readonly force: boolean;
  readonly results?: string;
  readonly json: boolean;
}

/**
 * `./diorama prune`: removes old runs, and says what that frees.
 * @returns 0, or 69 when a run could not be removed
 * @throws DioramaError `bad-usage` without, or with two, bounds
 */
export async function prune(host: Host, options: PruneOptions): Promise<number> {
  const results = resultsDir(host, options.results);
  const pruned = await pruneRuns(results, { keep: keepOf(options), force: options.force, dryRun: options.dryRun, signal: host.signal });
  const lines = options.json ? [JSON.stringify({ ...pruned, dryRun: options.dryRun }, null, 2)] : describePruned(pruned, { dryRun: options.dryRun, results: shown(results) });
  process.stdout.write(`${lines.join('\n')}\n`);
  return pruned.failed.length === 0 ? 0 : 69;
}

function keepOf({ keep, keepDays }: PruneOptions): Keep {
  if (keep !== undefined && keepDays === undefined) return { kind: 'newest', count: keep };
  if (keepDays !== undefined && keep === undefined) return { kind: 'days', days: keepDays };
  throw new DioramaError({ blame: 'usage', code: 'bad-usage', message: 'prune needs one of --keep N and --keep-days D', next: './diorama prune --keep 30 --dry-run' });
}

function describePruned(pruned: Pruned, given: { readonly dryRun: boolean; readonly results: string }): string[] {
  const { removed, spared, failed, foreign, left, bytes } = pruned;
  const runs = (count: number): string => `${count} ${count === 1 ? 'run' : 'runs'}`;
  return [
    ...removed.map(({ run, bytes: room }) => `${given.dryRun ? 'would remove' : 'removed'} ${printable(run.name)} (${formatRoom(room)})`),
    ...spared.map(({ run, why }) => `kept ${printable(run.name)}: ${printable(why)}`),
    ...failed.map(({ name, why }) => `could not remove ${printable(name)}: ${printable(why)}`),
    ...foreign.map((name) => `left alone ${printable(name)}: it is no run`),
    `${runs(removed.length)} ${given.dryRun ? 'would go' : 'gone'}, ${formatRoom(bytes)} ${given.dryRun ? 'would be free' : 'freed'}, ${runs(left)} left in ${given.results}`,
  ];
}
