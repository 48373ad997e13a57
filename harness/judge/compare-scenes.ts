import { compareSides } from './compare-sides.ts';
import { sameVariant, type Row, type RunSide } from './side-of-run.ts';
import type { Verdict } from './verdict.ts';
import { withoutPlaces } from './without-places.ts';

/**
 * What became of a scene from one run to another. `changed`: not good before and not good now, but differently; `known`: it fails as a listed
 * issue says, and did not pass before; `new` and `gone`: only one of the runs played it; `error`: one of the two could not judge it.
 */
export type SceneWord = 'regression' | 'fix' | 'changed' | 'known' | 'same' | 'new' | 'gone' | 'error';

/** In the order in which people should read them. */
export const sceneWords: readonly SceneWord[] = ['regression', 'error', 'changed', 'fix', 'gone', 'new', 'known', 'same'];

export interface SceneChange {
  readonly scene: string;
  readonly word: SceneWord;
  /** Where it regressed though its verdict alone would not say so. */
  readonly by?: 'splat' | 'latency';
  readonly before?: Verdict;
  readonly after?: Verdict;
  /** Whether the two traces are the same to the byte; left out where a run did not keep that. */
  readonly trace?: 'same' | 'different';
}

/** Every scene of either run, in name order. */
export function compareScenes(before: RunSide, after: RunSide): SceneChange[] {
  const plain = sameVariant(before, after) ? (text: string): string => text : withoutPlaces;
  return [...new Set([...before.rows.keys(), ...after.rows.keys()])].sort().map((scene) => {
    const [one, other] = [before.rows.get(scene), after.rows.get(scene)];
    return {
      scene,
      word: wordFor(one && verdictOf(one), other && verdictOf(other), plain),
      ...(one && { before: verdictOf(one) }),
      ...(other && { after: verdictOf(other) }),
      ...(one?.traceId !== undefined && other?.traceId !== undefined && { trace: one.traceId === other.traceId ? 'same' : 'different' }),
    };
  });
}

function wordFor(before: Verdict | undefined, after: Verdict | undefined, plain: (text: string) => string): SceneWord {
  if (!before) return 'new';
  if (!after) return 'gone';
  const word = compareSides({ ...before, reason: plain(before.reason) }, { ...after, reason: plain(after.reason) });
  const otherIssue = before.kind === 'known' && before.issue !== after.issue;
  return (word === 'same' || word === 'changed') && after.kind === 'known' && !otherIssue ? 'known' : word;
}

function verdictOf({ verdict: { kind, reason, step, issue } }: Row): Verdict {
  return { kind, reason, ...(step === undefined ? {} : { step }), ...(issue === undefined ? {} : { issue }) };
}
