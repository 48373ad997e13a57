import type { Call, Outcome } from './types.ts';

/** What an actor's own call must come to: what the scene says, else that it returns as asked, or ends. */
export function ownOutcome(call: Call | undefined, expect: Outcome | undefined): Outcome {
  return expect ?? { kind: call?.kind === 'exit' ? 'ends' : 'returns' };
}
