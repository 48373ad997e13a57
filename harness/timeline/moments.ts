import { followActors, unanswerable, unwaited, type Rest, type Standing } from '../judge/follow-actors.ts';
import { parseTrace, type TraceEvent } from '../judge/parse-trace.ts';
import type { Scenario, ServerAction } from '../scenario/types.ts';
import { consoleTimes, type ConsoleMoment } from './console-times.ts';
import { describeStep } from './describe-step.ts';
import { actorLine, serverLine, wordsOf } from './event-words.ts';

/** What the stage does itself has an event of its own. */
const toldByItsEvent: ReadonlySet<ServerAction['kind']> = new Set(['kill', 'abort', 'die', 'drop-caches']);

/** How an actor stands at a moment. `call`: in a call that was not seen to sleep; the rest as they say. */
export type Lane = 'idle' | 'call' | 'waits' | 'held' | 'died' | 'gone';

/** One line of a timeline: something happened, at `ns` of the guest's clock, and the actors stand so afterwards. */
export type Moment = {
  /** Undefined where the clock is not known: the console of a guest that did not tie its clocks. */
  readonly ns: number | undefined;
  /** The step that it is the first moment of. */
  readonly step?: number;
  readonly lanes: ReadonlyMap<string, Lane>;
} & (
  /** Of an actor: it begins a call, returns, is seen to wait. `begins` and `ends` say that a bar does. */
  | { readonly kind: 'actor'; readonly who: string; readonly text: string; readonly bar: 'begins' | 'goes-on' | 'ends' }
  /** What came to the server, left it or was ordered of it. */
  | { readonly kind: 'server' | 'order'; readonly text: string }
  | ({ readonly kind: 'console' } & Pick<ConsoleMoment, 'text' | 'complaint' | 'registers'>)
  /** The scene and the kernel parted in the step before. */
  | { readonly kind: 'parted' }
  | { readonly kind: 'stage'; readonly text: string; readonly bad: boolean }
);

export interface Moments {
  readonly actors: readonly string[];
  readonly moments: readonly Moment[];
  readonly damage: string | undefined;
}

/**
 * A trace and its console as one line of moments, in order. `parted` is the step at which scene and kernel parted. Whatever the trace says,
 * this returns; a damaged one is told up to its damage.
 */
export function momentsOf(scene: Scenario, given: { readonly trace: string; readonly console: string; readonly parted: number | undefined }): Moments {
  const { events, damage } = parseTrace(given.trace);
  const rests = new Map(followActors(scene, events).map((rest) => [rest.step, rest]));
  const telling = new Telling(scene, { rests, parted: given.parted, console: consoleTimes(given.console, events) });
  for (const event of events) telling.tell(event);
  return { actors: scene.actors.map(({ name }) => name), moments: telling.end(), damage };
}

class Telling {
  readonly #scene: Scenario;
  readonly #rests: ReadonlyMap<number, Rest>;
  readonly #console: ConsoleMoment[];
  readonly #parted: number | undefined;
  readonly #moments: Moment[] = [];
  readonly #lanes = new Map<string, Lane>();
  /** What each actor was last said to wait for, and by request who has it at the server. */
  readonly #said = new Map<string, string>();
  readonly #held = new Map<number, string>();
  /** The steps that began since the last rest: one, or those of a block that are done at once. */
  #block: number[] = [];
  /** A step that nothing was said of yet. */
  #fresh: number | undefined;
  #struck = false;
  #flagged = false;

  constructor(scene: Scenario, given: { readonly rests: ReadonlyMap<number, Rest>; readonly parted: number | undefined; readonly console: readonly ConsoleMoment[] }) {
    this.#scene = scene;
    this.#rests = given.rests;
    this.#parted = given.parted;
    this.#console = [...given.console];
    for (const { name } of scene.actors) this.#lanes.set(name, 'idle');
  }

  tell(event: TraceEvent): void {
    this.#consoleUntil(event.t);
    if (event.e === 'step') this.#beginStep(event);
    else if (event.e === 'rest' || event.e === 'restless') this.#rest(event);
    else if (event.e === 'strike') this.#strike(event.t);
    else if (this.#struck) this.#tidy(event);
    else if (event.e === 'trouble' || event.e === 'leftover') this.#stage(event.t, { text: `${event.e} with ${event.what}: ${event.error}`, bad: true });
    else if ('who' in event) this.#actor(event.who, event);
    else this.#server(event);
  }

  end(): Moment[] {
    this.#flag();
    this.#consoleUntil(Number.POSITIVE_INFINITY);
    return this.#moments;
  }

  #add(moment: Moment extends infer M ? (M extends Moment ? Omit<M, 'lanes' | 'step'> : never) : never): void {
    const step = this.#fresh === undefined || moment.kind === 'console' ? {} : { step: this.#fresh };
    if (moment.kind !== 'console') this.#fresh = undefined;
    this.#moments.push({ ...moment, ...step, lanes: new Map(this.#lanes) });
  }

  #beginStep(event: Extract<TraceEvent, { readonly e: 'step' | 'rest' | 'restless' }>): void {
    const step = this.#scene.steps[event.step - 1];
    // Of steps that are done at once, the last one's rest is that of all.
    if (step?.joins !== true) {
      this.#flag();
      this.#block = [];
    }
    this.#block.push(event.step);
    this.#fresh = event.step;
    if (step?.kind === 'server' && !toldByItsEvent.has(step.action.kind)) this.#add({ kind: 'order', ns: event.t, text: describeStep(step).replace('server: ', '') });
  }

  #actor(who: string, event: TraceEvent): void {
    if (!this.#lanes.has(who)) return;
    if (event.e === 'call') this.#set(who, 'call');
    if (event.e === 'return') this.#set(who, 'idle');
    if (event.e === 'gone') this.#set(who, 'gone');
    const bar = event.e === 'call' ? 'begins' : event.e === 'return' ? 'ends' : 'goes-on';
    for (const text of actorLine(who, event)) this.#add({ kind: 'actor', ns: event.t, who, text, bar });
  }

  #set(who: string, lane: Lane): void {
    this.#lanes.set(who, lane);
    this.#said.delete(who);
    if (lane === 'idle' || lane === 'gone') for (const [req, by] of this.#held) if (by === who) this.#held.delete(req);
  }

  #server(event: TraceEvent): void {
    if (event.e === 'arrive' && event.by !== undefined && this.#isWaitedFor(event.by, event.op)) {
      this.#held.set(event.req, event.by);
      this.#lanes.set(event.by, 'held');
    }
    const who = event.e === 'reply' ? this.#held.get(event.req) : undefined;
    if (event.e === 'reply') this.#held.delete(event.req);
    if (who !== undefined && this.#lanes.get(who) === 'held' && ![...this.#held.values()].includes(who)) this.#lanes.set(who, 'call');
    for (const text of serverLine(event)) this.#add({ kind: 'server', ns: event.t, text });
  }

  #isWaitedFor(by: string, op: string): boolean {
    const lane = this.#lanes.get(by);
    return (lane === 'call' || lane === 'held' || lane === 'waits') && !unanswerable.has(op) && !unwaited.has(op);
  }

  /** Nothing moves any more: who has not returned stands somewhere, and that is told where it is news. */
  #rest(event: Extract<TraceEvent, { readonly e: 'step' | 'rest' | 'restless' }>): void {
    for (const [who, standing] of this.#rests.get(event.step)?.standings ?? []) this.#stand(who, { standing, ns: event.t });
    if (event.e === 'restless') this.#stage(event.t, { text: 'something still moves; it is not waited for any longer', bad: true });
  }

  #stand(who: string, given: { readonly standing: Standing; readonly ns: number }): void {
    const { standing, ns } = given;
    if (standing.kind === 'idle' || standing.kind === 'returned') return;
    this.#lanes.set(who, standing.kind === 'runs' ? 'call' : standing.kind);
    const text = wordsOf(standing);
    // That it is held is what the server's column says.
    if (this.#said.get(who) === text || standing.kind === 'held') return;
    this.#said.set(who, text);
    this.#add({ kind: 'actor', ns, who, text, bar: standing.kind === 'died' || standing.kind === 'gone' ? 'ends' : 'goes-on' });
  }

  #strike(ns: number): void {
    this.#flag();
    this.#struck = true;
    this.#stage(ns, { text: 'the scene is struck: every request is answered, every actor sent home', bad: false });
  }

  /** What the stage does to tidy up is no part of the scene; what it cannot tidy is. */
  #tidy(event: TraceEvent): void {
    if (event.e === 'end') this.#stage(event.t, { text: event.stuck > 0 ? `ended, with ${event.stuck} stuck` : 'ended', bad: event.stuck > 0 });
    if (event.e === 'stuck') this.#stage(event.t, { text: `${event.who} is stuck in ${event.in}`, bad: true });
    if (event.e === 'trouble' || event.e === 'leftover') this.#stage(event.t, { text: `${event.e} with ${event.what}: ${event.error}`, bad: true });
  }

  #stage(ns: number, given: { readonly text: string; readonly bad: boolean }): void {
    this.#add({ kind: 'stage', ns, ...given });
  }

  #flag(): void {
    if (this.#flagged || this.#parted === undefined || !this.#block.includes(this.#parted)) return;
    this.#flagged = true;
    this.#add({ kind: 'parted', ns: undefined });
  }

  #consoleUntil(ns: number): void {
    for (let [next] = this.#console; next !== undefined && (next.ns ?? Number.POSITIVE_INFINITY) <= ns; [next] = this.#console) {
      this.#console.shift();
      this.#add({ kind: 'console', ...next });
    }
  }
}
