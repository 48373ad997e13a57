import { printable } from '../printable.ts';
import { groupSplats, type SplatGroup } from './group-splats.ts';
import { readStressTrace, type StressTally } from './read-stress-trace.ts';
import type { Verdict } from './verdict.ts';

/** What is known of one stress. */
export interface StressEvidence {
  readonly trace: string;
  readonly console: string;
  readonly ended: 'exit' | 'limit' | 'flood' | 'abort';
  readonly exitCode: number | undefined;
  readonly stderr: string;
  /** Bounds in milliseconds, and of the console in bytes. */
  readonly limits: { readonly clone: number; readonly scene: number; readonly console: number };
}

/** isa-debug-exit gives QEMU (code << 1) | 1. */
const orderlyExit = 1;
const gaveUpExit = 3;
const longestReason = 700;

/**
 * The verdict of a stress, by the ladder that judges scenes: the machine, the kernel's complaints, the trace, what the guest found, and at last
 * whether it ever met what it is about.
 */
export function judgeStress(evidence: StressEvidence): Verdict {
  const trace = readStressTrace(evidence.trace);
  const splats = groupSplats(evidence.console);
  const verdict = machineVerdict(evidence, splats) ??
    splatVerdict(splats, { whole: trace.whole, failure: trace.failure }) ??
    (trace.trouble && evidence.exitCode === gaveUpExit ? error(`the guest has no use of ${trace.trouble.what}${trace.trouble.error ? `: ${trace.trouble.error}` : ''}`) : undefined) ??
    (trace.damage === undefined ? undefined : { kind: 'crash', reason: `its trace is damaged: ${trace.damage}` } satisfies Verdict) ??
    (trace.whole ? undefined : { kind: 'crash', reason: `the guest ended without a word (QEMU exit ${evidence.exitCode ?? '?'})` } satisfies Verdict) ??
    (trace.failure === undefined ? undefined : { kind: isHang(trace.failure) ? 'hang' : 'fail', reason: trace.failure } satisfies Verdict) ??
    (evidence.exitCode === orderlyExit ? undefined : error(`the trace is whole, but QEMU exited with ${evidence.exitCode ?? '?'}: ${evidence.stderr.trim().split('\n')[0] ?? ''}`)) ??
    (evidence.console.trim() === '' ? error('its console is empty, so nobody knows whether the kernel complained') : undefined) ??
    (trace.missing === undefined ? undefined : { kind: 'skip', reason: `needs ${trace.missing}` } satisfies Verdict) ??
    unmetVerdict(trace.tally) ?? (trace.broughtBack === undefined ? undefined : { kind: 'fail', reason: trace.broughtBack } satisfies Verdict) ?? { kind: 'pass', reason: '' };
  return { ...verdict, reason: printable(verdict.reason, longestReason) };
}

function error(reason: string): Verdict {
  return { kind: 'error', reason };
}

/** As guests/stress/watch.c says it. */
function isHang(failure: string): boolean {
  return /has not returned for \d+ s|does not end$|starve it$/.test(failure);
}

function machineVerdict(evidence: StressEvidence, splats: readonly SplatGroup[]): Verdict | undefined {
  const said = splats[0] ? `; the kernel said: ${splats[0].title}` : '';
  if (evidence.ended === 'flood') return { kind: 'crash', reason: `it flooded its console or trace with more than ${evidence.limits.console} bytes (limit: console)${said}` };
  if (evidence.ended === 'limit') {
    if (evidence.trace === '') return { kind: 'hang', reason: `the guest never said hello within ${evidence.limits.clone / 1000} s (limit: clone)${said}` };
    return { kind: 'hang', reason: `the guest did not end within ${(evidence.limits.clone + evidence.limits.scene) / 1000} s (limit: scene)${said}` };
  }
  if (evidence.ended === 'abort') return error('it was interrupted');
  if (evidence.trace === '' && evidence.console === '' && evidence.exitCode !== 0) return error(`QEMU did not run: ${evidence.stderr.trim().split('\n')[0] ?? ''}`);
  return undefined;
}

function splatVerdict(splats: readonly SplatGroup[], given: { readonly whole: boolean; readonly failure: string | undefined }): Verdict | undefined {
  const worst = splats.find(({ kind }) => kind === 'bug' || kind === 'oops') ?? splats[0];
  if (!worst) return undefined;
  const more = splats.length > 1 ? `; ${splats.length} different complaints in all` : '';
  const also = given.failure === undefined ? '' : `; and ${given.failure}`;
  return { kind: given.whole ? 'splat' : 'crash', reason: `the kernel said: ${worst.title} (console line ${worst.line})${more}${also}` };
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
  return unmet.length === 0 ? undefined : error(`no witness: ${unmet.join('; ')}`);
}
