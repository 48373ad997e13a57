import { sameFailure } from './same-failure.ts';
import type { Verdict } from './verdict.ts';

/** What git bisect is told of a commit. */
export type Mark = 'good' | 'bad' | 'skip';

/**
 * The mark of a verdict, where `sought` is the failure whose origin is looked for; without it every failure is bad. A failure that is
 * another one hides whether the sought one is there, and what could not be judged says nothing: both are skipped, not blamed.
 */
export function markOf(verdict: Verdict, sought: Verdict | undefined): Mark {
  if (verdict.kind === 'pass') return 'good';
  if (verdict.kind === 'skip' || verdict.kind === 'error') return 'skip';
  return sought === undefined || sameFailure(verdict, sought) ? 'bad' : 'skip';
}
