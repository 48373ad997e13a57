import type { CostBounds } from '../judge/compare-measures.ts';
import { compareRuns, type RunComparison } from '../judge/compare-runs.ts';
import { ownSide } from '../judge/side-of-run.ts';
import type { RunRecord } from '../results/run-record.ts';

/** A run held against its baseline. One without a series is held against the base of it: what somebody's series did there is not its concern. */
export function compareWithBaseline(baseline: RunRecord, record: RunRecord, bounds: CostBounds): RunComparison {
  const afterSide = ownSide(record);
  return compareRuns(baseline, record, { beforeSide: afterSide === 'base' ? 'base' : ownSide(baseline), afterSide, bounds });
}
