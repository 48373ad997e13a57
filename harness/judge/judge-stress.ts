import { printable } from '../printable.ts';
import { groupSplats } from './group-splats.ts';
import { guestVerdict, type GuestEvidence } from './guest-verdict.ts';
import { readStressTrace, type StressTally } from './read-stress-trace.ts';
import type { Verdict } from './verdict.ts';

const longestReason = 700;

/**
 * The verdict of a stress, by the ladder that judges scenes: the machine, the kernel's complaints, the trace, what the guest found, and at last
 * whether it ever met what it is about.
 */
export function judgeStress(evidence: GuestEvidence): Verdict {
  const trace = readStressTrace(evidence.trace);
  const { failure } = trace;
  const found = failure === undefined ? undefined : { kind: isHang(failure) ? 'hang' : 'fail', reason: failure } satisfies Verdict;
  const verdict = guestVerdict(evidence, { splats: groupSplats(evidence.console), trace, ...(found && { found }) }) ??
    (trace.missing === undefined ? undefined : { kind: 'skip', reason: `needs ${trace.missing}` } satisfies Verdict) ??
    unmetVerdict(trace.tally) ?? (trace.broughtBack === undefined ? undefined : { kind: 'fail', reason: trace.broughtBack } satisfies Verdict) ?? { kind: 'pass', reason: '' };
  return { ...verdict, reason: printable(verdict.reason, longestReason) };
}

/** As guests/stress/watch.c says it. */
function isHang(failure: string): boolean {
  return /has not returned for \d+ s|does not end$|starve it$/.test(failure);
}

/** What a stress must have met to have meant anything, by the tally's keys. */
const mustMeet: readonly (readonly [keyof StressTally, string])[] = [
  ['judged', 'nothing that was read could be judged'],
  ['met', 'two direct writes never were at the server at once'],
  ['exclusive', 'no direct write came while a file was mapped'],
  ['waits', 'nobody was seen waiting for caching mode'],
  ['quiets', 'it never came to rest'],
  ['evicted', 'no inode was evicted'],
  ['kills', 'nobody was killed'],
];

function unmetVerdict(tally: StressTally | undefined): Verdict | undefined {
  const unmet = mustMeet.filter(([key]) => !(Number(tally?.[key]) > 0)).map(([, words]) => words);
  return unmet.length === 0 ? undefined : { kind: 'error', reason: `no witness: ${unmet.join('; ')}` };
}
