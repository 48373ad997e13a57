import type { Sleep } from '../scenario/places.ts';
import type { TraceEvent } from './parse-trace.ts';

/** A call that an actor is in, or has just returned from. */
export interface Doing {
  readonly step: number;
  readonly call: string;
  readonly off: number;
  readonly len: number;
}

/** How things stand with an actor when nothing moves any more. `since` is the step that began its call. */
export type Standing =
  | { readonly kind: 'idle' }
  | { readonly kind: 'returned'; readonly doing: Doing; readonly ret: number; readonly errno?: string; readonly signal?: string; readonly data?: string }
  | { readonly kind: 'held'; readonly doing: Doing; readonly op: string; readonly req: number }
  | { readonly kind: 'waits'; readonly doing: Doing; readonly sleep: Sleep }
  | { readonly kind: 'runs'; readonly doing: Doing }
  | { readonly kind: 'died'; readonly doing: Doing };

/** The stage after one step. */
export interface Rest {
  readonly step: number;
  readonly standings: ReadonlyMap<string, Standing>;
  /** What a release found to release; undefined where nothing was said of one. */
  readonly released?: number;
  /** Something still moved when the guest stopped waiting for quiet. */
  readonly restless: boolean;
}

interface Follow {
  doing?: Doing;
  /** What its call has at the server: the opcodes by request, oldest first. */
  requests: Map<number, string>;
  sleep?: Sleep;
  returned?: Extract<Standing, { kind: 'returned' }>;
  died?: boolean;
}

/** Requests that no server answers (fuse_dev_do_read() ends them, or they were never more than a note). */
export const unanswerable: ReadonlySet<string> = new Set(['FORGET', 'BATCH_FORGET', 'INTERRUPT']);

/** Requests that nobody waits for: who sent one is through, or in another call already. 7.3 says who it was, 6.12 does not. */
export const unwaited: ReadonlySet<string> = new Set(['RELEASE', 'RELEASEDIR']);

/** Follows every actor through a trace: one Rest for each step that came to rest, in order. */
export function followActors(actors: readonly string[], events: readonly TraceEvent[]): Rest[] {
  const follows = new Map<string, Follow>(actors.map((name) => [name, { requests: new Map() }]));
  const rests: Rest[] = [];
  let released: number | undefined;
  for (const event of events) {
    if (event.e === 'released') released = event.count;
    if (event.e === 'rest' || event.e === 'restless') {
      rests.push({
        step: event.step,
        standings: new Map([...follows].map(([name, follow]) => [name, standingOf(follow)])),
        restless: event.e === 'restless',
        ...(released === undefined ? {} : { released }),
      });
      released = undefined;
      for (const follow of follows.values()) delete follow.returned;
    } else {
      apply(follows, event);
    }
  }
  return rests;
}

function apply(follows: ReadonlyMap<string, Follow>, event: TraceEvent): void {
  if (event.e === 'reply') {
    for (const follow of follows.values()) follow.requests.delete(event.req);
    return;
  }
  const name = 'who' in event ? event.who : 'by' in event ? event.by : undefined;
  const follow = name === undefined ? undefined : follows.get(name);
  if (!follow) return;
  switch (event.e) {
    case 'call':
      follow.doing = { step: event.step, call: event.call, off: event.off, len: event.len };
      delete follow.sleep;
      // What an earlier call left at the server is none of this one's.
      follow.requests.clear();
      break;
    case 'return':
      if (!follow.doing) break;
      follow.returned = {
        kind: 'returned', doing: follow.doing, ret: event.ret,
        ...(event.errno === undefined ? {} : { errno: event.errno }),
        ...(event.signal === undefined ? {} : { signal: event.signal }),
        ...(event.data === undefined ? {} : { data: event.data }),
      };
      delete follow.doing;
      break;
    case 'arrive':
      if (follow.doing && !unanswerable.has(event.op) && !unwaited.has(event.op)) follow.requests.set(event.req, event.op);
      break;
    case 'sleep':
      follow.sleep = { state: event.state ?? '?', in: event.in, stack: event.stack.split(' ').filter(Boolean) };
      break;
    case 'died':
      follow.died = true;
      break;
    default:
      break;
  }
}

/** proc(5): interruptible and uninterruptible sleep; the other states run, are stopped, or are gone. */
const asleep = new Set(['S', 'D']);

function standingOf(follow: Follow): Standing {
  const { doing } = follow;
  if (!doing) return follow.returned ?? { kind: 'idle' };
  if (follow.died === true) return { kind: 'died', doing };
  const [held] = follow.requests;
  if (held) return { kind: 'held', doing, req: held[0], op: held[1] };
  return follow.sleep && asleep.has(follow.sleep.state) ? { kind: 'waits', doing, sleep: follow.sleep } : { kind: 'runs', doing };
}
