import { setMaxListeners } from 'node:events';
import { findConfigFor } from '../engine/find-config.ts';
import { findGuest, guestWords, type GuestAsked } from '../engine/find-guest.ts';
import { findKnownIssues } from '../engine/find-known-issues.ts';
import { findScenarios } from '../engine/find-scenarios.ts';
import { inputIds } from '../engine/input-ids.ts';
import { runScenes, type RunRequest } from '../engine/run-scenes.ts';
import type { Host } from '../host/host.ts';
import { usualBounds, type CostBounds } from '../judge/compare-measures.ts';
import type { RunComparison } from '../judge/compare-runs.ts';
import { findToolchain } from '../kernel/build/compiler.ts';
import { obtainSource } from '../kernel/source/obtain-source.ts';
import { parseKernelSpec } from '../kernel/source/parse-kernel-spec.ts';
import type { KernelSpec, Source } from '../kernel/types.ts';
import { readSeries } from '../series/read-series.ts';
import { makeEventLog } from '../results/event-log.ts';
import { findBaseline, type Circumstance } from '../results/find-baseline.ts';
import { makeRunDirectory, type RunDirectory } from '../results/run-directory.ts';
import type { RunRecord } from '../results/run-record.ts';
import { coloursFor } from './colours.ts';
import { compareWithBaseline } from './compare-baseline.ts';
import { showProgress, type Progress } from './progress.ts';
import { resultsDir } from './results-paths.ts';

/** The options of every command that plays scenes, as commander gives them. */
export interface PlayOptions extends GuestAsked {
  readonly kernel: string;
  readonly series: readonly string[];
  readonly scenario: readonly string[];
  readonly config: readonly string[];
  readonly results?: string;
  /** The generation of the io modes that judges, where it is not to be the kernel's own. */
  readonly model?: string;
  readonly json: boolean;
  readonly failFast: boolean;
  readonly eachPatch?: boolean;
  /** Play everything, also what an earlier play already shows. */
  readonly fresh?: boolean;
  /** Say where the time went. */
  readonly timings?: boolean;
  /** `tap` for standard output, `junit=FILE` for a file. */
  readonly format?: readonly string[];
  /** A run to compare with, or `latest` for the newest that is like this one. */
  readonly baseline?: string;
  /** Latencies that differ by no more are the same; nanoseconds of virtual time. */
  readonly latencyThreshold?: number;
  /** Boots of each side that measure on the wall clock too. */
  readonly wallClock?: number;
  /** Likewise for what several calls at once take. */
  readonly togetherThreshold?: number;
}

/** Who listens while a run is made. */
export interface Watch {
  /** Given each event as a line of JSON. */
  readonly line?: (text: string) => void;
  readonly began?: (directory: RunDirectory) => void;
}

/** Everything but the showing. Input is read, and found wrong, before anything is fetched or built. */
export async function play(
  outer: Host,
  options: PlayOptions,
  command: readonly string[],
  watch: Watch = {},
): Promise<{ readonly exitCode: number; readonly directory: RunDirectory; readonly request: RunRequest; readonly progress: Progress; readonly comparison?: RunComparison }> {
  const kernel = parseKernelSpec(options.kernel);
  const sides = options.series.length > 0 ? 2 : 1;
  const expected = { colours: coloursFor(process.stderr), scenes: 0 };
  const progress = showProgress(process.stderr, expected);
  const log = makeEventLog(watch.line);
  const stop = new AbortController();
  const signal = AbortSignal.any([outer.signal, stop.signal]);
  setMaxListeners(0, signal); // every child process listens
  const host: Host = { ...outer, signal, emit: (event) => {
    progress.emit(event);
    log.emit(event);
  } };
  const look = lookAhead(host, { kernel, text: options.kernel });
  try {
    const scenes = await findScenarios(outer, options.scenario);
    expected.scenes = scenes.length * sides;
    const issues = await findKnownIssues(outer.root);
    const guest = await findGuest(outer, options);
    const measuring = options.wallClock === undefined ? undefined : { boots: options.wallClock, guest: guest.clock === 'host' ? guest : await findGuest(outer, { guest: 'parallel' }) };
    const config = await findConfigFor(outer.root, options.config, kernel);
    const results = resultsDir(outer, options.results);
    const ids = await inputIds(guest, config);
    const baseline = options.baseline === undefined ? undefined : await baselineFor(host, { results, asked: options.baseline, kernel, like: { guest: guest.name, config: config.name, ...ids } });
    const series = options.series.length > 0 ? await readSeries(host, options.series, kernel) : undefined;
    if (options.eachPatch === true && series) expected.scenes = scenes.length * (series.patches.length + 1);
    const bounds: CostBounds = { callNs: options.latencyThreshold ?? usualBounds.callNs, togetherNs: options.togetherThreshold ?? usualBounds.togetherNs };
    const directory = await makeRunDirectory(results, {
      command: [...command], config: config.name, guest: guest.name, ...ids, seed: 1, costBounds: bounds,
      ...(options.model === undefined ? {} : { model: options.model }), ...(baseline && { baseline: baseline.id }),
    });
    watch.began?.(directory);
    log.began(directory);
    const request: RunRequest = {
      kernel, kernelText: options.kernel, config, guest, guestWords: guestWords(options), configNames: options.config, scenes, issues, failFast: options.failFast,
      ...(series === undefined ? {} : { series }),
      ...(look && { look }),
      ...(measuring && { wallClock: measuring }),
      ...(options.model === undefined ? {} : { model: options.model }),
      ...(options.eachPatch === true ? { eachPatch: true } : {}),
      ...(options.fresh === true ? { fresh: true } : {}),
    };
    const outcome = await runScenes(host, directory, request).finally(() => log.ended(directory.record));
    const comparison = baseline && compareWithBaseline(baseline, directory.record, bounds);
    const exitCode = comparison?.exitCode === 1 ? 1 : outcome.exitCode;
    if (exitCode !== outcome.exitCode) await directory.update({ exitCode });
    return { exitCode, directory, request, progress, ...(comparison && { comparison }) };
  } catch (error) {
    progress.end();
    // The look at the tree may still go on when a mistake in the input ends everything.
    stop.abort(error);
    await look?.catch(() => undefined);
    throw error;
  }
}

/** The look at a tree that is there takes git a third of a second, in which scenes can be read; everything else is obtained when the input is known to be good. */
function lookAhead(host: Host, { kernel, text }: { readonly kernel: KernelSpec; readonly text: string }): Promise<Source> | undefined {
  if (kernel.kind !== 'dir' && !(kernel.kind === 'git' && kernel.rev === undefined)) return undefined;
  const source = obtainSource(host, kernel, text);
  source.catch(() => undefined); // whoever waits for it hears of it
  return source;
}

/** Found before anything is fetched or built. */
async function baselineFor(host: Host, given: { readonly results: string; readonly asked: string; readonly kernel: KernelSpec; readonly like: Omit<Circumstance, 'compiler'> }): Promise<RunRecord | undefined> {
  const compiler = given.kernel.kind === 'image' ? undefined : (await findToolchain(host)).compiler;
  const found = await findBaseline(given.results, given.asked, { ...given.like, compiler });
  if (!found) host.emit({ kind: 'note', text: `no earlier run here has this guest, config and compiler: there is nothing to compare with` });
  return found;
}
