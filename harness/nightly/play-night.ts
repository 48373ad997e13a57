import { DioramaError } from '../errors.ts';
import { findConfig } from '../engine/find-config.ts';
import { formatDuration } from '../format-units.ts';
import { readGuest } from '../guest/read-guest.ts';
import type { Host } from '../host/host.ts';
import { cellWords } from './cell-words.ts';
import { commonPrint } from './fingerprint.ts';
import { listEntries, type Entry } from './list-entries.ts';
import { openNightBook, type NightBook } from './night-book.ts';
import type { NightlyConfig } from './nightly-config.ts';
import type { Cell, Night, NightlyState } from './night-state.ts';
import { fits, planNight, type Candidate } from './plan-night.ts';
import { playCandidate } from './play-candidate.ts';
import { surveyNight } from './survey-night.ts';

/** What came of a start: a night, or that there was nothing to do since the last one. */
export type NightEnd =
  | { readonly kind: 'night'; readonly night: Night }
  | { readonly kind: 'nothing-new'; readonly since: string }
  | { readonly kind: 'nothing-to-resume' };

export interface NightRequest {
  readonly config: NightlyConfig;
  readonly state: NightlyState;
  /** Only go on with a night that was cut short. */
  readonly resume: boolean;
}

/**
 * Plays a night, or goes on with the one that was cut short: looks every kernel up, leaves out what has not changed since the last night,
 * plays the rest within the budget, and compares. After every entry the state and the index are written, so nothing is played twice.
 * @throws DioramaError for scenes, guests or configs that are not there (nothing is played then), and of the machine
 * @throws the signal's reason when it was aborted; the next start goes on
 */
export async function playNight(host: Host, request: NightRequest): Promise<NightEnd> {
  const { config } = request;
  const begun = request.state.nights.at(-1);
  const unfinished = begun?.status === 'running' ? begun : undefined;
  if (request.resume && unfinished === undefined) return { kind: 'nothing-to-resume' };
  const entries = listEntries(config);
  const common = await commonPrint(host, config);
  for (const guest of config.guests) await readGuest(host.root, guest);
  for (const names of config.configs) await findConfig(host.root, names);
  const found = await surveyNight(host, { config, entries, common, state: request.state, unfinished });
  const done = Object.fromEntries(Object.entries(unfinished?.cells ?? {}).filter(([, cell]) => isSettled(cell)));
  const waiting = found.candidates.filter(({ entry }) => done[entry.name] === undefined);
  const plan = planNight(waiting);
  if (unfinished === undefined && plan.play.length === 0 && Object.values(found.cells).every((cell) => cell.kind === 'unplayed')) {
    return { kind: 'nothing-new', since: begun?.id ?? 'the beginning' };
  }
  const book = openNightBook(config, request.state, unfinished ?? firstNight(config, { entries, before: request.state }));
  await book.update({
    kernels: found.kernels, columns: entries.map(({ name }) => name),
    cells: { ...Object.fromEntries(plan.unchanged.map(unchangedCell)), ...found.cells, ...done },
  });
  await playAll(host, { config, book, play: plan.play });
  await book.finish();
  return { kind: 'night', night: book.night };
}

function unchangedCell({ entry, memory }: Candidate): [string, Cell] {
  const { last, night } = memory;
  if (last === undefined) throw new Error(`${entry.name} is unchanged since nothing`);
  return [entry.name, { kind: 'unchanged', since: night ?? '', last }];
}

/** What was played, or needs not be. A kernel or series that could not be had is asked for again when a night goes on. */
function isSettled(cell: Cell): boolean {
  return cell.kind === 'played' || cell.kind === 'unchanged' || (cell.kind === 'failed' && cell.ms > 0);
}

function firstNight(config: NightlyConfig, given: { readonly entries: readonly Entry[]; readonly before: NightlyState }): Night {
  const started = new Date().toISOString();
  const second = started.slice(0, 19).replaceAll(':', '');
  const same = given.before.nights.filter(({ id }) => id.startsWith(second)).length;
  return {
    id: same === 0 ? second : `${second}.${String(same)}`, status: 'running', started, budgetMs: config.budgetMs, spentMs: 0,
    columns: given.entries.map(({ name }) => name), kernels: {}, cells: {},
  };
}

async function playAll(host: Host, given: { readonly config: NightlyConfig; readonly book: NightBook; readonly play: readonly Candidate[] }): Promise<void> {
  const { config, book } = given;
  let first = book.night.spentMs === 0;
  for (const candidate of given.play) {
    const { entry, memory } = candidate;
    const leftMs = config.budgetMs - book.night.spentMs;
    if (!fits(memory, { leftMs, first })) {
      const took = memory.lastMs === undefined ? '' : `; it took ${formatDuration(memory.lastMs)} the last time`;
      await book.settle(entry.name, { cell: { kind: 'unplayed', why: 'budget', message: `${formatDuration(Math.max(0, leftMs))} of the budget were left${took}` }, spentMs: 0, memory: { carried: true } });
      continue;
    }
    first = false;
    host.emit({ kind: 'note', text: `${entry.name}, with ${formatDuration(leftMs)} of the budget left` });
    const began = performance.now();
    const stop = new AbortController();
    const timer = setTimeout(() => stop.abort(new DioramaError({ blame: 'interrupt', code: 'interrupted', message: 'the budget of the night ended' })), leftMs);
    try {
      const settled = await playCandidate(host, { config, night: book.night, candidate, stop: stop.signal });
      await book.settle(entry.name, { ...settled, spentMs: performance.now() - began });
    } finally {
      clearTimeout(timer);
    }
    host.emit({ kind: 'note', text: `${entry.name}: ${cellWords(book.night.cells[entry.name]).text}` });
  }
}
