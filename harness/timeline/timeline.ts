import { followActors, unanswerable, type Rest, type Standing } from '../judge/follow-actors.ts';
import { parseTrace, type TraceEvent } from '../judge/parse-trace.ts';
import type { Scenario, Step } from '../scenario/types.ts';
import { describeStep } from './describe-step.ts';
import { actorLine, serverLine, wordsOf } from './event-words.ts';

/** What an actor does over one or more rows. */
export interface Bar {
  /** `call`: something happened in this row alone; `waits`: it sleeps in the kernel; `held`: the server has its request; the rest as they say. */
  readonly kind: 'idle' | 'call' | 'waits' | 'held' | 'runs' | 'died' | 'gone';
  /** `pwrite of 4K at 0`, `returned 4096`; one line each. */
  readonly lines: readonly string[];
  /** How many rows it spans. */
  readonly rows: number;
  /** It is where scene and kernel parted. */
  readonly parted: boolean;
}

/** One step, or the steps of a block that are done at once. */
export interface TimelineRow {
  readonly kind: 'row';
  readonly steps: readonly { readonly number: number; readonly text: string; readonly label: string | undefined }[];
  /** The guest's clock when it began. */
  readonly ns: number;
  /** By actor; absent where a bar from above goes on. */
  readonly bars: ReadonlyMap<string, Bar>;
  /** What came to the server and left it. */
  readonly server: readonly string[];
  /** What it still held when nothing moved any more. */
  readonly holds: readonly string[];
  readonly parted: boolean;
}

/** Steps that are not shown. */
export interface TimelineGap {
  readonly kind: 'gap';
  readonly steps: number;
}

export interface Timeline {
  readonly actors: readonly string[];
  readonly rows: readonly (TimelineRow | TimelineGap)[];
  readonly damage: string | undefined;
}

/** A scene of so many rows is shown whole; of a longer one so many before and after the step where it parted. */
const mostWhole = 22;
const rowsBefore = 8;
const rowsAfter = 3;
/** Calls that are in the way of the parted step began in rows of their own. */
const mostOlder = 6;

/** Where scene and kernel parted: the step, and whose call it was. */
export interface Parted {
  readonly step: number | undefined;
  readonly actor: string | undefined;
}

/**
 * A trace as rows of steps and columns of actors around the step where scene and kernel parted. Whatever the trace says, this returns; a
 * damaged one is shown up to its damage.
 */
export function timelineOf(scene: Scenario, given: Parted & { readonly trace: string }): Timeline {
  const { events, damage } = parseTrace(given.trace);
  const played = playedRows(scene, events);
  const parted = played.findIndex((row) => row.steps.some((step) => step.number === given.step));
  const shown = chooseRows(played, parted);
  const actors = scene.actors.map(({ name }) => name).filter((name) => shown.some((index) => played[index]?.states.get(name)?.kind !== 'idle'));
  return { actors, rows: withGaps(played, { shown, actors, parted, actor: given.actor }), damage };
}

interface PlayedRow {
  readonly steps: readonly Step[];
  readonly ns: number;
  readonly states: ReadonlyMap<string, State>;
  readonly server: readonly string[];
  readonly holds: readonly string[];
}

/** An actor in a row: what happened, and how it stood at the row's rest. `since` is the step that began the call it is in. */
interface State {
  readonly kind: Bar['kind'];
  readonly lines: readonly string[];
  readonly since: number | undefined;
  /** What tells two waits of one call apart. */
  readonly text: string;
}

/** Every block of steps that the guest began. */
function playedRows(scene: Scenario, events: readonly TraceEvent[]): PlayedRow[] {
  const rests = new Map(followActors(scene, events).map((rest) => [rest.step, rest]));
  const rows: PlayedRow[] = [];
  const held = new Map<number, string>();
  for (const { steps, inside } of blocksOf(scene, events)) {
    const server = inside.flatMap((event) => serverLine(event));
    for (const event of inside) follow(held, event);
    const last = steps.at(-1)?.number ?? 0;
    rows.push({
      steps, server, ns: inside[0]?.t ?? 0, holds: [...held.values()],
      states: new Map(scene.actors.map(({ name }) => [name, stateOf(name, { inside, rest: rests.get(last) })])),
    });
  }
  return rows;
}

/** The trace from each step that does not join to the next; what comes after the strike is the stage's own tidying. */
function blocksOf(scene: Scenario, events: readonly TraceEvent[]): { readonly steps: Step[]; readonly inside: TraceEvent[] }[] {
  const blocks: { readonly steps: Step[]; readonly inside: TraceEvent[] }[] = [];
  for (const event of events) {
    if (event.e === 'strike' || event.e === 'end') break;
    if (event.e === 'step') {
      const step = scene.steps[event.step - 1];
      if (!step) break;
      const last = blocks.at(-1);
      if (step.joins && last) last.steps.push(step);
      else blocks.push({ steps: [step], inside: [] });
    }
    blocks.at(-1)?.inside.push(event);
  }
  return blocks;
}

function follow(held: Map<number, string>, event: TraceEvent): void {
  if (event.e === 'arrive' && !unanswerable.has(event.op)) held.set(event.req, `${event.op}${event.by === undefined ? '' : ` of ${event.by}`}`);
  if (event.e === 'reply' || event.e === 'unanswered') held.delete(event.req);
  if (event.e === 'dead' || event.e === 'aborted') held.clear();
}

function stateOf(name: string, given: { readonly inside: readonly TraceEvent[]; readonly rest: Rest | undefined }): State {
  const lines = given.inside.flatMap((event) => actorLine(name, event));
  const standing = given.rest?.standings.get(name) ?? lastSeen(name, given);
  const { kind } = standing;
  const text = kind === 'idle' || kind === 'returned' ? '' : wordsOf(standing);
  const since = 'doing' in standing ? standing.doing?.step : undefined;
  if (kind === 'returned' || kind === 'idle') return { kind: lines.length === 0 ? 'idle' : 'call', lines, since, text };
  return { kind, lines, since, text };
}

/** A guest that ended in the middle came to no rest: an actor without a return still runs. */
function lastSeen(name: string, given: { readonly inside: readonly TraceEvent[]; readonly rest: Rest | undefined }): Standing {
  const last = given.inside.findLast((event) => 'who' in event && event.who === name);
  if (given.rest === undefined && last?.e === 'call') {
    return { kind: 'runs', doing: { step: last.step, call: last.call, off: last.off, len: last.len, moves: last.len } };
  }
  return { kind: 'idle' };
}

/** Indexes of the rows that tell how it came: those around the parted one, and where the calls that are still under way there began. */
function chooseRows(rows: readonly PlayedRow[], parted: number): number[] {
  const all = rows.map((_, index) => index);
  if (rows.length <= mostWhole) return all;
  const centre = parted === -1 ? rows.length - 1 : parted;
  const older = [...(rows[centre]?.states.values() ?? [])]
    .flatMap(({ kind, since }) => (since === undefined || kind === 'call' || kind === 'gone' ? [] : [rows.findIndex((row) => row.steps.some((step) => step.number === since))]))
    .filter((index) => index !== -1 && index < centre - rowsBefore)
    .sort((a, b) => b - a)
    .slice(0, mostOlder);
  return all.filter((index) => older.includes(index) || (index >= centre - rowsBefore && index <= centre + rowsAfter));
}

function withGaps(
  played: readonly PlayedRow[],
  given: { readonly shown: readonly number[]; readonly actors: readonly string[]; readonly parted: number; readonly actor: string | undefined },
): (TimelineRow | TimelineGap)[] {
  const rows: (TimelineRow | TimelineGap)[] = [];
  let next = 0;
  const gapTo = (index: number): void => {
    const steps = played.slice(next, index).reduce((sum, row) => sum + row.steps.length, 0);
    if (steps > 0) rows.push({ kind: 'gap', steps });
    next = index + 1;
  };
  for (const index of given.shown) {
    gapTo(index);
    const row = played[index];
    if (!row) continue;
    rows.push({
      kind: 'row', ns: row.ns, server: row.server, holds: row.holds, parted: index === given.parted,
      steps: row.steps.map((step) => ({ number: step.number, text: describeStep(step), label: step.label })),
      bars: new Map(given.actors.flatMap((name) => barAt(played, { name, index, shown: given.shown, cut: name === given.actor ? given.parted : -1 }))),
    });
  }
  gapTo(played.length);
  return rows;
}

/**
 * The bar that begins in this row, over all rows shown below it in which nothing else happened; none where one from above goes on. At
 * row `cut`, where this actor parted from the scene, a bar of its own begins and the one from above ends.
 */
function barAt(
  played: readonly PlayedRow[],
  given: { readonly name: string; readonly index: number; readonly shown: readonly number[]; readonly cut: number },
): [string, Bar][] {
  const { name, index, shown, cut } = given;
  const stateAt = (at: number): State | undefined => (shown.includes(at) ? played[at]?.states.get(name) : undefined);
  const own = stateAt(index);
  if (!own) return [];
  const above = stateAt(index - 1);
  const continues = above !== undefined && goesOn(above, own);
  if (continues && index !== cut) return [];
  let rows = 1;
  for (let below = stateAt(index + 1); below && index + rows !== cut && goesOn(own, below); below = stateAt(index + rows)) rows += 1;
  const lines = own.text === '' ? own.lines : [...own.lines, continues ? `still ${own.text}` : own.text];
  return [[name, { kind: own.kind, lines, rows, parted: index === cut }]];
}

const lasting: ReadonlySet<Bar['kind']> = new Set(['idle', 'waits', 'held', 'runs', 'died', 'gone']);

function goesOn(above: State, below: State): boolean {
  return lasting.has(above.kind) && above.kind === below.kind && below.lines.length === 0 && above.since === below.since && above.text === below.text;
}
