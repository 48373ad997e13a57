import { chooseGeneration, findGeneration, type Generation } from '../model/generations.ts';
import { sceneFor } from '../model/scene-for.ts';
import { printable } from '../printable.ts';
import type { Scenario } from '../scenario/types.ts';
import { checkStaging } from './check-staging.ts';
import { checkSteps, type Parting } from './check-steps.ts';
import { checkWrites } from './check-writes.ts';
import { findCpuPlace } from './find-cpu-place.ts';
import { findSplats, type Splat } from './find-splats.ts';
import { missingWitness } from './find-witness.ts';
import { followActors } from './follow-actors.ts';
import { missingCapability, offerIn } from './missing-capability.ts';
import { parseTrace, type Trace, type TraceEvent } from './parse-trace.ts';
import type { Verdict } from './verdict.ts';

/** What is known of one played scene. */
export interface Evidence {
  readonly trace: string;
  readonly console: string;
  /** How the guest ended; `exitCode` is QEMU's: 1 when the stage ended the machine in order, 3 when it gave up, 0 after a panic. */
  readonly ended: 'exit' | 'limit' | 'flood' | 'abort';
  readonly exitCode: number | undefined;
  readonly stderr: string;
  /** The kernel's own version, from its source. */
  readonly version: string;
  /** The generation whose model is to judge, where somebody wants another than the kernel's own (harness/model/generations.ts). */
  readonly model?: string;
  /** Bounds in milliseconds, for the sentence that names the one that was hit. */
  readonly limits: { readonly clone: number; readonly scene: number; readonly console: number };
}

/** isa-debug-exit gives QEMU (code << 1) | 1; the stage says 0 at its end and 1 when it gives up. */
const orderlyExit = 1;
const gaveUpExit = 3;

/** A sentence may quote the kernel and the guest, who may say anything. */
const longestReason = 600;

/**
 * The verdict of a scene, by one ladder of evidence: what the machine did, what the kernel said, whether the trace is whole,
 * whether the scene applies to this kernel, and only then what the steps came to. It is a crash until all of that is in order.
 */
export function judgeScene(written: Scenario, evidence: Evidence): Verdict {
  const trace = parseTrace(evidence.trace);
  const generation = generationOf(trace, evidence);
  const scene = generation ? sceneFor(written, generation) : written;
  const splats = findSplats(evidence.console);
  const whole = trace.damage === undefined && trace.events.at(-1)?.e === 'end';
  const parting = whole ? partingOf(scene, trace) : undefined;
  const verdict: Verdict =
    machineVerdict(trace, evidence, splats) ??
    splatVerdict(splats, { whole, trace, parting }) ??
    brokenVerdict(trace, { whole, evidence }) ??
    skipVerdict(scene, trace) ??
    stagingVerdict(scene, trace) ??
    stepsVerdict(trace, { parting, console: evidence.console }) ??
    witnessVerdict(scene, { trace, generation }) ?? { kind: 'pass', reason: '' };
  return { ...verdict, reason: printable(verdict.reason, longestReason) };
}

/** By version and by what the kernel said in its INIT; undefined where it has no io modes, so that the scene is skipped anyway. */
export function generationOf(trace: Trace, evidence: Pick<Evidence, 'version' | 'model'>): Generation | undefined {
  if (evidence.model !== undefined) return findGeneration(evidence.model);
  const offer = offerIn(trace.events);
  return offer && chooseGeneration({ version: evidence.version, minor: offer.minor, offered: offer.flags });
}

/** Under another model than the one that a scene was written for, its rules may not come into play at all. */
function witnessVerdict(scene: Scenario, given: { readonly trace: Trace; readonly generation: Generation | undefined }): Verdict | undefined {
  if (given.generation?.waitKillable === true) return undefined;
  const missing = missingWitness(scene, given.trace.events, given.generation);
  return missing === undefined ? undefined : { kind: 'error', reason: `no witness: ${missing}` };
}

function machineVerdict(trace: Trace, evidence: Evidence, splats: readonly Splat[]): Verdict | undefined {
  const at = lastStep(trace.events);
  const where = at === undefined ? 'before its first step' : `in step ${at}`;
  const step = at === undefined ? {} : { step: at };
  if (evidence.ended === 'flood') {
    return { kind: 'crash', reason: `it flooded its console or trace with more than ${evidence.limits.console} bytes ${where} (limit: console)`, ...step };
  }
  if (evidence.ended === 'limit') {
    const silent = evidence.trace === '';
    const seconds = (silent ? evidence.limits.clone : evidence.limits.clone + evidence.limits.scene) / 1000;
    const first = splats.find((splat) => splat.kind !== 'panic');
    const place = findCpuPlace(evidence.console);
    const said = [first ? `; the kernel said: ${first.title}` : '', place === undefined ? '' : `; its CPU was in ${place}`].join('');
    if (silent) return { kind: 'hang', reason: `the guest never said hello within ${seconds} s (limit: clone)${said}` };
    return { kind: 'hang', reason: `the guest did not end within ${seconds} s and hung ${where} (limit: scene)${said}`, ...step };
  }
  if (evidence.ended === 'abort') return { kind: 'error', reason: 'it was interrupted' };
  if (evidence.trace === '' && evidence.console === '' && evidence.exitCode !== 0) {
    return { kind: 'error', reason: `QEMU did not run: ${evidence.stderr.trim().split('\n')[0] ?? ''}` };
  }
  return undefined;
}

function splatVerdict(
  splats: readonly Splat[],
  given: { readonly whole: boolean; readonly trace: Trace; readonly parting: Parting | undefined },
): Verdict | undefined {
  const worst = splats.find((splat) => splat.fatal && splat.kind !== 'panic') ?? splats[0];
  if (!worst) return undefined;
  const at = given.parting?.step ?? lastStep(given.trace.events);
  const also = given.parting ? `; and ${given.parting.reason}` : '';
  return {
    kind: given.whole ? 'splat' : 'crash',
    reason: `the kernel said: ${worst.title} (console line ${worst.line})${also}`,
    ...(at === undefined ? {} : { step: at }),
  };
}

function brokenVerdict(trace: Trace, given: { readonly whole: boolean; readonly evidence: Evidence }): Verdict | undefined {
  const trouble = trace.events.find((event) => event.e === 'trouble');
  const at = lastStep(trace.events);
  const step = at === undefined ? {} : { step: at };
  if (trouble?.e === 'trouble' && given.evidence.exitCode === gaveUpExit) {
    return { kind: 'error', reason: `the stage has no use of ${trouble.what}${trouble.error ? `: ${trouble.error}` : ''}`, ...step };
  }
  if (trace.damage !== undefined) return { kind: 'crash', reason: `its trace is damaged: ${trace.damage}`, ...step };
  if (!given.whole) {
    return { kind: 'crash', reason: `the guest ended ${at === undefined ? 'before its first step' : `in step ${at}`} without a word (QEMU exit ${given.evidence.exitCode ?? '?'})`, ...step };
  }
  if (given.evidence.exitCode !== orderlyExit) {
    return { kind: 'error', reason: `the trace is whole, but QEMU exited with ${given.evidence.exitCode ?? '?'}: ${given.evidence.stderr.trim().split('\n')[0] ?? ''}` };
  }
  // Loading fuse.ko says a line, so a console without one is a console that was lost, and nobody knows what the kernel said.
  if (given.evidence.console.trim() === '') return { kind: 'error', reason: 'its console is empty, so nobody knows whether the kernel complained' };
  return undefined;
}

function skipVerdict(scene: Scenario, trace: Trace): Verdict | undefined {
  const offer = offerIn(trace.events);
  if (!offer) return { kind: 'error', reason: 'the trace has no INIT, so nobody knows what this kernel can do' };
  const missing = missingCapability(scene, offer);
  return missing === undefined ? undefined : { kind: 'skip', reason: `needs ${missing}` };
}

function stagingVerdict(scene: Scenario, trace: Trace): Verdict | undefined {
  const wrong = checkStaging(scene, trace.events);
  return wrong === undefined ? undefined : { kind: 'error', reason: `its trace is not one of this scene: ${wrong}` };
}

function stepsVerdict(trace: Trace, given: { readonly parting: Parting | undefined; readonly console: string }): Verdict | undefined {
  const { parting } = given;
  const trouble = trace.events.find((event) => event.e === 'trouble');
  const rest = trace.events.find((event) => (event.e === 'rest' || event.e === 'restless') && parting !== undefined && event.step >= parting.step);
  // What parted after the stage had trouble may have parted because of it; what parted before may have been its cause.
  const first = !trouble || (rest !== undefined && rest.n < trouble.n);
  if (parting && first) return { kind: 'fail', reason: parting.reason, step: parting.step };
  if (trouble?.e === 'trouble') return { kind: 'error', reason: `the stage had trouble with ${trouble.what}${trouble.error ? `: ${trouble.error}` : ''}` };
  return stuckVerdict(trace, given.console) ?? refusalVerdict(trace);
}

function stuckVerdict(trace: Trace, console: string): Verdict | undefined {
  const stuck = trace.events.find((event) => event.e === 'stuck');
  if (stuck?.e === 'stuck') {
    return { kind: 'hang', reason: `${stuck.who} still sleeps in ${stuck.in || stuck.stack.split(' ')[0] || 'the kernel'} after every request was answered`, step: stuck.step };
  }
  // The stage asks for it only when somebody did not end, be it on the way out after the last call (guests/stage/strike.c).
  return forced.test(console) ? { kind: 'hang', reason: 'a process of the stage did not end by itself after every request was answered' } : undefined;
}

/** drivers/tty/sysrq.c. */
const forced = /sysrq: Show Blocked State/;

function refusalVerdict(trace: Trace): Verdict | undefined {
  // A connection that the scene aborts, or whose server it kills, refuses every answer from then on.
  const severed = trace.events.find((event) => event.e === 'aborted' || event.e === 'dead')?.n ?? Infinity;
  const refused = trace.events.find((event) => event.e === 'unanswered' && event.n < severed);
  if (refused?.e === 'unanswered') {
    const request = trace.events.find((event) => event.e === 'arrive' && event.req === refused.req);
    const which = request?.e === 'arrive' ? `${request.by === undefined ? 'the' : `${request.by}'s`} ${request.op}` : `request ${refused.req}`;
    return { kind: 'fail', reason: `the kernel refused the answer to ${which} with ${refused.error}` };
  }
  const leftover = trace.events.find((event) => event.e === 'leftover');
  if (leftover?.e === 'leftover') return { kind: 'fail', reason: `after the last step ${leftover.what} failed with ${leftover.error}: the kernel kept a reference` };
  return undefined;
}

/** The first difference that the steps or the data of the writes show. */
function partingOf(scene: Scenario, trace: Trace): Parting | undefined {
  const steps = checkSteps(scene, followActors(scene, trace.events));
  const writes = checkWrites(scene, trace.events);
  return steps && writes ? (writes.step < steps.step ? writes : steps) : (steps ?? writes);
}

function lastStep(events: readonly TraceEvent[]): number | undefined {
  const last = events.findLast((event) => event.e === 'step');
  return last?.e === 'step' ? last.step : undefined;
}
