import { setMaxListeners } from 'node:events';
import { stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { findConfig } from '../engine/find-config.ts';
import { findGuest, guestWords, type GuestAsked } from '../engine/find-guest.ts';
import { findKnownIssues } from '../engine/find-known-issues.ts';
import { findScenarioFiles } from '../engine/find-scenarios.ts';
import { inputIds } from '../engine/input-ids.ts';
import { DioramaError } from '../errors.ts';
import type { Host } from '../host/host.ts';
import { usualBounds } from '../judge/compare-measures.ts';
import { parseKernelSpec } from '../kernel/source/parse-kernel-spec.ts';
import type { KernelSpec } from '../kernel/types.ts';
import { noticeSaves } from '../watch/notice-saves.ts';
import { makeSceneShelf } from '../watch/scene-shelf.ts';
import { memoryFile, readMemory, writeMemory } from '../watch/watch-memory.ts';
import type { WatchEvent } from '../watch/watch-events.ts';
import { makeWatchSession } from '../watch/watch-session.ts';
import { resultsDir } from './results-paths.ts';
import { plainLines } from './watch/plain-line.ts';
import { showWatch } from './watch/show-watch.ts';

export interface WatchOptions extends GuestAsked {
  readonly kernel: string;
  readonly scenario: readonly string[];
  readonly config: readonly string[];
  readonly results?: string;
  readonly model?: string;
}

/**
 * `./diorama watch`: plays scenes on a directory, and again whenever something in it is saved, until it is told to stop.
 * @returns 0, after q
 * @throws DioramaError `interrupted` after Ctrl-C or a signal, `bad-usage`, `bad-kernel-spec` and the like for what was asked
 */
export async function watch(outer: Host, options: WatchOptions, command: readonly string[]): Promise<number> {
  const kernel = watchedKernel(parseKernelSpec(options.kernel), options.kernel);
  const files = await findScenarioFiles(outer.root, options.scenario);
  const guest = await findGuest(outer, options);
  const config = await findConfig(outer.root, options.config);
  const issues = await findKnownIssues(outer.root);
  const ids = await inputIds(guest, config);
  const shelf = makeSceneShelf(outer, options.scenario);
  await shelf.scenes();
  const file = memoryFile(outer, [kernel.path, ids.guestId, ids.configId, options.model ?? '']);
  const before = await readMemory(file);

  const control = new AbortController();
  setMaxListeners(0, control.signal);
  outer.signal.addEventListener('abort', () => control.abort(outer.signal.reason));
  outer.signal.throwIfAborted();
  let left = false;
  const host: Host = { ...outer, signal: control.signal };
  const view = showWatch({
    kernel: options.kernel, root: kernel.path, input: process.stdin, output: process.stdout,
    quit: () => {
      left = true;
      control.abort(stopped());
    },
    // As a terminal that is not in raw mode does it.
    interrupt: () => process.kill(process.pid, 'SIGINT'),
  });
  let last: Extract<WatchEvent, { kind: 'verdict' }> | undefined;
  const emit = (event: WatchEvent): void => {
    if (event.kind === 'verdict') last = event;
    view.emit(event);
  };
  try {
    const session = makeWatchSession(host, {
      run: {
        kernel, kernelText: options.kernel, config, guest, guestWords: guestWords(options), configNames: options.config, issues,
        ...(options.model === undefined ? {} : { model: options.model }),
      },
      beginning: { command: [...command], config: config.name, guest: guest.name, ...ids, seed: 1, costBounds: usualBounds, ...(options.model === undefined ? {} : { model: options.model }) },
      root: kernel.path, shelf, results: join(resultsDir(outer, options.results), 'watch'),
      memory: { before, write: (memory) => writeMemory(file, memory) },
      emit,
    });
    view.attach(session);
    const noticer = await noticeSaves({ trees: await isKernel(kernel.path) ? [kernel.path] : [], flat: [...new Set(files.map(dirname))], onSave: (saved) => session.saved(saved) });
    emit({ kind: 'watching', watched: noticer.watched, polled: noticer.polled });
    try {
      return await session.run();
    } finally {
      noticer.close();
    }
  } catch (error) {
    if (left) return 0;
    throw error;
  } finally {
    view.end();
    // The screen is gone; what it said last is not.
    if (process.stdout.isTTY && last) process.stdout.write(`${plainLines(last, kernel.path).join('\n')}\n`);
  }
}

/** The working tree that is watched: a directory as it is, also one of a repository. */
function watchedKernel(kernel: KernelSpec, text: string): Extract<KernelSpec, { kind: 'dir' | 'git' }> {
  if (kernel.kind === 'dir') return kernel;
  if (kernel.kind === 'git' && kernel.rev === undefined) return kernel;
  throw new DioramaError({
    blame: 'usage', code: 'bad-kernel-spec', message: `kernel "${text}": nothing can be saved there, so there is nothing to watch`,
    next: 'write dir:PATH, or git:PATH without a @REV for the working tree of a repository',
  });
}

/** What is none is refused by the first pass, and not walked through before. */
function isKernel(path: string): Promise<boolean> {
  return stat(join(path, 'fs/fuse/Kconfig')).then(() => true, () => false);
}

function stopped(): DioramaError {
  return new DioramaError({ blame: 'interrupt', code: 'interrupted', message: 'stopped' });
}
