import type { CostChange } from '../judge/compare-measures.ts';
import { compareSides } from '../judge/compare-sides.ts';
import { runOutcome, type SceneVerdicts } from '../judge/run-outcome.ts';
import type { Verdict } from '../judge/verdict.ts';
import { printable } from '../printable.ts';
import type { RunRecord } from '../results/run-record.ts';
import { verdictsOf } from '../results/verdicts-of.ts';
import type { NightChange, SceneNote } from './night-state.ts';

const failing: ReadonlySet<string> = new Set(['fail', 'splat', 'hang', 'crash']);

/**
 * What became of an entry from its last night's run to tonight's. A kernel as it came is held against itself: what was good and is not
 * is a regression. Of a series counts what it breaks on its own base, so that a base that moved is not blamed on it: what it breaks now
 * and did not break before is a regression. Without a run before, everything that is broken counts as a regression.
 */
export function compareNights(before: RunRecord | undefined, now: RunRecord): NightChange {
  const scenes = verdictsOf(now);
  const notes: Record<'regressions' | 'fixed' | 'still' | 'unjudged', SceneNote[]> = { regressions: [], fixed: [], still: [], unjudged: [] };
  const earlier = new Map((before === undefined ? [] : verdictsOf(before)).map((one) => [one.scene, one]));
  const words = runOutcome(scenes).comparisons;
  const wordsBefore = before === undefined ? undefined : runOutcome([...earlier.values()]).comparisons;
  for (const one of scenes) {
    const was = earlier.get(one.scene);
    const list = now.series ? listOfSeries(words.get(one.scene), wordsBefore?.get(one.scene)) : listOfBase(was?.base, one.base);
    if (list !== undefined) notes[list].push(noteOf(one, list === 'fixed' || !now.series ? (was?.patched ?? was?.base) : one.base));
  }
  return { ...(before === undefined ? {} : { baseline: before.id }), scenes: scenes.length, ...notes };
}

type List = 'regressions' | 'fixed' | 'still' | 'unjudged' | undefined;

function listOfBase(was: Verdict | undefined, is: Verdict): List {
  if (is.kind === 'error') return 'unjudged';
  const bad = failing.has(is.kind);
  if (was === undefined || was.kind === 'error') return bad ? 'regressions' : undefined;
  const word = compareSides(was, is);
  if (word === 'regression') return 'regressions';
  if (word === 'fix' || (failing.has(was.kind) && !bad)) return 'fixed';
  return bad ? 'still' : undefined;
}

function listOfSeries(is: string | undefined, was: string | undefined): List {
  if (is === 'error') return 'unjudged';
  const [bad, badBefore] = [breaks(is), breaks(was)];
  if (bad) return badBefore ? 'still' : 'regressions';
  return badBefore ? 'fixed' : undefined;
}

function breaks(word: string | undefined): boolean {
  return word === 'regression' || word === 'slower';
}

/** `was` is what it is held against. */
function noteOf({ scene, base, patched, costs = [] }: SceneVerdicts, was: Verdict | undefined): SceneNote {
  const is = patched ?? base;
  const reason = is.reason !== '' ? is.reason : slowest(costs) || (was?.reason ?? '');
  return { scene, is: is.kind, reason: printable(reason, 600), ...(was === undefined ? {} : { was: was.kind }) };
}

function slowest(costs: readonly CostChange[]): string {
  const [first, ...more] = costs.filter((cost) => cost.beyond && cost.patchedNs > cost.baseNs);
  if (first === undefined) return '';
  return `${first.operation}, ${first.mode}: ${String(first.baseNs)} ns on the base, ${String(first.patchedNs)} ns with the series${more.length > 0 ? `, and ${String(more.length)} more` : ''}`;
}
