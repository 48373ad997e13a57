import type { Call, Scenario } from '../scenario/types.ts';
import { checkCourse, checkWord } from './check-course.ts';
import { checkRequest } from './check-requests.ts';
import type { TraceEvent } from './parse-trace.ts';
import { newProgress, processOf, type Event, type Progress } from './staging-progress.ts';

/**
 * Whether a whole trace is one of this very scene, played to its end as the stage plays: every step in order, every call the one
 * that was ordered, every answer one to a request that came, every flag the one that was asked for. Gives the first thing that is
 * not so. Nothing of it is the kernel's to get wrong, so it says that nobody knows what the kernel did.
 */
export function checkStaging(scene: Scenario, events: readonly TraceEvent[]): string | undefined {
  const progress = newProgress(scene);
  if (events[0]?.e !== 'hello') return 'it does not begin with hello';
  for (const event of events.slice(1)) {
    const wrong = checkEvent(scene, progress, event);
    if (wrong !== undefined) return `line ${event.n}: ${wrong}`;
  }
  return progress.phase === 'end' ? checkEnd(scene, progress) : 'it has no end';
}

function checkEvent(scene: Scenario, progress: Progress, event: TraceEvent): string | undefined {
  if (progress.phase === 'end') return 'it goes on after its end';
  const name = 'who' in event ? event.who : 'by' in event ? event.by : undefined;
  if (name !== undefined && !scene.actors.some((actor) => actor.name === name)) return `'${name}' is no actor`;
  switch (event.e) {
    case 'hello':
      return 'a second hello';
    case 'module':
      return progress.phase === 'before' ? undefined : 'fuse.ko was put in its place after the scene began';
    case 'log':
      return progress.phase === 'before' ? undefined : 'its clocks were tied after the scene began';
    case 'begin':
    case 'strike':
    case 'step':
    case 'rest':
    case 'restless':
    case 'end':
      return checkCourse(scene, progress, event);
    case 'released':
    case 'content':
    case 'backing':
    case 'invalidated':
    case 'killed':
    case 'dropped':
    case 'aborted':
    case 'dead':
      return checkWord(scene, progress, event);
    case 'call':
      return checkCall(scene, progress, event);
    case 'return':
      return checkReturn(progress, event);
    case 'born':
      return checkBirth(scene, progress, event);
    case 'gone':
      return checkGone(progress, event);
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

function checkCall(scene: Scenario, progress: Progress, event: Event<'call'>): string | undefined {
  const step = scene.steps[event.step - 1];
  if (!progress.block.has(event.step) || step?.kind !== 'order' || progress.called.has(event.step)) return 'a call that no step asked for';
  const { off, len } = rangeOf(step.call);
  if (step.actor !== event.who || step.call.kind !== event.call || event.off !== off || event.len !== len) {
    return `not the call that step ${event.step} asks for`;
  }
  if (progress.calls.has(event.who)) return `${event.who} is in a call already`;
  const forked = scene.actors.some((actor) => actor.name === event.who && actor.forked);
  if (progress.gone.has(event.who) || (forked && !progress.born.has(event.who))) return `${event.who} does not live, and is in a call`;
  if (step.call.kind === 'exit') progress.ended.add(processOf(scene, event.who));
  // What is submitted may reach the server before the call returns.
  if (step.call.kind === 'submit') progress.unreaped.set(event.who, (progress.unreaped.get(event.who) ?? 0) + 1);
  progress.called.add(event.step);
  progress.calls.set(event.who, { step: event.step, call: event.call });
  return undefined;
}

function checkReturn(progress: Progress, event: Event<'return'>): string | undefined {
  const doing = progress.calls.get(event.who);
  if (doing?.step !== event.step || doing.call !== event.call) return `${event.who} returned from a ${event.call} that it was not in`;
  progress.calls.delete(event.who);
  const unreaped = progress.unreaped.get(event.who) ?? 0;
  if ((event.call === 'submit' && event.ret !== 1) || event.call === 'reap') progress.unreaped.set(event.who, Math.max(0, unreaped - 1));
  return undefined;
}

/** A forked actor is born once, while somebody is in the call that forks it. */
function checkBirth(scene: Scenario, progress: Progress, event: Event<'born' | 'gone'>): string | undefined {
  const forks = [...progress.calls.values()].some(({ step }) => {
    const order = scene.steps[step - 1];
    return order?.kind === 'order' && order.call.kind === 'fork' && order.call.child === event.who;
  });
  if (!forks || progress.born.has(event.who)) return `${event.who} was born, and nobody forks it`;
  progress.born.add(event.who);
  return undefined;
}

function checkGone(progress: Progress, event: Event<'born' | 'gone'>): string | undefined {
  if (progress.phase !== 'play' || progress.gone.has(event.who)) return `${event.who} was gone already, or not in the play`;
  progress.gone.add(event.who);
  progress.calls.delete(event.who);
  return undefined;
}

/** Where nobody is stuck everybody has come home; of a process that was ended nobody says it, nor of requests to a server that is gone. */
function checkEnd(scene: Scenario, progress: Progress): string | undefined {
  if (progress.stuck > 0) return undefined;
  const call = [...progress.calls].find(([who]) => !progress.ended.has(processOf(scene, who)));
  if (call) return `${call[0]}'s ${call[1].call} of step ${call[1].step} never returned, and nobody saw it stuck`;
  const [request] = progress.severed ? [] : progress.held;
  return request ? `request ${request[0]} (${request[1].op}) was never answered` : undefined;
}

/** What the trace says of a call's range: its `at` and `bytes`, 0 where it has none. */
function rangeOf(call: Call): { readonly off: number; readonly len: number } {
  return { off: 'at' in call ? (call.at ?? 0) : 0, len: 'bytes' in call ? (call.bytes ?? 0) : 0 };
}
