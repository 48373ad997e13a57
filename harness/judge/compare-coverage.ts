import { ruleGroups } from '../model/rules.ts';
import type { RunSide } from './side-of-run.ts';

/** Rules (harness/model/rules.ts) that were tried in one of the runs only, in the order of the rules. */
export interface CoverageChange {
  readonly before: number;
  readonly after: number;
  readonly lost: readonly string[];
  readonly gained: readonly string[];
}

/** A rule is tried by a scene that protects it and that was neither skipped nor beyond judging. */
const untried = new Set(['skip', 'error']);

const rank = new Map(ruleGroups.flatMap((group) => group.rules).map((rule, index) => [rule.id, index]));

/** @returns undefined when a run is of a diorama that did not keep what its scenes cover */
export function compareCoverage(before: RunSide, after: RunSide): CoverageChange | undefined {
  const [one, other] = [rulesOf(before), rulesOf(after)];
  if (!one || !other) return undefined;
  const only = (these: ReadonlySet<string>, those: ReadonlySet<string>): string[] =>
    [...these].filter((id) => !those.has(id)).sort((a, b) => (rank.get(a) ?? rank.size) - (rank.get(b) ?? rank.size) || (a < b ? -1 : 1));
  return { before: one.size, after: other.size, lost: only(one, other), gained: only(other, one) };
}

function rulesOf(run: RunSide): Set<string> | undefined {
  const rows = [...run.rows.values()];
  if (rows.some((row) => row.covers === undefined)) return undefined;
  return new Set(rows.filter((row) => !untried.has(row.verdict.kind)).flatMap((row) => row.covers ?? []));
}
