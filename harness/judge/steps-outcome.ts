import type { Outcome } from './run-outcome.ts';
import type { ChangeWord } from './series-course.ts';

/** What the prefixes of a series came to. */
export interface StepsResult {
  /** How many patches the series has. */
  readonly of: number;
  readonly changes: readonly { readonly word: ChangeWord; readonly patches: readonly number[] }[];
  /** The prefixes that do not apply, build or boot, by their last patch. */
  readonly unmade: readonly { readonly patch: number; readonly does: string }[];
  /** Verdicts of prefixes that could not be reached. */
  readonly errors: number;
}

/**
 * The outcome of a run whose series was played patch by patch. Each patch has to build and to break nothing by itself, so it is 1 too when
 * a patch breaks what a later one mends, or a prefix is not to be built; 3 when the whole series is not.
 */
export function stepsOutcome(outcome: Outcome, steps: StepsResult): Outcome {
  const broken = steps.changes.some(({ word }) => word === 'broken');
  const whole = steps.unmade.some(({ patch }) => patch === steps.of);
  const exitCode = whole ? 3 : broken || steps.unmade.length > 0 ? 1 : outcome.exitCode === 0 && steps.errors > 0 ? 69 : outcome.exitCode;
  return { ...outcome, exitCode, summary: `${outcome.summary}; ${sentence(steps)}` };
}

function sentence({ of, changes, unmade, errors }: StepsResult): string {
  const counts = new Map<string, number>();
  for (const { word, patches } of changes) {
    const key = `${namePatches(patches, of)} ${verbs[word]}`;
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  const parts = [
    ...[...counts].map(([key, count]) => `${key} ${count} ${count === 1 ? 'scene' : 'scenes'}`),
    ...unmade.map(({ patch, does }) => `patch ${patch}/${of} ${does}`),
    ...(errors > 0 ? [`${errors} verdicts along the series could not be reached`] : []),
  ].sort((a, b) => Number(/\d+/.exec(a)?.[0]) - Number(/\d+/.exec(b)?.[0]));
  return parts.length === 0 ? 'no patch changes a verdict' : parts.join(', ');
}

const verbs: Readonly<Record<ChangeWord, string>> = { broken: 'breaks', mended: 'mends', changed: 'changes' };

/** `patch 3/5`; `patch 2/5 or 3/5` where it is not known which. */
export function namePatches(patches: readonly number[], of: number): string {
  return `patch ${patches.map((patch) => `${patch}/${of}`).join(' or ')}`;
}

/** What a prefix fails to do, by the code of its error. */
export function doesNot(code: string): string {
  if (code === 'series-does-not-apply') return 'does not apply';
  return code === 'boot-failed' ? 'does not boot' : 'does not build';
}
