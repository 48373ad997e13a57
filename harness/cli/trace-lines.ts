import { formatSize } from '../format-units.ts';
import { describeRange } from '../judge/describe.ts';
import { parseTrace, type TraceEvent } from '../judge/parse-trace.ts';
import { nameOfSleep } from '../scenario/places.ts';
import { printable } from '../printable.ts';
import type { Scenario } from '../scenario/types.ts';
import { describeStep } from '../timeline/describe-step.ts';
import type { Colours } from './colours.ts';

/**
 * A trace for people, step by step: the guest's time in milliseconds, who, and what happened. `parted` marks the step at which
 * the kernel and the scene parted.
 */
export function describeTrace(scene: Scenario, given: { readonly trace: string; readonly parted?: number; readonly colours: Colours }): string[] {
  const { events, damage } = parseTrace(given.trace);
  const lines: string[] = [];
  for (const event of events) {
    if (event.e === 'step') {
      const step = scene.steps[event.step - 1];
      const head = `step ${event.step}  ${step ? describeStep(step) : ''}`;
      lines.push(event.step === given.parted ? given.colours.bad(`${head}   <- here they part`) : head);
    } else {
      const text = describeEvent(event);
      if (text !== undefined) lines.push(given.colours.dim(`${(event.t / 1e6).toFixed(3).padStart(12)}  `) + text);
    }
  }
  if (damage !== undefined) lines.push(`the trace is damaged: ${printable(damage)}`);
  return lines;
}

/** What an event is, in a few words; undefined for those that only number or frame others. */
export function describeEvent(event: TraceEvent): string | undefined {
  switch (event.e) {
    case 'hello':
      return `guest    runs ${event.release}`;
    case 'call':
      return `${event.who.padEnd(8)} ${event.call}${describeRange(event)}`;
    case 'return':
      return `${event.who.padEnd(8)} ${event.call} returned ${event.errno ?? event.ret}${event.signal === undefined ? '' : ` (SIG${event.signal})`}${event.data === undefined ? '' : `  ${event.data}`}`;
    case 'sleep':
      return `${event.who.padEnd(8)} waits for ${nameOfSleep({ state: event.state ?? '?', in: event.in, stack: event.stack.split(' ') })}`;
    case 'died':
    case 'stuck':
      return `${event.who.padEnd(8)} ${event.e === 'died' ? 'was ended by the kernel' : `is stuck in ${event.in}`}`;
    case 'arrive': {
      const range = event.len === undefined ? '' : ` ${formatSize(event.len)} at ${formatSize(event.off ?? 0)}`;
      return `server   <- ${event.op}${range}${event.by === undefined ? '' : ` of ${event.by}`}  (request ${event.req})${event.cached === 1 ? '  from the page cache' : ''}`;
    }
    case 'reply':
      return `server   -> answer to ${event.req}${event.error === undefined ? '' : `: ${event.error}`}`;
    case 'opened':
      return `server   opened as handle ${event.fh} with flags 0x${event.flags.toString(16)}`;
    case 'content':
      return `server   has ${event.data ?? 'nothing'}`;
    case 'backing':
    case 'invalidated':
      return `server   ${event.e === 'backing' ? 'the backing id' : 'the invalidation'} ${event.errno === undefined ? `returned ${event.ret}` : `failed with ${event.errno}`}`;
    case 'born':
    case 'gone':
      return `${event.who.padEnd(8)} ${event.e === 'born' ? 'is born' : 'is gone'}`;
    case 'killed':
      return `stage    SIG${printable(event.signal)} to the process of ${event.who}`;
    case 'dropped':
      return 'stage    dropped the caches';
    case 'aborted':
      return 'stage    aborted the connection';
    case 'dead':
      return 'stage    the server is dead';
    case 'unanswered':
      return `server   could not answer ${event.req}: ${event.error}`;
    case 'trouble':
    case 'leftover':
      return `stage    ${event.e} with ${printable(event.what)}: ${printable(event.error)}`;
    case 'strike':
      return 'stage    strikes the scene: every request is answered, every actor sent home';
    case 'end':
      return `stage    ended${event.stuck > 0 ? `, with ${event.stuck} stuck` : ''}`;
    default:
      return undefined;
  }
}
