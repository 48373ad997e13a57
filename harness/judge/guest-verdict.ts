import type { SplatGroup } from './group-splats.ts';
import type { Verdict } from './verdict.ts';

/** What is known of a guest in the host's time that did its work by itself: a stress, a measurement. */
export interface GuestEvidence {
  readonly trace: string;
  readonly console: string;
  readonly ended: 'exit' | 'limit' | 'flood' | 'abort';
  readonly exitCode: number | undefined;
  readonly stderr: string;
  /** Bounds in milliseconds, and of the console in bytes; `clone`, or `boot` of one that goes on from no template, is that of its first word. */
  readonly limits: { readonly scene: number; readonly console: number } & ({ readonly clone: number } | { readonly boot: number });
}

/** What its trace came to. */
export interface GuestTrace {
  readonly whole: boolean;
  readonly trouble?: { readonly what: string; readonly error: string };
  readonly damage?: string;
}

/** isa-debug-exit gives QEMU (code << 1) | 1. */
const orderlyExit = 1;
const gaveUpExit = 3;

/**
 * The verdict of such a guest, by the ladder that judges scenes: the machine, the kernel's complaints, the trace, and what the guest itself found
 * wrong (`found`).
 * @returns undefined where nothing was
 */
export function guestVerdict(evidence: GuestEvidence, given: { readonly splats: readonly SplatGroup[]; readonly trace: GuestTrace; readonly found?: Verdict }): Verdict | undefined {
  const { splats, trace, found } = given;
  return machineVerdict(evidence, splats) ??
    splatVerdict(splats, { whole: trace.whole, found }) ??
    (trace.trouble && evidence.exitCode === gaveUpExit ? error(`the guest has no use of ${trace.trouble.what}${trace.trouble.error ? `: ${trace.trouble.error}` : ''}`) : undefined) ??
    (trace.damage === undefined ? undefined : { kind: 'crash', reason: `its trace is damaged: ${trace.damage}` } satisfies Verdict) ??
    (trace.whole ? undefined : { kind: 'crash', reason: `the guest ended without a word (QEMU exit ${evidence.exitCode ?? '?'})` } satisfies Verdict) ??
    found ??
    (evidence.exitCode === orderlyExit ? undefined : error(`the trace is whole, but QEMU exited with ${evidence.exitCode ?? '?'}: ${evidence.stderr.trim().split('\n')[0] ?? ''}`)) ??
    (evidence.console.trim() === '' ? error('its console is empty, so nobody knows whether the kernel complained') : undefined);
}

function error(reason: string): Verdict {
  return { kind: 'error', reason };
}

function machineVerdict(evidence: GuestEvidence, splats: readonly SplatGroup[]): Verdict | undefined {
  const said = splats[0] ? `; the kernel said: ${splats[0].title}` : '';
  if (evidence.ended === 'flood') return { kind: 'crash', reason: `it flooded its console or trace with more than ${evidence.limits.console} bytes (limit: console)${said}` };
  if (evidence.ended === 'limit') {
    const { limits } = evidence;
    const [name, ms] = 'clone' in limits ? ['clone', limits.clone] : ['boot', limits.boot];
    if (evidence.trace === '') return { kind: 'hang', reason: `the guest never said hello within ${ms / 1000} s (limit: ${name})${said}` };
    return { kind: 'hang', reason: `the guest did not end within ${(ms + limits.scene) / 1000} s (limit: scene)${said}` };
  }
  if (evidence.ended === 'abort') return error('it was interrupted');
  if (evidence.trace === '' && evidence.console === '' && evidence.exitCode !== 0) return error(`QEMU did not run: ${evidence.stderr.trim().split('\n')[0] ?? ''}`);
  return undefined;
}

function splatVerdict(splats: readonly SplatGroup[], given: { readonly whole: boolean; readonly found: Verdict | undefined }): Verdict | undefined {
  const worst = splats.find(({ kind }) => kind === 'bug' || kind === 'oops') ?? splats[0];
  if (!worst) return undefined;
  const more = splats.length > 1 ? `; ${splats.length} different complaints in all` : '';
  const also = given.found === undefined ? '' : `; and ${given.found.reason}`;
  return { kind: given.whole ? 'splat' : 'crash', reason: `the kernel said: ${worst.title} (console line ${worst.line})${more}${also}` };
}
