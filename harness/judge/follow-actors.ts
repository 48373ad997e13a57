import type { Sleep } from '../scenario/places.ts';
import type { Call, Scenario } from '../scenario/types.ts';
import type { TraceEvent } from './parse-trace.ts';

/** A call that an actor is in, or has just returned from. */
export interface Doing {
  readonly step: number;
  readonly call: string;
  readonly off: number;
  readonly len: number;
  /** How many bytes it moves when all goes well: its own, or a reap's what it reaps. */
  readonly moves: number;
}

/** How things stand with an actor when nothing moves any more. `since` is the step that began its call. */
export type Standing =
  | { readonly kind: 'idle' }
  | { readonly kind: 'returned'; readonly doing: Doing; readonly ret: number; readonly errno?: string; readonly signal?: string; readonly data?: string }
  | { readonly kind: 'held'; readonly doing: Doing; readonly op: string; readonly req: number }
  | { readonly kind: 'waits'; readonly doing: Doing; readonly sleep: Sleep }
  | { readonly kind: 'runs'; readonly doing: Doing }
  | { readonly kind: 'died'; readonly doing: Doing }
  /** Its process has ended; `doing` is the call that it was in then. */
  | { readonly kind: 'gone'; readonly doing?: Doing };

/** What a step of the server says of itself. */
export type Said = Extract<TraceEvent, { readonly e: 'released' | 'content' | 'backing' | 'invalidated' }>;

/** The stage after one step, or after the last of a block of steps that join. */
export interface Rest {
  readonly step: number;
  readonly standings: ReadonlyMap<string, Standing>;
  /** What was said since the last rest, by step. */
  readonly said: ReadonlyMap<number, Said>;
  /** How many requests came since the last rest, by opcode. */
  readonly arrived: ReadonlyMap<string, number>;
  /** Something still moved when the guest stopped waiting for quiet. */
  readonly restless: boolean;
}

interface Follow {
  doing?: Doing;
  /** What its call has at the server: the opcodes by request, oldest first. */
  requests: Map<number, string>;
  /** What it has submitted and not reaped, oldest first. */
  submitted: Submission[];
  sleep?: Sleep;
  returned?: Extract<Standing, { kind: 'returned' }>;
  died?: boolean;
  gone?: boolean;
}

interface Submission {
  readonly op: 'READ' | 'WRITE';
  readonly off: number;
  readonly len: number;
}

/** Requests that no server answers (fuse_dev_do_read() ends them, or they were never more than a note). */
export const unanswerable: ReadonlySet<string> = new Set(['FORGET', 'BATCH_FORGET', 'INTERRUPT']);

/** Requests that nobody waits for: who sent one is through, or in another call already. 7.3 says who it was, 6.12 does not. */
export const unwaited: ReadonlySet<string> = new Set(['RELEASE', 'RELEASEDIR']);

/** Follows every actor through a trace: one Rest for each step that came to rest, in order. */
export function followActors(scene: Scenario, events: readonly TraceEvent[]): Rest[] {
  const follows = new Map<string, Follow>(scene.actors.map(({ name }) => [name, { requests: new Map(), submitted: [] }]));
  const rests: Rest[] = [];
  let said = new Map<number, Said>();
  let arrived = new Map<string, number>();
  for (const event of events) {
    if (event.e === 'begin') arrived = new Map();
    if (event.e === 'released' || event.e === 'content' || event.e === 'backing' || event.e === 'invalidated') said.set(event.step, event);
    if (event.e === 'arrive') arrived.set(event.op, (arrived.get(event.op) ?? 0) + 1);
    if (event.e === 'rest' || event.e === 'restless') {
      rests.push({ step: event.step, standings: new Map([...follows].map(([name, follow]) => [name, standingOf(follow)])), restless: event.e === 'restless', said, arrived });
      said = new Map();
      arrived = new Map();
      for (const follow of follows.values()) settle(follow);
    } else {
      apply(scene, follows, event);
    }
  }
  return rests;
}

/** What was over at a rest is past after it. */
function settle(follow: Follow): void {
  delete follow.returned;
  if (follow.gone === true) delete follow.doing;
}

function apply(scene: Scenario, follows: ReadonlyMap<string, Follow>, event: TraceEvent): void {
  if (event.e === 'reply') {
    for (const follow of follows.values()) follow.requests.delete(event.req);
    return;
  }
  const name = 'who' in event ? event.who : 'by' in event ? event.by : undefined;
  const follow = name === undefined ? undefined : follows.get(name);
  if (!follow) return;
  switch (event.e) {
    case 'call':
      follow.doing = { step: event.step, call: event.call, off: event.off, len: event.len, moves: event.call === 'reap' ? (follow.submitted[0]?.len ?? 0) : event.len };
      delete follow.sleep;
      // What an earlier call left at the server is none of this one's.
      follow.requests.clear();
      submit(follow, scene.steps[event.step - 1]);
      break;
    case 'return':
      if (!follow.doing) break;
      follow.returned = {
        kind: 'returned', doing: follow.doing, ret: event.ret,
        ...(event.errno === undefined ? {} : { errno: event.errno }),
        ...(event.signal === undefined ? {} : { signal: event.signal }),
        ...(event.data === undefined ? {} : { data: event.data }),
      };
      if (event.call === 'submit' && event.ret !== 1) follow.submitted.pop();
      if (event.call === 'reap') follow.submitted.shift();
      delete follow.doing;
      break;
    case 'arrive':
      if (follow.doing && isOfCall(follow, follow.doing, event)) follow.requests.set(event.req, event.op);
      break;
    case 'sleep':
      follow.sleep = { state: event.state ?? '?', in: event.in, stack: event.stack.split(' ').filter(Boolean) };
      break;
    case 'died':
      follow.died = true;
      break;
    case 'gone':
      follow.gone = true;
      break;
    default:
      break;
  }
}

function submit(follow: Follow, step: Scenario['steps'][number] | undefined): void {
  const call: Call | undefined = step?.kind === 'order' ? step.call : undefined;
  if (call?.kind === 'submit') follow.submitted.push({ op: call.io === 'read' ? 'READ' : 'WRITE', off: call.at, len: call.bytes });
}

/** Whether a request is one that its sender's call waits for, and not one of what it has submitted before, for which nobody waits but a reap. */
function isOfCall(follow: Follow, doing: Doing, event: Extract<TraceEvent, { readonly e: 'arrive' }>): boolean {
  if (unanswerable.has(event.op) || unwaited.has(event.op) || doing.call === 'reap') return false;
  const earlier = doing.call === 'submit' ? follow.submitted.slice(0, -1) : follow.submitted;
  const { off, len } = event;
  if (off === undefined || len === undefined) return true;
  const within = (range: { readonly off: number; readonly len: number }): boolean => off >= range.off && off + len <= range.off + range.len;
  return within(doing) || !earlier.some((submission) => submission.op === event.op && within(submission));
}

/** proc(5): interruptible and uninterruptible sleep; the other states run, are stopped, or are gone. */
const asleep = new Set(['S', 'D']);

function standingOf(follow: Follow): Standing {
  const { doing } = follow;
  if (follow.gone === true) return doing ? { kind: 'gone', doing } : { kind: 'gone' };
  if (!doing) return follow.returned ?? { kind: 'idle' };
  if (follow.died === true) return { kind: 'died', doing };
  const [held] = follow.requests;
  if (held) return { kind: 'held', doing, req: held[0], op: held[1] };
  return follow.sleep && asleep.has(follow.sleep.state) ? { kind: 'waits', doing, sleep: follow.sleep } : { kind: 'runs', doing };
}
