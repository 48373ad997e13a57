import { initFlags } from '../scenario/fuse-names.ts';
import type { Call, Scenario } from '../scenario/types.ts';
import { unanswerable, unwaited } from './follow-actors.ts';
import type { TraceEvent } from './parse-trace.ts';

type Event<E extends TraceEvent['e']> = Extract<TraceEvent, { readonly e: E }>;

/** How far a trace has come, and what is open in it. */
interface Progress {
  phase: 'before' | 'play' | 'strike' | 'end';
  /** The last step that began, and whether it has come to rest. */
  step: number;
  open: boolean;
  released: boolean;
  /** Answers since the step began. */
  answers: number;
  trouble: boolean;
  stuck: number;
  init: boolean;
  readonly called: Set<number>;
  readonly calls: Map<string, { readonly step: number; readonly call: string }>;
  readonly seen: Set<number>;
  /** What is at the server, by request; `opened` once the flags of an OPEN were said. */
  readonly held: Map<number, { readonly op: string; readonly by: string | undefined; readonly opened: boolean }>;
  /** FOPEN flags that the next open of an inode is given. */
  readonly openFlags: Map<number, number>;
}

/**
 * Whether a whole trace is one of this very scene, played to its end as the stage plays: every step in order, every call the one
 * that was ordered, every answer one to a request that came, every flag the one that was asked for. Gives the first thing that is
 * not so. Nothing of it is the kernel's to get wrong, so it says that nobody knows what the kernel did.
 */
export function checkStaging(scene: Scenario, events: readonly TraceEvent[]): string | undefined {
  const progress: Progress = {
    phase: 'before', step: 0, open: false, released: false, answers: 0, trouble: false, stuck: 0, init: false,
    called: new Set(), calls: new Map(), seen: new Set(), held: new Map(),
    openFlags: new Map(scene.files.map((file, index) => [firstInode + index, file.open])),
  };
  if (events[0]?.e !== 'hello') return 'it does not begin with hello';
  for (const event of events.slice(1)) {
    const wrong = checkEvent(scene, progress, event);
    if (wrong !== undefined) return `line ${event.n}: ${wrong}`;
  }
  return progress.phase === 'end' ? checkEnd(progress) : 'it has no end';
}

/** The inode of a scene's first file, as in compile-scenario.ts. */
const firstInode = 2;

function checkEvent(scene: Scenario, progress: Progress, event: TraceEvent): string | undefined {
  if (progress.phase === 'end') return 'it goes on after its end';
  const name = 'who' in event ? event.who : 'by' in event ? event.by : undefined;
  if (name !== undefined && !scene.actors.some((actor) => actor.name === name)) return `'${name}' is no actor`;
  switch (event.e) {
    case 'hello':
      return 'a second hello';
    case 'begin':
    case 'strike':
    case 'step':
    case 'rest':
    case 'restless':
    case 'released':
    case 'end':
      return checkCourse(scene, progress, event);
    case 'call':
      return checkCall(scene, progress, event);
    case 'return':
      return checkReturn(progress, event);
    case 'sleep':
    case 'died':
      return progress.calls.has(event.who) ? undefined : `${event.who} is in no call that it could ${event.e === 'died' ? 'die' : 'sleep'} in`;
    case 'arrive':
    case 'opened':
    case 'reply':
    case 'unanswered':
      return checkRequest(scene, progress, event);
    case 'trouble':
      progress.trouble = true;
      return undefined;
    case 'stuck':
      progress.stuck += 1;
      return progress.phase === 'strike' ? undefined : 'stuck before the scene was struck';
    case 'leftover':
      return progress.phase === 'strike' ? undefined : 'a leftover before the scene was struck';
  }
}

function checkCourse(scene: Scenario, progress: Progress, event: Event<'begin' | 'strike' | 'step' | 'rest' | 'restless' | 'released' | 'end'>): string | undefined {
  const phase = { begin: 'before', strike: 'play', end: 'strike', step: 'play', rest: 'play', restless: 'play', released: 'play' }[event.e];
  if (progress.phase !== phase) return `${event.e} out of its place`;
  const step = scene.steps[progress.step - 1];
  const action = step?.kind === 'server' ? step.action : undefined;
  switch (event.e) {
    case 'begin':
      progress.phase = 'play';
      return progress.init ? undefined : 'it began before the kernel had said INIT';
    case 'step':
      if (progress.open || event.step !== progress.step + 1 || event.step > scene.steps.length) return `step ${event.step} follows step ${progress.step}`;
      Object.assign(progress, { step: event.step, open: true, released: false, answers: 0 });
      return undefined;
    case 'released':
      if (action?.kind !== 'release' || !progress.open || progress.released || event.step !== progress.step) return 'a release that no step asked for';
      progress.released = true;
      return event.count > progress.answers ? `${event.count} were released, and ${progress.answers} answered` : undefined;
    case 'rest':
    case 'restless':
      if (!progress.open || event.step !== progress.step) return `step ${event.step} came to rest, and step ${progress.step} was played`;
      if (action?.kind === 'release' && !progress.released) return 'nobody said what the server released';
      if (action?.kind === 'open-flags') progress.openFlags.set(inodeOf(scene, action.file), action.flags);
      progress.open = false;
      return undefined;
    case 'strike':
      progress.phase = 'strike';
      return progress.trouble || !progress.open ? undefined : `step ${progress.step} never came to rest`;
    case 'end':
      progress.phase = 'end';
      return event.stuck === progress.stuck ? undefined : `${event.stuck} were stuck, and ${progress.stuck} were named`;
  }
}

function checkCall(scene: Scenario, progress: Progress, event: Event<'call'>): string | undefined {
  const step = scene.steps[event.step - 1];
  if (event.step !== progress.step || step?.kind !== 'order' || progress.called.has(event.step)) return 'a call that no step asked for';
  const { off, len } = rangeOf(step.call);
  if (step.actor !== event.who || step.call.kind !== event.call || event.off !== off || event.len !== len) {
    return `not the call that step ${event.step} asks for`;
  }
  if (progress.calls.has(event.who)) return `${event.who} is in a call already`;
  progress.called.add(event.step);
  progress.calls.set(event.who, { step: event.step, call: event.call });
  return undefined;
}

function checkReturn(progress: Progress, event: Event<'return'>): string | undefined {
  const doing = progress.calls.get(event.who);
  if (doing?.step !== event.step || doing.call !== event.call) return `${event.who} returned from a ${event.call} that it was not in`;
  progress.calls.delete(event.who);
  return undefined;
}

function checkRequest(scene: Scenario, progress: Progress, event: Event<'arrive' | 'opened' | 'reply' | 'unanswered'>): string | undefined {
  const { held, seen, openFlags } = progress;
  const request = held.get(event.req);
  switch (event.e) {
    case 'arrive':
      if (unanswerable.has(event.op)) return undefined;
      if (seen.has(event.req)) return `request ${event.req} came twice`;
      if (event.op === 'INIT' && (progress.init || progress.phase !== 'before')) return 'INIT out of its place';
      progress.init ||= event.op === 'INIT';
      seen.add(event.req);
      held.set(event.req, { op: event.op, by: event.by, opened: false });
      if (progress.phase !== 'play' || event.by === undefined || unwaited.has(event.op) || progress.calls.has(event.by)) return undefined;
      return `${event.by} sends a request, and is in no call`;
    case 'opened':
      if (!request || request.opened || request.by !== event.by || !/^OPEN(DIR)?$/.test(request.op)) return `request ${event.req} is no OPEN to answer`;
      held.set(event.req, { ...request, opened: true });
      if (request.op === 'OPEN' && event.flags !== openFlags.get(event.ino)) return `inode ${event.ino} was opened with flags ${event.flags}, not those of the scene`;
      return undefined;
    case 'reply':
      if (!request) return `an answer to request ${event.req}, which nobody waits for`;
      held.delete(event.req);
      progress.answers += 1;
      if (request.op === 'OPEN' && !request.opened && event.error === undefined) return 'an OPEN was answered, and nobody said with which flags';
      return request.op === 'INIT' ? checkInit(scene, event) : undefined;
    case 'unanswered':
      return seen.has(event.req) && !request ? undefined : `request ${event.req} had no answer that could be refused`;
  }
}

/** A scene that asks for an INIT flag means nothing without it. */
function checkInit(scene: Scenario, event: Event<'reply'>): string | undefined {
  if (event.flags === undefined || !/^0x[0-9a-f]{1,16}$/.test(event.flags)) return 'INIT was answered without flags';
  const given = BigInt(event.flags);
  const missing = scene.server.init.find((flag) => (given & (initFlags[flag] ?? 0n)) === 0n);
  return missing === undefined ? undefined : `FUSE_${missing} was never negotiated`;
}

/** Where nobody is stuck everybody has come home. */
function checkEnd(progress: Progress): string | undefined {
  if (progress.stuck > 0) return undefined;
  const [call] = progress.calls;
  if (call) return `${call[0]}'s ${call[1].call} of step ${call[1].step} never returned, and nobody saw it stuck`;
  const [request] = progress.held;
  return request ? `request ${request[0]} (${request[1].op}) was never answered` : undefined;
}

function inodeOf(scene: Scenario, file: string): number {
  return firstInode + scene.files.findIndex(({ name }) => name === file);
}

function rangeOf(call: Call): { readonly off: number; readonly len: number } {
  return { off: 'at' in call ? call.at : 0, len: 'bytes' in call ? call.bytes : 0 };
}
