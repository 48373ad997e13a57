import { formatSize } from '../format-units.ts';
import { describeRange, describeStanding } from '../judge/describe.ts';
import type { Standing } from '../judge/follow-actors.ts';
import type { TraceEvent } from '../judge/parse-trace.ts';

/** What came to the server or left it with an event: none or one line. */
export function serverLine(event: TraceEvent): string[] {
  switch (event.e) {
    case 'arrive': {
      const range = event.len === undefined ? '' : ` ${formatSize(event.len)} at ${formatSize(event.off ?? 0)}`;
      return [`← ${event.op}${range}${event.by === undefined ? '' : ` of ${event.by}`} #${event.req}${event.cached === 1 ? ', from the page cache' : ''}`];
    }
    case 'reply':
      return [`→ answer #${event.req}${event.error === undefined ? '' : `: ${event.error}`}`];
    case 'unanswered':
      return [`→ could not answer #${event.req}: ${event.error}`];
    case 'content':
      return [`has ${event.data ?? 'nothing'}`];
    case 'backing':
    case 'invalidated':
      return [`${event.e === 'backing' ? 'backing id' : 'invalidation'} ${event.errno === undefined ? `returned ${event.ret}` : `failed with ${event.errno}`}`];
    case 'aborted':
      return ['connection aborted'];
    case 'dead':
      return ['killed'];
    case 'dropped':
      return ['caches dropped'];
    default:
      return [];
  }
}

/** How an actor stands, as a timeline has it. */
export function wordsOf(standing: Standing): string {
  return standing.kind === 'held' ? `at the server: ${standing.op} #${standing.req}` : describeStanding(standing);
}

/** What an event says of an actor: none or one line. */
export function actorLine(name: string, event: TraceEvent): string[] {
  if (!('who' in event) || event.who !== name) return [];
  switch (event.e) {
    case 'call':
      return [`${event.call}${describeRange(event)}`];
    case 'return':
      return [`${event.call === 'load' || event.data !== undefined ? `saw ${event.data ?? 'nothing'}, ` : ''}returned ${event.errno ?? event.ret}${event.signal === undefined ? '' : ` (SIG${event.signal})`}`];
    case 'born':
      return ['is born'];
    case 'killed':
      return [`SIG${event.signal} to its process`];
    case 'stuck':
      return [`is stuck in ${event.in}`];
    default:
      return [];
  }
}
