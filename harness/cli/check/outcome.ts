/** One thing that `./diorama check` counts: a test, or one of the static checks. */
export interface CheckCase {
  readonly name: string;
  readonly outcome: 'passed' | 'failed' | 'skipped';
  /** What a person needs in order to see why it failed; empty otherwise. */
  readonly evidence: readonly string[];
}

/** One line of the closing table: a static check or a test file. */
export interface CheckedUnit {
  readonly name: string;
  readonly cases: readonly CheckCase[];
  readonly ms: number;
}

/** How many cases of some units ended in each way. */
export function countOutcomes(units: readonly CheckedUnit[]): Readonly<Record<CheckCase['outcome'], number>> {
  const counts = { passed: 0, failed: 0, skipped: 0 };
  for (const { outcome } of units.flatMap(({ cases }) => cases)) counts[outcome] += 1;
  return counts;
}
