import { wrapText } from '../formats/wrap-text.ts';
import type { Verdict } from '../judge/verdict.ts';
import { printable, printableColumns } from '../printable.ts';
import { partingWords } from '../report/parting-words.ts';
import type { Scenario } from '../scenario/types.ts';
import { momentsOf, type Lane, type Moment } from '../timeline/moments.ts';
import type { Colours } from './colours.ts';
import { fitLanes, type Layout } from './timeline-layout.ts';

/** What is drawn, and on what. */
export interface Drawing {
  readonly trace: string;
  readonly console: string;
  readonly verdict: Pick<Verdict, 'reason' | 'step'>;
  /** Columns of the terminal. */
  readonly columns: number;
  readonly colours: Colours;
}

const barOf: Readonly<Record<Lane, string>> = { idle: ' ', call: '│', held: '┊', waits: '┃', died: ' ', gone: ' ' };
const headOf = { begins: '┌', 'goes-on': '┃', ends: '└' } as const;
/** The lines of a console that are shown at one place. */
const mostConsole = 20;
/** A scene of more steps is shown around the one where it parted. */
const mostSteps = 100;
const stepsBefore = 16;
const stepsAfter = 6;
const mostWrapped = 3;

/**
 * A trace and its console as a timeline for a terminal: the guest's milliseconds and the step at the side, a lane an actor, the server
 * beside them. A bar lasts from a call to its return, and says whether it waits in the kernel or its request is at the server.
 */
export function timelineLines(scene: Scenario, drawing: Drawing): string[] {
  const told = momentsOf(scene, { trace: drawing.trace, console: drawing.console, parted: drawing.verdict.step });
  const { moments, left } = chooseMoments(told.moments, drawing);
  const layout = fitLanes({ ...told, moments }, drawing.columns);
  const { colours } = drawing;
  const lines = [colours.dim(headLine(layout)), ...(left.before > 0 ? [colours.dim(leftOut(left.before))] : [])];
  let [shown, hidden] = [0, 0];
  for (const [index, moment] of moments.entries()) {
    if (moment.kind === 'console' && !moment.complaint && (moment.registers || shown >= mostConsole)) hidden += 1;
    else lines.push(...momentLines(moment, { layout, drawing }));
    if (moment.kind === 'console') shown += 1;
    if (moments[index + 1]?.kind === 'console') continue;
    if (hidden > 0) lines.push(colours.dim(`${' '.repeat(layout.margin)}… ${hidden} more ${hidden === 1 ? 'line' : 'lines'} of the console`));
    [shown, hidden] = [0, 0];
  }
  if (left.after > 0) lines.push(colours.dim(leftOut(left.after)));
  if (told.damage !== undefined) lines.push(colours.bad(cut(`the trace is damaged: ${printable(told.damage)}`, layout.columns)));
  const used = new Set(moments.flatMap(({ lanes }) => [...lanes.values()]));
  const keys = [used.has('waits') ? '┃ sleeps in the kernel' : '', used.has('held') ? '┊ its request is at the server' : ''].filter(Boolean);
  if (keys.length > 0) lines.push(colours.dim(cut(`${' '.repeat(layout.margin)}${keys.join('   ')}`, layout.columns)));
  return lines;
}

function leftOut(steps: number): string {
  return `${' '.repeat(4)}… ${steps} ${steps === 1 ? 'step' : 'steps'} not shown; --verbose shows every event`;
}

/** All of a scene of not too many steps; of a longer one that failed what is around the step where it parted. */
function chooseMoments(moments: readonly Moment[], { verdict }: Drawing): { readonly moments: readonly Moment[]; readonly left: { readonly before: number; readonly after: number } } {
  const steps = moments.flatMap(({ step }, at) => (step === undefined ? [] : [{ step, at }]));
  const parted = steps.findIndex(({ step }) => step === verdict.step);
  if (steps.length <= mostSteps || parted === -1) return { moments, left: { before: 0, after: 0 } };
  const from = Math.max(0, parted - stepsBefore);
  const to = Math.min(steps.length, parted + stepsAfter + 1);
  const first = from === 0 ? 0 : (steps[from]?.at ?? 0);
  const last = to === steps.length ? moments.length : (steps[to]?.at ?? moments.length);
  return { moments: moments.slice(first, last), left: { before: from, after: steps.length - to } };
}

function headLine(layout: Layout): string {
  const server = layout.server === 0 ? '' : 'server';
  return `step${'ms'.padStart(layout.margin - 6)}  ${layout.actors.map(({ name, width }) => cut(name, width - 1).padEnd(width)).join('')}${server}`.trimEnd();
}

interface At {
  readonly layout: Layout;
  readonly drawing: Drawing;
}

function momentLines(moment: Moment, at: At): string[] {
  const { layout, drawing } = at;
  const { colours } = drawing;
  const room = layout.columns - layout.margin;
  switch (moment.kind) {
    case 'actor':
    case 'server':
    case 'order':
      return eventLines(moment, at);
    case 'console': {
      const line = cut(printableColumns(moment.text, 400), room - 2);
      return [`${side(moment, at)}${colours.dim('▐')} ${moment.complaint ? colours.bad(line) : line}`];
    }
    case 'stage':
      return wrapText(printable(moment.text), { columns: room }).map((text, index) => (index === 0 ? side(moment, at) : ' '.repeat(layout.margin)) + (moment.bad ? colours.bad(text) : colours.dim(text)));
    case 'parted':
      return partedLines(drawing.verdict.reason, room).map((text) => `${' '.repeat(layout.margin)}${colours.bad(text)}`);
  }
}

/** The judge's sentence in its parts, so that what came and what had to come stand under each other. */
function partedLines(reason: string, room: number): string[] {
  const { came, expected, meaning, said } = partingWords(reason);
  // What the kernel said stands where it said it.
  if (came === undefined && said !== undefined) return [];
  const parts = came === undefined ? [`✕ ${reason}`] : [`✕ here they part: ${came}`, ...(expected === undefined ? [] : [`  but ${expected}`]), ...(meaning === undefined ? [] : [`  ${meaning}`])];
  return parts.flatMap((part) => wrapText(printable(part, 600), { columns: room, first: part.startsWith('  ') ? '  ' : '', rest: '    ' }));
}

/** One line, or several where a text is wrapped inside its lane. */
function eventLines(moment: Extract<Moment, { readonly kind: 'actor' | 'server' | 'order' }>, at: At): string[] {
  const { layout } = at;
  const text = printable(moment.text, 400);
  const own = moment.kind === 'actor' ? moment.who : undefined;
  const width = layout.text > 0 ? layout.text : own === undefined ? layout.server : (layout.actors.find(({ name }) => name === own)?.width ?? 0) - 3;
  const pieces = atMost(wrapText(text, { columns: width }), width);
  return pieces.map((piece, index) => {
    const head = index === 0 ? side(moment, at) : ' '.repeat(layout.margin);
    const lanes = layout.actors.map((lane) => laneText(moment, { lane, own, piece, first: index === 0, wide: layout.text === 0 })).join('');
    if (layout.text > 0) return `${head}${lanes}${laneWord(moment, index)}${piece}`.trimEnd();
    return `${head}${lanes}${own === undefined ? piece : ''}`.trimEnd();
  });
}

/** Where lanes are too narrow for words, one column has them, and whose they are. */
function laneWord(moment: Extract<Moment, { readonly kind: 'actor' | 'server' | 'order' }>, index: number): string {
  if (index > 0) return '  ';
  return moment.kind === 'actor' ? `${moment.who}: ` : moment.kind === 'order' ? 'server: ' : '';
}

function laneText(
  moment: Extract<Moment, { readonly kind: 'actor' | 'server' | 'order' }>,
  given: { readonly lane: Layout['actors'][number]; readonly own: string | undefined; readonly piece: string; readonly first: boolean; readonly wide: boolean },
): string {
  const { lane, first, wide } = given;
  const bar = barOf[moment.lanes.get(lane.name) ?? 'idle'];
  if (moment.kind !== 'actor' || lane.name !== given.own) return bar.padEnd(lane.width);
  const mark = first ? headOf[moment.bar] : moment.bar === 'ends' ? ' ' : bar;
  return (wide ? `${mark} ${given.piece}` : mark).padEnd(lane.width);
}

function side(moment: Moment, { layout, drawing }: At): string {
  const step = moment.step === undefined ? '' : String(moment.step);
  const ms = moment.ns === undefined || !Number.isFinite(moment.ns) ? '' : (moment.ns / 1e6).toFixed(3);
  return `${step.padStart(4)}${drawing.colours.dim(ms.padStart(layout.margin - 6))}  `;
}

function atMost(pieces: readonly string[], width: number): readonly string[] {
  return pieces.length <= mostWrapped ? pieces : [...pieces.slice(0, mostWrapped - 1), cut(pieces.slice(mostWrapped - 1).join(' '), width)];
}

function cut(text: string, width: number): string {
  const characters = [...text];
  return characters.length <= width ? text : `${characters.slice(0, Math.max(0, width - 1)).join('')}…`;
}
