import { compareSides } from './compare-sides.ts';
import type { Verdict } from './verdict.ts';

export type ChangeWord = 'broken' | 'mended' | 'changed';

/** A scene's verdict is another after a patch of a series. */
export interface Change {
  readonly word: ChangeWord;
  /** The patches that it can be, counted from 1: more than one where those between could not be judged. */
  readonly patches: readonly number[];
  readonly from: Verdict;
  readonly to: Verdict;
}

/**
 * Where a scene's verdict changes along a series. `steps` are its verdicts with the first patch, the first two and so on; undefined where
 * that many patches do not build. What could not be judged takes no part: a change across it is one of several patches'.
 */
export function courseOf(base: Verdict, steps: readonly (Verdict | undefined)[]): Change[] {
  const changes: Change[] = [];
  let before: { readonly verdict: Verdict; readonly patch: number } | undefined = base.kind === 'error' ? undefined : { verdict: base, patch: 0 };
  for (const [at, verdict] of steps.entries()) {
    if (verdict === undefined || verdict.kind === 'error') continue;
    const patch = at + 1;
    const word = before && wordOf(before.verdict, verdict);
    if (before && word) changes.push({ word, patches: range(before.patch + 1, patch), from: before.verdict, to: verdict });
    before = { verdict, patch };
  }
  return changes;
}

function wordOf(before: Verdict, now: Verdict): ChangeWord | undefined {
  const word = compareSides(before, now);
  if (word === 'regression') return 'broken';
  if (word === 'fix') return 'mended';
  return word === 'changed' ? 'changed' : undefined;
}

function range(first: number, last: number): number[] {
  return Array.from({ length: last - first + 1 }, (_, at) => first + at);
}
