import { printable } from '../printable.ts';
import { groupSplats } from './group-splats.ts';
import { guestVerdict, type GuestEvidence } from './guest-verdict.ts';
import { readLatencyTrace } from './read-latency-trace.ts';
import type { Verdict } from './verdict.ts';

const longestReason = 700;

/** What a boot that measured came to. One in which no direct write ended has measured nothing. */
export function judgeLatency(evidence: GuestEvidence): Verdict {
  const trace = readLatencyTrace(evidence.trace);
  const idle = !trace.cells.some(({ operation, done }) => operation === 'pwrite' && done > 0);
  const verdict = guestVerdict(evidence, { splats: groupSplats(evidence.console), trace }) ?? (idle ? { kind: 'error', reason: 'no witness: no direct write ended within its window' } as const : { kind: 'pass', reason: '' } as const);
  return { ...verdict, reason: printable(verdict.reason, longestReason) };
}
