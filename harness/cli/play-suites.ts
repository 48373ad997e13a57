import { setMaxListeners } from 'node:events';
import { resolve } from 'node:path';
import { findConfig } from '../engine/find-config.ts';
import { findGuest } from '../engine/find-guest.ts';
import { inputIds } from '../engine/input-ids.ts';
import { runSuites } from '../engine/run-suites.ts';
import type { Host } from '../host/host.ts';
import { parseKernelSpec } from '../kernel/source/parse-kernel-spec.ts';
import { requireSource } from '../kernel/source/require-source.ts';
import { makeEventLog } from '../results/event-log.ts';
import { makeRunDirectory, type RunDirectory } from '../results/run-directory.ts';
import { readSeries } from '../series/read-series.ts';
import { findSuites } from '../suites/find-suites.ts';
import { coloursFor } from './colours.ts';
import { requireRoot } from './exec.ts';
import type { PlayOptions, Watch } from './play.ts';
import { showProgress } from './progress.ts';
import { resultsDir } from './results-paths.ts';

export type SuiteOptions = Pick<PlayOptions, 'kernel' | 'series' | 'guest' | 'cpus' | 'accel' | 'config' | 'results' | 'json'> & {
  readonly suites: readonly string[];
  /** A built fstests tree. */
  readonly fstests?: string;
};

/** Everything of `suite` but the showing. Input is read, and found wrong, before anything is fetched or built. */
export async function playSuites(
  outer: Host, options: SuiteOptions, command: readonly string[], watch: Pick<Watch, 'began'> = {},
): Promise<{ readonly exitCode: number; readonly directory: RunDirectory }> {
  const suites = await findSuites(outer.root, options.suites);
  const guest = requireRoot(await findGuest(outer, options), 'suite');
  const kernel = requireSource(parseKernelSpec(options.kernel), 'suite');
  const config = await findConfig(outer.root, [...new Set([...options.config, 'virtme'])]);
  const plays = suites.flatMap(({ servers }) => servers).length * (options.series.length > 0 ? 2 : 1);
  const progress = showProgress(process.stderr, { colours: coloursFor(process.stderr), scenes: plays });
  const log = makeEventLog();
  setMaxListeners(0, outer.signal); // every child process listens
  const host: Host = { ...outer, emit: (event) => {
    progress.emit(event);
    log.emit(event);
  } };
  try {
    const series = options.series.length > 0 ? await readSeries(host, options.series, kernel) : undefined;
    const directory = await makeRunDirectory(resultsDir(outer, options.results), { command: [...command], config: config.name, guest: guest.name, ...(await inputIds(guest, config)), seed: 1 });
    watch.began?.(directory);
    log.began(directory);
    const { exitCode } = await runSuites(host, directory, {
      kernel, kernelText: options.kernel, config, guest, suites, ...(series && { series }), ...(options.fstests === undefined ? {} : { fstests: resolve(options.fstests) }),
    }).finally(() => log.ended(directory.record));
    return { exitCode, directory };
  } finally {
    progress.end();
  }
}
