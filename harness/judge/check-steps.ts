import type { Outcome, Scenario, Step } from '../scenario/types.ts';
import { describeCall, describeOutcome, describeStanding } from './describe.ts';
import type { Rest, Standing } from './follow-actors.ts';
import { sleepsAt } from '../scenario/places.ts';

/** Where the scene and the kernel part: the step, and why in words. */
export interface Parting {
  readonly step: number;
  readonly reason: string;
}

/**
 * Holds what was seen after every step against what the scene says. Strict both ways: an actor of whom a step says nothing must
 * stand as it stood before. Gives the first difference, or undefined when there is none.
 */
export function checkSteps(scene: Scenario, rests: readonly Rest[]): Parting | undefined {
  let before: ReadonlyMap<string, Standing> = new Map();
  for (const step of scene.steps) {
    const rest = rests.find((entry) => entry.step === step.number);
    if (!rest) return { step: step.number, reason: `step ${step.number} was never played` };
    const parting = checkStep(scene, { step, rest, before });
    if (parting !== undefined) return { step: step.number, reason: `step ${step.number}: ${parting}` };
    before = rest.standings;
  }
  return undefined;
}

interface Moment {
  readonly step: Step;
  readonly rest: Rest;
  readonly before: ReadonlyMap<string, Standing>;
}

function checkStep(scene: Scenario, moment: Moment): string | undefined {
  const { step, rest, before } = moment;
  if (rest.restless) return 'something still ran when the stage should have been quiet';
  const short = shortRelease(step, rest);
  if (short !== undefined) return short;
  for (const [actor, outcome] of step.expect) {
    const now = rest.standings.get(actor) ?? { kind: 'idle' };
    if (!meets(now, outcome)) return mismatch(actor, { now, outcome, moment });
  }
  for (const { name } of scene.actors) {
    if (step.expect.has(name)) continue;
    const was = before.get(name) ?? { kind: 'idle' };
    const now = rest.standings.get(name) ?? { kind: 'idle' };
    if (!stands(was, now)) return `${subject(name, now, was)} ${describeStanding(now)}, where it ${pastOf(was)} and nothing should have moved it`;
  }
  return undefined;
}

function shortRelease(step: Step, rest: Rest): string | undefined {
  if (step.kind !== 'server' || step.action.kind !== 'release') return undefined;
  const { released = 0 } = rest;
  if (released === 0) return 'the server held nothing that this step could release';
  const { count = released } = step.action;
  return released < count ? `the server held ${released} of the ${count} requests that this step releases` : undefined;
}

function meets(now: Standing, outcome: Outcome): boolean {
  switch (outcome.kind) {
    case 'returns':
      return now.kind === 'returned' && now.errno === undefined && now.signal === undefined
        && returnsEnough(now, outcome.value) && (outcome.sees === undefined || now.data === runsOf(outcome.sees, now.ret));
    case 'fails':
      return now.kind === 'returned' && now.ret === -1 && now.errno === outcome.errno;
    case 'held':
      return now.kind === 'held';
    case 'waits':
      // Who waits for an answer has reached the server, even when nobody knows with which request.
      return now.kind === 'waits' && sleepsAt(now.sleep, outcome.where ?? 'server') === (outcome.where !== undefined);
  }
}

const moving = new Set(['pread', 'pwrite', 'load', 'store']);

/** A call that moves bytes moves all of them, unless the scene names another number; fstat gives a size, every other call 0. */
function returnsEnough(now: Extract<Standing, { kind: 'returned' }>, value: number | undefined): boolean {
  if (value !== undefined) return now.ret === value;
  if (now.doing.call === 'fstat') return now.ret >= 0;
  return now.ret === (moving.has(now.doing.call) ? now.doing.len : 0);
}

/** `A` for all bytes becomes the stage's own `A*4096`. */
function runsOf(sees: string, bytes: number): string {
  return sees.includes('*') ? sees : `${sees}*${bytes}`;
}

function stands(was: Standing, now: Standing): boolean {
  if (was.kind === 'held') return now.kind === 'held' && now.req === was.req;
  if (was.kind === 'waits') return now.kind === 'waits' && now.sleep.in === was.sleep.in;
  if (was.kind === 'runs') return now.kind === 'runs';
  return now.kind === 'idle';
}

function subject(actor: string, now: Standing, was: Standing): string {
  const doing = 'doing' in now ? now.doing : 'doing' in was ? was.doing : undefined;
  return doing ? describeCall(actor, doing) : actor;
}

function pastOf(was: Standing): string {
  if (was.kind === 'held') return 'was held by the server';
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
