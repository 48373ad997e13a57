import { formatDuration } from '../../format-units.ts';
import { wrapText } from '../../formats/wrap-text.ts';
import type { ModuleChange } from '../../kernel/module/changed-functions.ts';
import { printable, printableColumns } from '../../printable.ts';
import type { Saved } from '../../watch/notice-saves.ts';
import type { PassTimes, WatchEvent } from '../../watch/watch-events.ts';
import type { Colours } from '../colours.ts';
import { shown } from '../results-paths.ts';
import { describeTrace } from '../trace-lines.ts';
import type { Failure, ScreenState, Shown } from './screen-state.ts';

export interface ScreenSize {
  readonly columns: number;
  readonly rows: number;
}

type Paint = keyof Colours | 'plain';
interface Line {
  readonly text: string;
  readonly paint: Paint;
}

const mostNamed = 3;
const mostListed = 9;

/**
 * The whole screen: exactly `rows` lines of at most `columns` characters, the help at the bottom. What does not fit is left out from the end of
 * the longest part, which is the trace or the compiler's words.
 */
export function screenLines(state: ScreenState, size: ScreenSize, given: { readonly colours: Colours; readonly nowMs: number }): string[] {
  const head = [...headLines(state), plain(''), ...activityLines(state, given.nowMs)];
  const room = Math.max(0, size.rows - head.length - 1);
  const body = bodyLines(state, { columns: size.columns, rows: room }).slice(0, room);
  const lines = [...head.slice(0, Math.max(0, size.rows - 1)), ...body];
  while (lines.length < size.rows - 1) lines.push(plain(''));
  const all = [...lines.slice(0, size.rows - 1), { text: helpLine(state), paint: state.typed === undefined ? 'dim' : 'plain' } satisfies Line];
  return all.slice(-size.rows).map(({ text, paint }) => {
    const cut = printableColumns(text, size.columns);
    return paint === 'plain' || cut === '' ? cut : given.colours[paint](cut);
  });
}

/** What was saved, in few words. */
export function describeSaved({ paths, gone, count }: Saved, root: string): string {
  const files = paths.length > 0 ? paths : gone;
  const names = files.slice(0, mostNamed).map((path) => printable(path.startsWith(`${root}/`) ? path.slice(root.length + 1) : path, 80));
  const more = (paths.length > 0 ? count - gone.length : count) - names.length;
  return `${names.join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}

/** What the build changed, and how many scenes are played first for it. */
export function describeBuilt({ change, because }: Extract<WatchEvent, { kind: 'built' }>): string {
  const first = [
    because.failed > 0 ? `${because.failed} that failed last` : '',
    because.changed > 0 ? `${because.changed} that ran ${change?.kind === 'functions' && change.names.length === 1 ? 'it' : 'what changed'}` : '',
    because.unknown > 0 && because.failed + because.changed + because.rest > 0 ? `${because.unknown} of which nobody knows what they run` : '',
  ].filter(Boolean);
  return `${describeChange(change)}${first.length === 0 ? '' : `; first ${first.join(', then ')}`}`;
}

function describeChange(change: ModuleChange | undefined): string {
  if (change === undefined) return 'nothing to compare with: every function may have changed';
  switch (change.kind) {
    case 'nothing':
      return 'no function changed';
    case 'functions':
      return `changed: ${change.names.slice(0, mostListed).join(', ')}${change.names.length > mostListed ? ` and ${change.names.length - mostListed} more` : ''}`;
    case 'everything':
      return `every function may have changed: ${change.why}`;
  }
}

/** How long it took, and where the time went. */
export function describeTimes({ from, noticed, snapshot, build, play, rest, firstVerdict, whole }: PassTimes): [whole: string, parts: string] {
  const parts = [['noticed', noticed], ['snapshot', snapshot], ['build', build], ['play', play], ['rest', rest]] as const;
  return [
    `${formatDuration(whole)} ${from === 'save' ? 'from save to verdict' : 'to the verdict'}${firstVerdict === undefined ? '' : `, ${formatDuration(firstVerdict)} to the first`}`,
    parts.map(([name, ms]) => `${name} ${formatDuration(ms)}`).join(', '),
  ];
}

function headLines(state: ScreenState): Line[] {
  const polled = state.polled === 0 ? '' : `, ${state.polled} of them looked at every 2 s, since inotify has no watches left`;
  const { pass } = state;
  const saved = pass.saved ? `saved ${describeSaved(pass.saved, state.root)}` : '';
  return [
    dim(`diorama watch  ${printable(state.kernel, 120)}  ${state.chosen === undefined ? '' : `only ${printable(state.chosen, 60)}  `}${state.watched + state.polled} directories${polled}`),
    dim([saved, state.word].filter(Boolean).join('  ')),
  ];
}

function activityLines(state: ScreenState, nowMs: number): Line[] {
  const { pass } = state;
  const { activity } = pass;
  const built = pass.built ? [dim(describeBuilt(pass.built))] : [];
  switch (activity.kind) {
    case 'snapshot':
      return [plain('reading the tree')];
    case 'building':
      return [plain(`building ${formatDuration(Math.max(0, Math.floor((nowMs - activity.sinceMs) / 1000) * 1000))}  ${printable(activity.detail, 100)}`)];
    case 'playing':
      return [plain(`playing ${pass.played} of ${pass.built?.scenes ?? '?'}  ${countWords(pass)}`), ...built];
    case 'verdict': {
      const { outcome, times, dir } = pass.verdict ?? {};
      return [
        { text: printable(outcome?.summary ?? '', 300), paint: outcome?.exitCode === 0 ? 'good' : 'bad' },
        ...(times ? describeTimes(times) : []).map(dim), ...built, dim(dir === undefined ? '' : `evidence in ${shown(dir)}`),
      ];
    }
    case 'trouble':
      return [{ text: pass.trouble ? describeTrouble(pass.trouble) : '', paint: 'bad' }];
  }
}

/** The compiler's own words come below, so that they need not be in the sentence. */
function describeTrouble({ error, compiler }: Extract<WatchEvent, { kind: 'trouble' }>): string {
  return compiler.length > 0 ? `it does not build: ${compiler.length} ${compiler.length === 1 ? 'error' : 'errors'}` : printable(error.message, 600);
}

function countWords({ counts }: Shown): string {
  return Object.entries(counts).map(([kind, number]) => `${number} ${kind}`).join(', ');
}

function bodyLines(state: ScreenState, size: ScreenSize): Line[] {
  const { pass } = state;
  if (pass.trouble) return troubleLines(pass.trouble);
  const failure = pass.failures[state.at];
  if (!failure) return [];
  const list = pass.failures.length === 1 ? [] : failureList(pass.failures, state.at);
  const reason = wrapText(`${failure.scene.name}: ${failure.verdict.kind}: ${printable(failure.verdict.reason, 600)}`, { columns: size.columns }).map((text): Line => ({ text, paint: 'bad' }));
  const before = [plain(''), ...list, ...(list.length > 0 ? [plain('')] : []), ...reason, plain('')];
  return [...before, ...traceWindow(failure, { rows: Math.max(0, size.rows - before.length), moved: state.moved })];
}

function failureList(failures: readonly Failure[], at: number): Line[] {
  const lines = failures.slice(0, mostListed).map(({ scene, verdict }, index): Line =>
    ({ text: `${index === at ? '>' : ' '} ${index + 1} ${scene.name}  ${verdict.kind}`, paint: index === at ? 'plain' : 'dim' }));
  return failures.length > mostListed ? [...lines, dim(`    and ${failures.length - mostListed} more`)] : lines;
}

const colourless: Colours = { good: (text) => text, bad: (text) => text, dim: (text) => text };

/** As much of the trace as there is room for, around the step at which kernel and scene parted. */
function traceWindow({ scene, verdict, trace }: Failure, given: { readonly rows: number; readonly moved: number }): Line[] {
  const { step } = verdict;
  const lines = describeTrace(scene, { trace, colours: colourless, ...(step === undefined ? {} : { parted: step }) });
  const parted = step === undefined ? -1 : lines.findIndex((line) => line.startsWith(`step ${step}  `));
  const wished = (parted < 0 ? lines.length - given.rows : parted - Math.floor(given.rows / 3)) + given.moved;
  const from = Math.max(0, Math.min(wished, lines.length - given.rows));
  return lines.slice(from, from + given.rows).map((text, index): Line => ({ text, paint: from + index === parted ? 'bad' : text.startsWith('step ') ? 'plain' : 'dim' }));
}

function troubleLines({ error, compiler }: Extract<WatchEvent, { kind: 'trouble' }>): Line[] {
  const said = compiler.length > 0
    ? compiler.flatMap(({ head, excerpt }) => [{ text: head, paint: 'plain' } satisfies Line, ...excerpt.map((text): Line => ({ text, paint: 'dim' }))])
    : error.details.map((text): Line => ({ text: `    ${text}`, paint: 'dim' }));
  return [plain(''), ...said, ...(error.next === undefined ? [] : [plain(''), dim(`try: ${error.next}`)]), ...(error.evidence === undefined ? [] : [dim(`see: ${error.evidence}`)])];
}

function helpLine({ typed, pass, chosen }: ScreenState): string {
  if (typed !== undefined) return `scene: ${typed}_   Enter plays it from now on, Escape goes back`;
  const failures = pass.failures.length;
  return [failures > 0 ? `${failures > 1 ? `1-${Math.min(failures, mostListed)}` : '1'} only this one` : '', '/ one scene', chosen === undefined ? '' : 'a all', 'r again', failures > 1 ? 'n next failure' : '', failures > 0 ? 'j k scroll' : '', 'q quit'].filter(Boolean).join(' · ');
}

function plain(text: string): Line {
  return { text, paint: 'plain' };
}

function dim(text: string): Line {
  return { text, paint: 'dim' };
}
