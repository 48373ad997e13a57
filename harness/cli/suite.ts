import { resolve } from 'node:path';
import { findConfig } from '../engine/find-config.ts';
import { findGuest } from '../engine/find-guest.ts';
import { inputIds } from '../engine/input-ids.ts';
import { runSuites } from '../engine/run-suites.ts';
import type { Host } from '../host/host.ts';
import { parseKernelSpec } from '../kernel/source/parse-kernel-spec.ts';
import { requireSource } from '../kernel/source/require-source.ts';
import { makeEventLog } from '../results/event-log.ts';
import { makeRunDirectory } from '../results/run-directory.ts';
import { readSeries } from '../series/read-series.ts';
import { findSuites } from '../suites/find-suites.ts';
import { coloursFor } from './colours.ts';
import { requireRoot } from './exec.ts';
import type { PlayOptions } from './play.ts';
import { showProgress } from './progress.ts';
import { resultsDir, shown } from './results-paths.ts';
import { describeRun } from './run-table.ts';

export type SuiteOptions = Pick<PlayOptions, 'kernel' | 'series' | 'guest' | 'cpus' | 'accel' | 'config' | 'results' | 'json'> & {
  readonly suites: readonly string[];
  /** A built fstests tree. */
  readonly fstests?: string;
};

/**
 * `./diorama suite [NAME...]`: programs that people trust, on a kernel and on the same kernel with a series.
 * @returns 0 no regression (without a series: no failure), 1 a regression or failure, 69 a suite could not be judged
 * @throws DioramaError whose blame has the other exit codes
 */
export async function suite(outer: Host, options: SuiteOptions, command: readonly string[]): Promise<number> {
  const suites = await findSuites(outer.root, options.suites);
  const guest = requireRoot(await findGuest(outer, options), 'suite');
  const kernel = requireSource(parseKernelSpec(options.kernel), 'suite');
  const config = await findConfig(outer.root, [...new Set([...options.config, 'virtme'])]);
  const plays = suites.flatMap(({ servers }) => servers).length * (options.series.length > 0 ? 2 : 1);
  const progress = showProgress(process.stderr, { colours: coloursFor(process.stderr), scenes: plays });
  const log = makeEventLog();
  const host: Host = { ...outer, emit: (event) => {
    progress.emit(event);
    log.emit(event);
  } };
  try {
    const series = options.series.length > 0 ? await readSeries(host, options.series, kernel) : undefined;
    const run = await makeRunDirectory(resultsDir(outer, options.results), { command: [...command], config: config.name, guest: guest.name, ...(await inputIds(guest, config)), seed: 1 });
    log.began(run);
    const outcome = await runSuites(host, run, {
      kernel, kernelText: options.kernel, config, guest, suites, ...(series && { series }), ...(options.fstests === undefined ? {} : { fstests: resolve(options.fstests) }),
    }).finally(() => log.ended(run.record));
    progress.end();
    if (options.json) process.stdout.write(`${JSON.stringify({ ...run.record, dir: run.dir }, null, 2)}\n`);
    else process.stdout.write(`\n${describeRun(run.record, coloursFor(process.stdout)).join('\n')}\nevidence in ${shown(run.dir)}\n`);
    return outcome.exitCode;
  } finally {
    progress.end();
  }
}
