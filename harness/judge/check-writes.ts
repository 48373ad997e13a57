import type { OrderStep, Scenario } from '../scenario/types.ts';
import type { Parting } from './check-steps.ts';
import type { TraceEvent } from './parse-trace.ts';

/**
 * Holds every WRITE that an actor's own pwrite sent (what is written back from the page cache is nobody's) against what that pwrite
 * writes: its bytes, and inside its range unless it appends. Gives the first that differs.
 */
export function checkWrites(scene: Scenario, events: readonly TraceEvent[]): Parting | undefined {
  const doing = new Map<string, OrderStep>();
  let played = 0;
  for (const event of events) {
    if (event.e === 'step') played = event.step;
    if (event.e === 'return') doing.delete(event.who);
    if (event.e === 'call') {
      const step = scene.steps[event.step - 1];
      if (step?.kind === 'order') doing.set(event.who, step);
    }
    if (event.e !== 'arrive' || event.op !== 'WRITE' || event.cached === 1) continue;
    const step = doing.get(event.by ?? '');
    const wrong = step && wrongIn(scene, step, event);
    if (wrong !== undefined) return { step: played, reason: `step ${played}: ${wrong}` };
  }
  return undefined;
}

function wrongIn(scene: Scenario, step: OrderStep, event: Extract<TraceEvent, { readonly e: 'arrive' }>): string | undefined {
  const { call, actor } = step;
  if (call.kind !== 'pwrite') return undefined;
  const { off = -1, len = -1, data = 'nothing' } = event;
  if (data !== `${call.fill}*${len}`) return `${actor}'s pwrite reached the server with ${data}, where it writes ${call.fill}*${len}`;
  const inside = off >= call.at && off + len <= call.at + call.bytes;
  if (inside || appends(scene, step)) return undefined;
  return `${actor}'s pwrite reached the server for ${len} bytes at ${off}, where it writes ${call.bytes} at ${call.at}`;
}

/** Whether the handle was last opened with O_APPEND by the actor's process. */
function appends(scene: Scenario, step: OrderStep): boolean {
  const processOf = (name: string): string | undefined => scene.actors.find((actor) => actor.name === name)?.process;
  const opens = scene.steps.slice(0, step.number - 1).flatMap((earlier) => {
    const same = earlier.kind === 'order' && processOf(earlier.actor) === processOf(step.actor);
    return same && earlier.call.kind === 'open' && 'handle' in step.call && earlier.call.handle === step.call.handle ? [earlier.call] : [];
  });
  return opens.at(-1)?.flags.includes('APPEND') ?? false;
}
