import { alignColumns } from '../table.ts';
import { type CheckCase, type CheckedUnit, countOutcomes } from './outcome.ts';

/** The failed cases with their evidence in full, then the table, then the counts alone on the last line. */
export function describeCheck(units: readonly CheckedUnit[], logs: string): string[] {
  const failures = units.flatMap((unit) =>
    unit.cases.filter(({ outcome }) => outcome === 'failed').flatMap((one) => describeFailure(unit, one)),
  );
  return [...failures, '', ...describeTable(units), '', `logs: ${logs}`, ...skippedLine(units), countsLine(units)];
}

/** `N passed, N failed` and no more: the line that test runners' readers look for. What was skipped stands in the table, and in a line before. */
export function countsLine(units: readonly CheckedUnit[]): string {
  const { passed, failed } = countOutcomes(units);
  return `${String(passed)} passed, ${String(failed)} failed`;
}

function skippedLine(units: readonly CheckedUnit[]): string[] {
  const { skipped } = countOutcomes(units);
  return skipped === 0 ? [] : [`${String(skipped)} skipped`];
}

function describeFailure(unit: CheckedUnit, { name, evidence }: CheckCase): string[] {
  return ['', `FAILED  ${unit.name === name ? name : `${unit.name} › ${name}`}`, ...evidence.map((line) => `    ${line}`.trimEnd())];
}

function describeTable(units: readonly CheckedUnit[]): string[] {
  const rows = units.map((unit) => {
    const { passed, failed, skipped } = countOutcomes([unit]);
    return [unit.name, String(passed), String(failed), String(skipped), `${(unit.ms / 1000).toFixed(1)} s`];
  });
  return alignColumns([['check', 'passed', 'failed', 'skipped', 'time'], ...rows], [1, 2, 3, 4]);
}
