import type { Verdict } from '../judge/verdict.ts';
import type { PlayedScene } from './run-record.ts';

/** A verdict as a record has it. */
export function storedVerdict({ kind, reason, step, issue }: PlayedScene['verdict']): Verdict {
  return { kind, reason, ...(step === undefined ? {} : { step }), ...(issue === undefined ? {} : { issue }) };
}
