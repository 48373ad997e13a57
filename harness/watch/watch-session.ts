import { setMaxListeners } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { runScenes, type RunRequest } from '../engine/run-scenes.ts';
import { DioramaError } from '../errors.ts';
import type { EngineEvent } from '../events.ts';
import type { Host } from '../host/host.ts';
import { obtainSource } from '../kernel/source/obtain-source.ts';
import type { Source } from '../kernel/types.ts';
import { pruneRuns } from '../results/prune-runs.ts';
import { makeRunDirectory, type RunBeginning } from '../results/run-directory.ts';
import type { Scenario } from '../scenario/types.ts';
import { chooseScenes } from './choose-scenes.ts';
import { compilerErrors, type CompilerError } from './compiler-errors.ts';
import { differsFromTree } from './differs-from-tree.ts';
import { guideRun } from './guide-run.ts';
import type { Saved } from './notice-saves.ts';
import { makePassClock } from './pass-clock.ts';
import type { SceneShelf } from './scene-shelf.ts';
import type { Cause, WatchEvent } from './watch-events.ts';
import type { WatchMemory } from './watch-memory.ts';

/** Passes over one directory, one after the other; each is a run in the results. */
export interface WatchSession {
  /**
   * Plays once, and again whenever something was saved or asked for.
   * @throws DioramaError of the first pass when the input is wrong, of any when the host's signal is aborted, which is the only end
   */
  run(): Promise<never>;
  saved(saved: Saved): void;
  /** Play these scenes from now on, by a name, a glob or a part of a name; all again when undefined. */
  choose(pattern: string | undefined): void;
  again(): void;
}

export interface WatchRequest {
  /** What each pass is about, but for its scenes. */
  readonly run: Omit<RunRequest, 'scenes' | 'guide' | 'failFast'>;
  readonly beginning: RunBeginning;
  /** The directory that is watched. */
  readonly root: string;
  readonly shelf: SceneShelf;
  /** Where its runs are kept: a place of their own, since they are many and soon old. */
  readonly results: string;
  readonly memory: { readonly before: WatchMemory; write(memory: WatchMemory): Promise<void> };
  readonly emit: (event: WatchEvent) => void;
}

/** Runs of watch that are kept. */
const keptRuns = 5;

interface Pass {
  readonly control: AbortController;
  source?: Source;
  building: boolean;
  superseded: boolean;
}

export function makeWatchSession(host: Host, request: WatchRequest): WatchSession {
  const { emit, shelf } = request;
  let memory = request.memory.before;
  let pattern: string | undefined;
  let wanted: Cause | undefined = { kind: 'start' };
  let wake = (): void => undefined;
  let current: Pass | undefined;
  /** What the last pass that came to its end was about. */
  let settled: string | undefined;

  const supersede = (cause: Cause): void => {
    wanted = cause;
    wake();
    if (!current || current.superseded) return;
    const { control } = current;
    current.superseded = true;
    if (!current.building || cause.kind === 'save') control.abort(outdated());
  };

  const pass = async (cause: Cause): Promise<void> => {
    const control = new AbortController();
    setMaxListeners(0, control.signal);
    const end = (): void => control.abort(host.signal.reason);
    host.signal.addEventListener('abort', end);
    const mine: Pass = (current = { control, building: false, superseded: false });
    const clock = makePassClock(cause);
    const inner: Host = { ...host, signal: control.signal, emit: (event: EngineEvent) => {
      if (event.kind === 'stage-start' && (event.stage === 'build' || event.stage === 'config')) mine.building = true;
      if (event.kind === 'stage-end' && event.stage === 'build') mine.building = false;
      clock.heard(event);
      emit({ kind: 'engine', event });
    } };
    let about: string | undefined;
    let dir: string | undefined;
    let fuseModule: string | undefined;
    emit({ kind: 'pass', cause });
    try {
      mine.source = await obtainSource(inner, request.run.kernel, request.run.kernelText);
      const all = await shelf.scenes();
      about = JSON.stringify([mine.source.treeId, shelf.stamp(), pattern]);
      if (cause.kind === 'save' && about === settled) {
        emit({ kind: 'unchanged' });
        return;
      }
      const scenes = pattern === undefined ? all : chooseScenes(all, pattern);
      const directory = await makeRunDirectory(request.results, request.beginning);
      ({ dir } = directory);
      const guide = guideRun({
        source: mine.source, memory, emit,
        remember: (next) => (memory = next),
        arranged: (played) => {
          fuseModule = played;
          clock.built();
          if (mine.superseded) throw outdated();
        },
      });
      const outcome = await runScenes(inner, directory, { ...request.run, scenes, failFast: false, guide });
      settled = about;
      if (fuseModule !== undefined) memory = { ...memory, fuseModule };
      emit({ kind: 'verdict', outcome, times: clock.times(), dir });
    } catch (error) {
      host.signal.throwIfAborted();
      if (mine.superseded) {
        emit({ kind: 'superseded' });
        return;
      }
      // Before anything was ever judged, a mistake in what was asked for is the end.
      if (!(error instanceof DioramaError) || (cause.kind === 'start' && error.blame === 'usage')) throw error;
      settled = about;
      emit({ kind: 'trouble', error, compiler: await compilerErrorsOf(error, dir) });
    } finally {
      host.signal.removeEventListener('abort', end);
      current = undefined;
      await request.memory.write(memory).catch(() => undefined);
      if (dir !== undefined) await pruneRuns(request.results, { keep: { kind: 'newest', count: keptRuns }, force: true, dryRun: false, signal: host.signal }).catch(() => undefined);
    }
  };

  return {
    run: async () => {
      host.signal.addEventListener('abort', () => wake());
      for (;;) {
        while (wanted === undefined && !host.signal.aborted) await new Promise<void>((done) => (wake = done));
        host.signal.throwIfAborted();
        const cause: Cause = wanted ?? { kind: 'start' };
        wanted = undefined;
        await pass(cause);
      }
    },
    saved: (saved) => {
      const played = current;
      // What is played already has this content when a file was only touched, or written again as it was.
      const differs = played?.source === undefined || played.superseded || saved.count > saved.paths.length + saved.gone.length
        ? Promise.resolve(true)
        : differsFromTree(host, { source: played.source, root: request.root, paths: [...saved.paths, ...saved.gone] }).catch(() => true);
      void differs.then((does) => {
        if (does) supersede({ kind: 'save', saved });
      });
    },
    choose: (typed) => {
      void shelf.scenes().catch((): readonly Scenario[] => []).then((all) => {
        if (typed !== undefined && chooseScenes(all, typed).length === 0) {
          emit({ kind: 'refused', text: `no scene has "${typed}" in its name` });
          return;
        }
        pattern = typed;
        emit({ kind: 'chosen', pattern });
        supersede({ kind: 'asked', atMs: Date.now() });
      });
    },
    again: () => supersede({ kind: 'asked', atMs: Date.now() }),
  };
}

function outdated(): DioramaError {
  return new DioramaError({ blame: 'interrupt', code: 'interrupted', message: 'something was saved meanwhile' });
}

async function compilerErrorsOf(error: DioramaError, dir: string | undefined): Promise<readonly CompilerError[]> {
  if (error.code !== 'build-failed') return [];
  const log = await readFile(error.evidence ?? join(dir ?? '', 'build-base.log'), 'utf8').catch(() => '');
  return compilerErrors(error.details, log);
}
