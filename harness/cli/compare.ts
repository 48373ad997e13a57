import type { Side } from '../events.ts';
import { DioramaError } from '../errors.ts';
import type { Host } from '../host/host.ts';
import { compareRuns } from '../judge/compare-runs.ts';
import { ownSide } from '../judge/side-of-run.ts';
import { readRun } from '../results/read-run.ts';
import type { RunRecord } from '../results/run-record.ts';
import { coloursFor } from './colours.ts';
import { describeComparison } from './compare-table.ts';
import { resultsDir } from './results-paths.ts';

export interface CompareOptions {
  readonly side?: Side;
  /** Both in nanoseconds of virtual time. */
  readonly latencyThreshold: number;
  readonly togetherThreshold: number;
  readonly results?: string;
  readonly json: boolean;
}

/**
 * `./diorama compare RUN RUN`: the later run held against the earlier one. Nothing is played.
 * @returns 0 no regression, 1 a regression, 69 the later run left something to be judged, or nothing was played by both
 * @throws DioramaError `bad-usage` or `bad-file` for what is no run, or has no such side
 */
export async function compare(host: Host, names: readonly [before: string, after: string], options: CompareOptions): Promise<number> {
  const results = resultsDir(host, options.results);
  const [before, after] = [await readRun(results, names[0]), await readRun(results, names[1])];
  const comparison = compareRuns(before.record, after.record, {
    beforeSide: sideFor(before.record, options.side), afterSide: sideFor(after.record, options.side), bounds: { callNs: options.latencyThreshold, togetherNs: options.togetherThreshold },
  });
  process.stdout.write(options.json ? `${JSON.stringify(comparison, null, 2)}\n` : `${describeComparison(comparison, coloursFor(process.stdout)).join('\n')}\n`);
  return comparison.exitCode;
}

function sideFor(record: RunRecord, asked: Side | undefined): Side {
  if (asked !== 'patched' || record.series) return asked ?? ownSide(record);
  throw new DioramaError({ blame: 'usage', code: 'bad-usage', message: `--side patched: run ${record.id} has no series`, next: 'leave --side out: a run without a series has its base only' });
}
