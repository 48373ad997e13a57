import type { Verdict, VerdictKind } from './verdict.ts';

/**
 * What a series did to a scene. `changed`: it was not good before and is not good now, but differently. `slower` and `faster`: it is as good
 * as before, and an operation that it measures takes longer, or none does and one takes less time. What is slower is a regression.
 */
export type Comparison = VerdictComparison | 'slower' | 'faster';
/** By its verdicts alone. */
export type VerdictComparison = 'regression' | 'fix' | 'same' | 'changed' | 'error';

const good: ReadonlySet<VerdictKind> = new Set(['pass']);
const neutral: ReadonlySet<VerdictKind> = new Set(['skip', 'known']);

/**
 * The word for a scene's verdicts without and with a series. A scene that could not be judged on either side is an `error`; one
 * that passed and now passes no more, even if only skipped because a capability is gone, is a `regression`.
 */
export function compareSides(base: Verdict, patched: Verdict): VerdictComparison {
  if (base.kind === 'error' || patched.kind === 'error') return 'error';
  if (good.has(base.kind)) return good.has(patched.kind) ? 'same' : 'regression';
  if (good.has(patched.kind)) return 'fix';
  if (neutral.has(base.kind) && !neutral.has(patched.kind)) return 'regression';
  return base.kind === patched.kind && base.reason === patched.reason ? 'same' : 'changed';
}
