import { followHandles, type Handles } from './follow-handles.ts';
import type { Call, OrderStep, Scenario } from '../scenario/types.ts';
import type { Parting } from './check-steps.ts';
import type { TraceEvent } from './parse-trace.ts';

type Arrival = Extract<TraceEvent, { readonly e: 'arrive' }>;

/**
 * Holds every WRITE that an actor's own pwrite, write or splice sent (what is written back from the page cache is nobody's) against
 * what that call writes: through which open file, its bytes, and inside its range unless it appends. What was submitted and not
 * reaped may come at any time, and is not looked at. Gives the first that differs.
 */
export function checkWrites(scene: Scenario, events: readonly TraceEvent[]): Parting | undefined {
  const handles = followHandles(scene);
  const doing = new Map<string, OrderStep>();
  const submitted = new Map<string, Extract<Call, { kind: 'submit' }>[]>();
  let played = 0;
  for (const event of events) {
    handles.see(event);
    if (event.e === 'step') played = event.step;
    if (event.e === 'return') doing.delete(event.who);
    if (event.e === 'call') {
      const step = scene.steps[event.step - 1];
      if (step?.kind === 'order') doing.set(event.who, step);
      if (step?.kind === 'order' && step.call.kind === 'submit') submitted.set(event.who, [...(submitted.get(event.who) ?? []), step.call]);
      if (event.call === 'reap') submitted.set(event.who, (submitted.get(event.who) ?? []).slice(1));
    }
    if (event.e !== 'arrive' || event.op !== 'WRITE' || event.cached === 1) continue;
    const step = doing.get(event.by ?? '');
    if (!step || (submitted.get(step.actor) ?? []).some((call) => covers(call, event))) continue;
    const wrong = wrongIn(scene, { step, event, handles });
    if (wrong !== undefined) return { step: played, reason: `step ${played}: ${wrong}` };
  }
  return undefined;
}

function covers(call: { readonly at: number; readonly bytes: number }, { off = -1, len = -1 }: Arrival): boolean {
  return off >= call.at && off + len <= call.at + call.bytes;
}

function wrongIn(scene: Scenario, given: { readonly step: OrderStep; readonly event: Arrival; readonly handles: Handles }): string | undefined {
  const { step, event, handles } = given;
  const { call, actor } = step;
  if (call.kind !== 'pwrite' && call.kind !== 'write' && call.kind !== 'splice-write') return undefined;
  const { off = -1, len = -1, data = 'nothing' } = event;
  const open = handles.of(actor, call.handle);
  if (open !== undefined && event.fh !== undefined && event.fh !== open) {
    return `${actor}'s ${call.kind} reached the server through open file ${event.fh}, where it writes through ${open}`;
  }
  if (event.kill === 1) return `${actor}'s ${call.kind} reached the server with FUSE_WRITE_KILL_SUIDGID, which is for writers without CAP_FSETID`;
  const written = runOf(call, len);
  if (written !== undefined && data !== written) return `${actor}'s ${call.kind} reached the server with ${data}, where it writes ${written}`;
  if (call.kind === 'write' || covers(call, event) || appends(scene, step)) return undefined;
  return `${actor}'s ${call.kind} reached the server for ${len} bytes at ${off}, where it writes ${call.bytes} at ${call.at}`;
}

/** What a call writes, as the trace has it; undefined where it writes what a mapping holds. Memory that nobody touched is zero. */
function runOf(call: Extract<Call, { kind: 'pwrite' | 'write' | 'splice-write' }>, bytes: number): string | undefined {
  if (call.kind === 'pwrite' && call.from !== undefined) return undefined;
  return `${call.fill ?? '0x00'}*${bytes}`;
}

/** Whether the call appends by itself (RWF_APPEND), or its open file does: opened with O_APPEND or given it later, by whatever name. */
function appends(scene: Scenario, step: OrderStep): boolean {
  if (step.call.kind === 'pwrite' && step.call.rwf.includes('APPEND')) return true;
  const processOf = (name: string): string => scene.actors.find((actor) => actor.name === name)?.process ?? name;
  const files = new Map<string, { append: boolean }>();
  for (const earlier of scene.steps.slice(0, step.number - 1)) {
    if (earlier.kind !== 'order') continue;
    const { call } = earlier;
    const prefix = `${processOf(earlier.actor)} `;
    const file = 'handle' in call ? files.get(prefix + call.handle) : undefined;
    if (call.kind === 'open') files.set(prefix + call.handle, { append: call.flags.includes('APPEND') });
    if (call.kind === 'setfl' && file) file.append = call.flags.includes('APPEND');
    if (call.kind === 'dup' && file) files.set(prefix + call.copy, file);
    if (call.kind === 'fork') for (const [key, shared] of [...files]) if (key.startsWith(prefix)) files.set(`${processOf(call.child)} ${key.slice(prefix.length)}`, shared);
  }
  return 'handle' in step.call && files.get(`${processOf(step.actor)} ${step.call.handle}`)?.append === true;
}
