import type { Outcome, Scenario, Step } from '../scenario/types.ts';
import { describeCall, describeOutcome, describeStanding } from './describe.ts';
import type { Rest, Standing } from './follow-actors.ts';
import { checkResult } from './check-result.ts';
import { sleepsAt } from '../scenario/places.ts';
import { runsOf } from './runs.ts';

/** Where the scene and the kernel part: the step, and why in words. */
export interface Parting {
  readonly step: number;
  readonly reason: string;
}

/**
 * Holds what was seen after every step against what the scene says. Strict both ways: an actor of whom a step says nothing must
 * stand as it stood before. Steps that join have one rest, that of their last. Gives the first difference, or undefined when there
 * is none.
 */
export function checkSteps(scene: Scenario, rests: readonly Rest[]): Parting | undefined {
  let before: ReadonlyMap<string, Standing> = new Map();
  let joined: Step[] = [];
  const byStep = new Map(rests.map((rest) => [rest.step, rest]));
  for (const step of scene.steps) {
    joined.push(step);
    if (scene.steps[step.number]?.joins === true) continue;
    const rest = byStep.get(step.number);
    if (!rest) return { step: step.number, reason: `step ${step.number} was never played` };
    const parting = checkResults(joined, rest) ?? checkStep(scene, { step, rest, before });
    if (parting !== undefined) return { step: parting.step, reason: `step ${parting.step}${step.label === undefined ? '' : ` (${step.label})`}: ${parting.reason}` };
    before = rest.standings;
    joined = [];
  }
  return undefined;
}

interface Moment {
  readonly step: Step;
  readonly rest: Rest;
  readonly before: ReadonlyMap<string, Standing>;
}

/** What the steps of the server came to themselves. */
function checkResults(steps: readonly Step[], rest: Rest): Parting | undefined {
  for (const step of steps) {
    const reason = step.kind === 'server' && !rest.restless ? checkResult(step, rest.said.get(step.number)) : undefined;
    if (reason !== undefined) return { step: step.number, reason };
  }
  return undefined;
}

function checkStep(scene: Scenario, moment: Moment): Parting | undefined {
  const reason = standingOut(scene, moment) ?? miscounted(moment);
  return reason === undefined ? undefined : { step: moment.step.number, reason };
}

function standingOut(scene: Scenario, moment: Moment): string | undefined {
  const { step, rest, before } = moment;
  if (rest.restless) return 'something still ran when the stage should have been quiet';
  for (const [actor, outcome] of step.expect) {
    const now = rest.standings.get(actor) ?? { kind: 'idle' };
    if (!meets(now, outcome)) return mismatch(actor, { now, outcome, moment });
  }
  for (const { name, process } of scene.actors) {
    if (step.expect.has(name)) continue;
    const was = before.get(name) ?? { kind: 'idle' };
    const now = rest.standings.get(name) ?? { kind: 'idle' };
    const ended = endOf(scene, { process, step: step.number });
    if (ended !== undefined && was.kind !== 'held' && was.kind !== 'waits') {
      if (now.kind === 'gone' || (now.kind === 'idle' && lingers(scene, { process, rest }))) continue;
      return `${subject(name, now, was)} ${describeStanding(now)}, where its process was ended in step ${ended}`;
    }
    if (!stands(was, now)) return `${subject(name, now, was)} ${describeStanding(now)}, where it ${pastOf(was)} and nothing should have moved it`;
  }
  return undefined;
}

/** The step that ended a process, up to this one. */
function endOf(scene: Scenario, given: { readonly process: string; readonly step: number }): number | undefined {
  const processOf = (name: string): string | undefined => scene.actors.find((actor) => actor.name === name)?.process;
  return scene.steps.slice(0, given.step).find((step) => {
    if (step.kind === 'order') return step.call.kind === 'exit' && processOf(step.actor) === given.process;
    return step.action.kind === 'kill' && step.action.signal !== 'USR1' && processOf(step.action.actor) === given.process;
  })?.number;
}

/** A process whose thread the kernel does not let go lives on, and so may its other threads. */
function lingers(scene: Scenario, given: { readonly process: string; readonly rest: Rest }): boolean {
  return scene.actors.some(({ name, process }) => {
    const kind = given.rest.standings.get(name)?.kind;
    return process === given.process && (kind === 'held' || kind === 'waits' || kind === 'runs');
  });
}

function miscounted({ step, rest }: Moment): string | undefined {
  for (const [opcode, count] of step.arrives ?? []) {
    const came = rest.arrived.get(opcode) ?? 0;
    if (came !== count) return `${came} ${opcode} came to the server, where ${count} must have come`;
  }
  return undefined;
}

function meets(now: Standing, outcome: Outcome): boolean {
  switch (outcome.kind) {
    case 'returns':
      return now.kind === 'returned' && now.errno === undefined && now.signal === undefined
        && returnsEnough(now, outcome.value) && (outcome.sees === undefined || now.data === runsOf(outcome.sees, now.ret));
    case 'fails':
      return now.kind === 'returned' && now.ret === -1 && now.errno === outcome.errno;
    case 'raises':
      return now.kind === 'returned' && now.signal === outcome.signal;
    case 'held':
      return now.kind === 'held';
    case 'waits':
      // Who waits for an answer has reached the server, even when nobody knows with which request.
      return now.kind === 'waits' && sleepsAt(now.sleep, outcome.where ?? 'server') === (outcome.where !== undefined);
    case 'idle':
      return now.kind === 'idle';
    case 'ends':
      return now.kind === 'gone';
    case 'any':
      return outcome.of.some((one) => meets(now, one));
  }
}

const moving = new Set(['pread', 'pwrite', 'read', 'write', 'load', 'store', 'reap', 'copy', 'sendfile', 'splice', 'splice-write']);
/** What they return is a size, a position, or a number of the kernel's choice. */
const numbering = new Set(['fstat', 'lseek', 'dup', 'fork']);

/** A call that moves bytes moves all of them, unless the scene names another number; a submit takes its one request, every other call gives 0. */
function returnsEnough(now: Extract<Standing, { kind: 'returned' }>, value: number | undefined): boolean {
  if (value !== undefined) return now.ret === value;
  const { call, moves } = now.doing;
  if (numbering.has(call)) return now.ret >= 0;
  return now.ret === (moving.has(call) ? moves : call === 'submit' ? 1 : 0);
}

function stands(was: Standing, now: Standing): boolean {
  if (was.kind === 'held') return now.kind === 'held' && now.req === was.req;
  if (was.kind === 'waits') return now.kind === 'waits' && now.sleep.in === was.sleep.in;
  if (was.kind === 'runs' || was.kind === 'gone') return now.kind === was.kind;
  return now.kind === 'idle';
}

function subject(actor: string, now: Standing, was: Standing): string {
  const doing = 'doing' in now ? now.doing : 'doing' in was ? was.doing : undefined;
  return doing ? describeCall(actor, doing) : actor;
}

function pastOf(was: Standing): string {
  if (was.kind === 'held') return 'was held by the server';
  if (was.kind === 'gone') return 'was gone';
  return was.kind === 'waits' ? `waited (${describeStanding(was)})` : 'was idle';
}

function mismatch(actor: string, given: { readonly now: Standing; readonly outcome: Outcome; readonly moment: Moment }): string {
  const { now, outcome, moment } = given;
  const was = moment.before.get(actor) ?? { kind: 'idle' };
  const own = `${subject(actor, now, was)} ${describeStanding(now)}, where ${describeOutcome(outcome)}`;
  const why = consequence(actor, given);
  return why === undefined ? own : `${own}: ${why}`;
}

/** What it means that this actor did not do as it must: whom it overtook, or behind whom it queues. */
function consequence(actor: string, given: { readonly now: Standing; readonly outcome: Outcome; readonly moment: Moment }): string | undefined {
  const { now, outcome, moment } = given;
  const others = [...moment.rest.standings].filter(([name]) => name !== actor);
  const went = now.kind === 'held' || (now.kind === 'returned' && now.errno === undefined);
  if (outcome.kind === 'waits' && went) {
    const overtaken = others.find(([, other]) => other.kind === 'waits' && other.doing.step < now.doing.step);
    if (overtaken?.[1].kind === 'waits') {
      const [name, other] = overtaken;
      return `it overtook ${describeCall(name, other.doing)}, which ${describeStanding(other)} since step ${other.doing.step}`;
    }
    const inFlight = others.find(([, other]) => other.kind === 'held');
    if (inFlight?.[1].kind === 'held') return `it did not wait for ${describeCall(inFlight[0], inFlight[1].doing)}, which the server holds`;
  }
  if (outcome.kind === 'held' && now.kind === 'waits') {
    const holder = others.find(([, other]) => other.kind === 'held');
    if (holder?.[1].kind === 'held') return `it was serialised behind ${describeCall(holder[0], holder[1].doing)}, which the server holds`;
  }
  return undefined;
}
