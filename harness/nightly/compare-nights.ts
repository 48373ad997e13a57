import type { CostChange } from '../judge/compare-measures.ts';
import { usualBounds } from '../judge/compare-measures.ts';
import { compareRuns, type RunComparison } from '../judge/compare-runs.ts';
import type { SceneChange } from '../judge/compare-scenes.ts';
import { runOutcome, type SceneVerdicts } from '../judge/run-outcome.ts';
import type { Verdict, VerdictKind } from '../judge/verdict.ts';
import { printable } from '../printable.ts';
import type { RunRecord } from '../results/run-record.ts';
import { verdictsOf } from '../results/verdicts-of.ts';
import type { NightChange, SceneNote } from './night-state.ts';

const failing: ReadonlySet<VerdictKind> = new Set(['fail', 'splat', 'hang', 'crash']);

type List = 'regressions' | 'fixed' | 'still' | 'unjudged';

/**
 * What became of an entry from its last night's run to tonight's. A kernel as it came is held against itself, as `./diorama compare` does:
 * what was good and is not is a regression, a new complaint or a call that takes more than `slowerNs` longer too. Of a series counts what it
 * breaks on its own base, so that a base that moved is not blamed on it: what it breaks now and did not break before is a regression. What is
 * broken and was never played before is among the regressions too, without a word of what it was.
 */
export function compareNights(before: RunRecord | undefined, now: RunRecord, options: { readonly slowerNs: number }): NightChange {
  const scenes = verdictsOf(now);
  const notes: Record<List, SceneNote[]> = { regressions: [], fixed: [], still: [], unjudged: [] };
  for (const [list, note] of now.series ? notesOfSeries(before, scenes) : notesOfBase(before, { now, scenes, ...options })) notes[list].push(note);
  return { ...(before === undefined ? {} : { baseline: before.id }), scenes: scenes.length, ...notes };
}

function notesOfBase(before: RunRecord | undefined, given: { readonly now: RunRecord; readonly scenes: readonly SceneVerdicts[]; readonly slowerNs: number }): [List, SceneNote][] {
  if (before === undefined) {
    return given.scenes.flatMap(({ scene, base }): [List, SceneNote][] => {
      const list = listOf({ scene, word: 'new', after: base });
      return list === undefined ? [] : [[list, noteOf(scene, { is: base })]];
    });
  }
  const comparison = compareRuns(before, given.now, { beforeSide: 'base', afterSide: 'base', bounds: { ...usualBounds, callNs: given.slowerNs } });
  return comparison.scenes.flatMap((change): [List, SceneNote][] => {
    const list = listOf(change);
    if (list === undefined || change.after === undefined) return [];
    const why = whyOf(change, comparison);
    return [[list, noteOf(change.scene, { is: change.after, was: change.before, ...(why === '' ? {} : { why }) })]];
  });
}

function listOf({ word, before, after }: SceneChange): List | undefined {
  if (after === undefined) return undefined;
  if (after.kind === 'error') return 'unjudged';
  if (word === 'regression') return 'regressions';
  const [badBefore, bad] = [before !== undefined && failing.has(before.kind), failing.has(after.kind)];
  if (word === 'fix' || (badBefore && !bad)) return 'fixed';
  if (!bad) return undefined;
  return badBefore ? 'still' : 'regressions';
}

/** What regressed though the verdict does not say it. */
function whyOf({ scene, by }: SceneChange, { splats, latency }: RunComparison): string {
  if (by === 'splat') return splats.filter((one) => one.scene === scene && one.after > one.before).map(({ title }) => title).join('; ');
  if (by !== 'latency') return '';
  const [first, ...more] = latency.changes.filter((one) => one.scene === scene && one.word === 'slower');
  return first === undefined ? '' : `${first.name}: ${String(first.beforeNs)} ns is ${String(first.afterNs)} ns now${andMore(more)}`;
}

function notesOfSeries(before: RunRecord | undefined, scenes: readonly SceneVerdicts[]): [List, SceneNote][] {
  const earlier = before === undefined ? [] : verdictsOf(before);
  const [words, wordsBefore] = [runOutcome(scenes).comparisons, runOutcome(earlier).comparisons];
  return scenes.flatMap(({ scene, base, patched = base, costs = [] }): [List, SceneNote][] => {
    const word = words.get(scene);
    const [bad, badBefore] = [breaks(word), breaks(wordsBefore.get(scene))];
    const was = earlier.find((one) => one.scene === scene)?.patched;
    if (word === 'error') return [['unjudged', noteOf(scene, { is: patched, was: base })]];
    if (bad) return [[badBefore ? 'still' : 'regressions', noteOf(scene, { is: patched, was: base, ...(word === 'slower' ? { why: slowest(costs) } : {}) })]];
    return badBefore ? [['fixed', noteOf(scene, { is: patched, was })]] : [];
  });
}

function breaks(word: string | undefined): boolean {
  return word === 'regression' || word === 'slower';
}

function slowest(costs: readonly CostChange[]): string {
  const [first, ...more] = costs.filter((cost) => cost.beyond && cost.patchedNs > cost.baseNs);
  return first === undefined ? '' : `${first.operation}, ${first.mode}: ${String(first.baseNs)} ns on the base, ${String(first.patchedNs)} ns with the series${andMore(more)}`;
}

function andMore(more: readonly unknown[]): string {
  return more.length === 0 ? '' : `, and ${String(more.length)} more`;
}

/** `was` is what it is held against; a scene that is good again is told with what was wrong. */
function noteOf(scene: string, given: { readonly is: Verdict; readonly was?: Verdict | undefined; readonly why?: string }): SceneNote {
  const { is, was } = given;
  const reason = given.why ?? (is.reason === '' ? (was?.reason ?? '') : is.reason);
  return { scene, is: is.kind, reason: printable(reason, 600), ...(was === undefined ? {} : { was: was.kind }) };
}
