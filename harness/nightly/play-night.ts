import { stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { shown } from '../cli/run.ts';
import { DioramaError } from '../errors.ts';
import { findConfig } from '../engine/find-config.ts';
import { formatDuration } from '../format-units.ts';
import { readGuest } from '../guest/read-guest.ts';
import type { Host } from '../host/host.ts';
import { parseKernelSpec } from '../kernel/source/parse-kernel-spec.ts';
import { writeReport } from '../report/write-report.ts';
import { readRun } from '../results/read-run.ts';
import { writeWhole } from '../results/run-directory.ts';
import type { RunRecord } from '../results/run-record.ts';
import { bisectRegressions } from './bisect-regressions.ts';
import { cellWords } from './cell-words.ts';
import { commitRange } from './commit-range.ts';
import { compareNights } from './compare-nights.ts';
import { commonPrint, entryPrint } from './fingerprint.ts';
import { indexPage } from './index-page.ts';
import { listEntries, type Entry } from './list-entries.ts';
import type { NightlyConfig } from './nightly-config.ts';
import { writeNightlyState, type Cell, type CommitRange, type Memory, type Night, type NightlyState, type Resolved } from './night-state.ts';
import { fits, planNight, type Candidate } from './plan-night.ts';
import { failureOf, playEntry, type Failure } from './play-entry.ts';
import { forgetNights, pruneRuns } from './prune-nights.ts';
import { resolveKernel, watchKey } from './resolve-kernel.ts';

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
  const common = await commonPrint(host, config.scenarios);
  for (const guest of config.guests) await readGuest(host.root, guest);
  for (const names of config.configs) await findConfig(host.root, names);
  const kernels = await resolveAll(host, config, unfinished);
  const found = await sortOut(host, { entries, kernels, common, state: request.state });
  const waiting = found.candidates.filter(({ entry }) => unfinished?.cells[entry.name] === undefined);
  const plan = planNight(waiting);
  if (unfinished === undefined && plan.play.length === 0 && Object.values(found.cells).every((cell) => cell.kind === 'unplayed')) {
    return { kind: 'nothing-new', since: begun?.id ?? 'the beginning' };
  }
  const book = openBook(config, request.state, unfinished ?? firstNight(config, entries));
  await book.update({
    kernels, columns: entries.map(({ name }) => name),
    cells: { ...Object.fromEntries(plan.unchanged.map(unchangedCell)), ...found.cells, ...unfinished?.cells },
  });
  await playAll(host, { config, book, play: plan.play });
  await book.finish();
  return { kind: 'night', night: book.night };
}

/** One kernel after the other: they may come through the same line, and wait for the same locks. */
async function resolveAll(host: Host, config: NightlyConfig, unfinished: Night | undefined): Promise<Record<string, Resolved>> {
  const kernels: Record<string, Resolved> = {};
  for (const [name, watched] of config.kernels) {
    const known = unfinished?.kernels[name];
    const stands = known?.kind === 'found' && known.watch === watchKey(watched) && (await isThere(known));
    kernels[name] = stands ? known : await resolveKernel(host, watched, config.fetchMs);
  }
  return kernels;
}

/** The cache may have been deleted while a night was cut short. */
async function isThere(kernel: Extract<Resolved, { kind: 'found' }>): Promise<boolean> {
  const spec = parseKernelSpec(kernel.spec);
  if (spec.kind !== 'git' || kernel.commit === undefined) return true;
  return stat(spec.path).then(() => true, () => false);
}

/** Entries that can be played, and cells of those that cannot. */
async function sortOut(
  host: Host,
  given: { readonly entries: readonly Entry[]; readonly kernels: Readonly<Record<string, Resolved>>; readonly common: string; readonly state: NightlyState },
): Promise<{ readonly candidates: Candidate[]; readonly cells: Record<string, Cell> }> {
  const candidates: Candidate[] = [];
  const cells: Record<string, Cell> = {};
  for (const entry of given.entries) {
    const kernel = given.kernels[entry.kernel];
    const memory = given.state.entries[entry.name] ?? {};
    if (kernel?.kind === 'found') {
      try {
        candidates.push({ entry, memory, fingerprint: await entryPrint(host, entry, { common: given.common, kernel }) });
      } catch (error) {
        host.signal.throwIfAborted();
        if (!(error instanceof DioramaError)) throw error;
        cells[entry.name] = failedCell(failureOf(error), { ms: 0, again: false });
      }
    } else if (kernel?.kind === 'absent') {
      cells[entry.name] = { kind: 'unplayed', why: 'absent', message: kernel.message };
    } else if (kernel) {
      const failure = failureOf({ ...kernel, code: kernel.code as DioramaError['code'] });
      cells[entry.name] = failedCell(/cannot be reached|asking .*limit/.test(kernel.message) ? { ...failure, why: 'unreachable' } : failure, { ms: 0, again: false });
    }
  }
  return { candidates, cells };
}

function unchangedCell({ entry, memory }: Candidate): [string, Cell] {
  const { last, night } = memory;
  if (last === undefined) throw new Error(`${entry.name} is unchanged since nothing`);
  return [entry.name, { kind: 'unchanged', since: night ?? '', last }];
}

function failedCell(failure: Failure, given: { readonly ms: number; readonly again: boolean; readonly run?: string | undefined; readonly report?: string | undefined; readonly commits?: CommitRange | undefined }): Extract<Cell, { kind: 'failed' }> {
  const { run, report, commits } = given;
  return {
    kind: 'failed', at: new Date().toISOString(), ms: given.ms, ...failure, details: [...failure.details], again: given.again,
    ...(run === undefined ? {} : { run }), ...(report === undefined ? {} : { report }), ...(commits === undefined ? {} : { commits }),
  };
}

function firstNight(config: NightlyConfig, entries: readonly Entry[]): Night {
  const started = new Date().toISOString();
  return { id: started.slice(0, 19).replaceAll(':', ''), status: 'running', started, budgetMs: config.budgetMs, spentMs: 0, columns: entries.map(({ name }) => name), kernels: {}, cells: {} };
}

/** The night and what is remembered, while they change; on disk after every change. */
interface Book {
  readonly night: Night;
  memoryOf(entry: string): Memory;
  update(change: Partial<Night>): Promise<void>;
  /** An entry has come to an end. */
  settle(entry: string, given: { readonly cell: Cell; readonly spentMs: number; readonly memory: Partial<Memory> }): Promise<void>;
  finish(): Promise<void>;
}

function openBook(config: NightlyConfig, before: NightlyState, begun: Night): Book {
  let night = begun;
  let state: NightlyState = { ...before, nights: [...before.nights.filter(({ id }) => id !== begun.id), begun] };
  const write = async (): Promise<void> => {
    state = { ...state, nights: [...state.nights.slice(0, -1), night] };
    await writeNightlyState(config.results, state);
    await writeWhole(join(config.results, 'index.html'), indexPage(state.nights, { title: 'diorama nightly' }));
  };
  return {
    get night() {
      return night;
    },
    memoryOf: (entry) => state.entries[entry] ?? {},
    update: (change) => {
      night = { ...night, ...change };
      return write();
    },
    settle: (entry, { cell, spentMs, memory }) => {
      night = { ...night, spentMs: night.spentMs + spentMs, cells: { ...night.cells, [entry]: cell } };
      state = { ...state, entries: { ...state.entries, [entry]: { ...state.entries[entry], ...memory } } };
      return write();
    },
    finish: async () => {
      night = { ...night, status: 'done', ended: new Date().toISOString() };
      state = forgetNights(state, config.keep);
      await write();
      await pruneRuns(config.results, state);
    },
  };
}

async function playAll(host: Host, given: { readonly config: NightlyConfig; readonly book: Book; readonly play: readonly Candidate[] }): Promise<void> {
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
      const settled = await playOne(host, { config, book, candidate, stop: stop.signal });
      await book.settle(entry.name, { ...settled, spentMs: performance.now() - began });
    } finally {
      clearTimeout(timer);
    }
    host.emit({ kind: 'note', text: `${entry.name}: ${cellWords(book.night.cells[entry.name]).text}` });
  }
}

async function playOne(
  host: Host,
  given: { readonly config: NightlyConfig; readonly book: Book; readonly candidate: Candidate; readonly stop: AbortSignal },
): Promise<{ readonly cell: Cell; readonly memory: Partial<Memory> }> {
  const { config, book, candidate: { entry, fingerprint }, stop } = given;
  const { results } = config;
  const kernel = book.night.kernels[entry.kernel];
  if (kernel?.kind !== 'found') throw new Error(`${entry.name} is played without a kernel`);
  const memory = book.memoryOf(entry.name);
  const began = performance.now();
  const end = await playEntry(host, entry, { kernel: kernel.spec, scenarios: config.scenarios, results, stop });
  const ms = performance.now() - began;
  if (end.kind === 'stopped') return { cell: { kind: 'unplayed', why: 'budget', message: `the budget ended after ${formatDuration(ms)} of it` }, memory: { carried: true } };
  const report = end.run === undefined ? undefined : await writeReportOf(host, results, end.run);
  const common = { ms, ...(report === undefined ? {} : { report }) };
  const wasFailed = memory.last?.kind === 'failed' ? memory.last.why : undefined;
  if (end.kind === 'failed') {
    const news = end.failure.blame === 'kernel' || end.failure.blame === 'series';
    const commits = news ? await rangeSince(host, memory, kernel) : undefined;
    const cell = failedCell(end.failure, { ...common, again: wasFailed === end.failure.why, run: end.run, commits });
    // What the machine is to blame for may be over tomorrow, with nothing else changed.
    return { cell, memory: news ? { ...settled(book.night, fingerprint), last: cell, carried: false } : { carried: false } };
  }
  const before = memory.baseline && (await recordOf(results, memory.baseline.run));
  const change = compareNights(before, end.record);
  const news = change.regressions.length + change.fixed.length > 0 || wasFailed !== undefined;
  const range = news && before ? await rangeSince(host, memory, kernel) : undefined;
  const commits = range && { ...range, ...(await bisected(host, { config, entry, range, spec: kernel.spec, scenes: change.regressions.map(({ scene }) => scene), stop })) };
  const cell: Extract<Cell, { kind: 'played' }> = {
    kind: 'played', at: new Date().toISOString(), ...common, run: end.run, change,
    ...(commits === undefined ? {} : { commits }), ...(wasFailed === undefined ? {} : { mended: wasFailed }),
  };
  const judged = change.unjudged.length === 0 && change.scenes > 0;
  return {
    cell,
    memory: {
      ...(judged ? settled(book.night, fingerprint) : {}), last: cell, lastMs: ms, carried: false,
      baseline: { run: end.run, ...(kernel.commit === undefined ? {} : { commit: kernel.commit }) },
    },
  };
}

function settled(night: Night, fingerprint: string | undefined): Partial<Memory> {
  return { night: night.id, ...(fingerprint === undefined ? {} : { fingerprint }) };
}

/** A night is no worse for a report that could not be written; whoever opens the index finds the record instead. */
async function writeReportOf(host: Host, results: string, run: string): Promise<string | undefined> {
  const dir = resolve(results, run);
  try {
    await writeWhole(join(dir, 'report.html'), await writeReport([dir], { root: host.root, written: new Date(), shown }));
    return join(run, 'report.html');
  } catch (error) {
    host.emit({ kind: 'note', text: `${run}: its report could not be written: ${(error as Error).message}` });
    return undefined;
  }
}

/** Undefined when it was removed. */
function recordOf(results: string, run: string): Promise<RunRecord | undefined> {
  return readRun(results, join(results, run)).then(({ record }) => record, () => undefined);
}

async function rangeSince(host: Host, { baseline }: Memory, kernel: Extract<Resolved, { kind: 'found' }>): Promise<CommitRange | undefined> {
  const spec = parseKernelSpec(kernel.spec);
  const from = baseline?.commit;
  if (spec.kind !== 'git' || kernel.commit === undefined || from === undefined || from === kernel.commit) return undefined;
  return commitRange(host, { path: spec.path, from, to: kernel.commit });
}

async function bisected(
  host: Host,
  given: { readonly config: NightlyConfig; readonly entry: Entry; readonly range: CommitRange; readonly spec: string; readonly scenes: readonly string[]; readonly stop: AbortSignal },
): Promise<Pick<CommitRange, 'bisected'>> {
  const { config, entry, range, scenes } = given;
  const spec = parseKernelSpec(given.spec);
  // A series is judged against its own base; which commit of the base it no longer goes with is another question.
  if (!config.bisect || entry.series || spec.kind !== 'git' || range.relation !== 'ahead' || range.count < 2 || scenes.length === 0) return {};
  return { bisected: await bisectRegressions(host, { entry, range, path: spec.path, scenes, scenarios: config.scenarios, results: config.results, stop: given.stop }) };
}
