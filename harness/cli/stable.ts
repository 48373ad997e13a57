import { join } from 'node:path';
import { findConfig } from '../engine/find-config.ts';
import { findGuest } from '../engine/find-guest.ts';
import { findKnownIssues } from '../engine/find-known-issues.ts';
import { findScenarios } from '../engine/find-scenarios.ts';
import { stableScenes, type Stability } from '../engine/stable-scenes.ts';
import { variantRow } from '../engine/variant-row.ts';
import { usableCores } from '../host/cores.ts';
import type { Host } from '../host/host.ts';
import { parseKernelSpec } from '../kernel/source/parse-kernel-spec.ts';
import { readSeries } from '../series/read-series.ts';
import { datedDir } from '../results/dated-dir.ts';
import { writeWhole } from '../results/run-directory.ts';
import { coloursFor } from './colours.ts';
import type { PlayOptions } from './play.ts';
import { showProgress } from './progress.ts';
import { resultsDir, shown } from './results-paths.ts';
import { describeStability, stabilitySentence } from './stable-table.ts';

export type StableOptions = Pick<PlayOptions, 'kernel' | 'series' | 'scenario' | 'guest' | 'cpus' | 'accel' | 'config' | 'results' | 'model' | 'json'> & {
  readonly runs: number;
  /** Processes of load; one more than there are cores when it is not said. */
  readonly load?: number;
  readonly seed: number;
};

/**
 * `./diorama stable`: plays scenes several times under load, and shows where a play is not as the first one of its scene was.
 * @returns 0 when none differs, 1 when one does, 69 when none does and a scene could not be judged
 * @throws DioramaError whose blame has the other exit codes
 */
export async function stable(outer: Host, options: StableOptions): Promise<number> {
  const { runs, seed } = options;
  const load = options.load ?? (await usableCores()) + 1;
  const scenes = await findScenarios(outer, options.scenario);
  const issues = await findKnownIssues(outer.root);
  const guest = await findGuest(outer, options);
  const config = await findConfig(outer.root, options.config);
  const kernel = parseKernelSpec(options.kernel);
  const progress = showProgress(process.stderr, { colours: coloursFor(process.stderr), scenes: scenes.length * runs });
  const host: Host = { ...outer, emit: progress.emit };
  try {
    const series = options.series.length > 0 ? await readSeries(host, options.series, kernel) : undefined;
    const dir = await datedDir(resultsDir(outer, options.results), 'stable');
    const began = performance.now();
    const given = { kernel, kernelText: options.kernel, config, guest, scenes, issues, runs, load, seed, dir };
    const stability = await stableScenes(host, { ...given, ...(series && { series }), ...(options.model === undefined ? {} : { model: options.model }) });
    progress.end();
    const document = { ...recordOf(stability), guest: guest.name, config: config.name, runs, load, seed, jobs: outer.jobs, ms: Math.round(performance.now() - began) };
    await writeWhole(join(dir, 'stable.json'), `${JSON.stringify(document, null, 2)}\n`);
    if (options.json) process.stdout.write(`${JSON.stringify({ ...document, dir }, null, 2)}\n`);
    else process.stdout.write(`\n${[...describeStability(stability.scenes, coloursFor(process.stdout)), '', stabilitySentence(stability.scenes, document)].join('\n')}\nevidence in ${shown(dir)}\n`);
    if (stability.scenes.some(({ differing }) => differing.length > 0)) return 1;
    return stability.scenes.some(({ verdict }) => verdict.kind === 'error') ? 69 : 0;
  } finally {
    progress.end();
  }
}

function recordOf({ prepared, scenes }: Stability): Record<string, unknown> {
  const on = prepared.sides.at(-1);
  return { kernel: prepared.kernel, ...(on && { variant: variantRow(on), qemu: on.template.qemu }), scenes };
}
