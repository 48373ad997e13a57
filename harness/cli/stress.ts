import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { findConfig } from '../engine/find-config.ts';
import { findGuest, requireHostTime } from '../engine/find-guest.ts';
import { findKnownIssues } from '../engine/find-known-issues.ts';
import { placeLines } from '../engine/place-lines.ts';
import { runStress, type StressResult } from '../engine/run-stress.ts';
import type { Host } from '../host/host.ts';
import { parseKernelSpec } from '../kernel/source/parse-kernel-spec.ts';
import { datedDir } from '../results/dated-dir.ts';
import { writeWhole } from '../results/run-directory.ts';
import { readSeries } from '../series/read-series.ts';
import { coloursFor } from './colours.ts';
import type { PlayOptions } from './play.ts';
import { showProgress } from './progress.ts';
import { resultsDir, shown } from './results-paths.ts';
import { describeLast, describeSplats, describeTally } from './stress-table.ts';

export type StressOptions = Pick<PlayOptions, 'kernel' | 'series' | 'guest' | 'cpus' | 'accel' | 'config' | 'results' | 'json'> & {
  readonly minutes: number;
  /** Drawn when it is not said, and printed. */
  readonly seed?: number;
};

/**
 * `./diorama stress`: actors work on the same files of a real server for some minutes, and everything that they read is held against what was written.
 * @returns 0 nothing was wrong but what is known, or the kernel has no io modes, 1 something was, 69 it could not be judged
 * @throws DioramaError whose blame has the other exit codes
 */
export async function stress(outer: Host, options: StressOptions): Promise<number> {
  const seed = options.seed ?? randomBytes(2).readUInt16BE();
  const issues = await findKnownIssues(outer.root);
  const guest = requireHostTime(await findGuest(outer, options), 'stress');
  const kernel = parseKernelSpec(options.kernel);
  const config = await findConfig(outer.root, options.config);
  const progress = showProgress(process.stderr, { colours: coloursFor(process.stderr), scenes: 1 });
  const host: Host = { ...outer, emit: progress.emit };
  try {
    const series = options.series.length > 0 ? await readSeries(host, options.series, kernel) : undefined;
    const dir = await datedDir(resultsDir(outer, options.results), 'stress');
    const seconds = Math.max(1, Math.round(options.minutes * 60));
    const result = await runStress(host, { kernel, kernelText: options.kernel, config, guest, issues, seed, seconds, dir, ...(series && { series }) });
    const lines = await placeLines(host, result.variant, { places: result.splats.flatMap(({ places }) => places), log: join(dir, 'symbols.log'), timeoutMs: guest.limits.build });
    progress.end();
    const document = documentOf(result, { options, guest: guest.name, cpus: guest.cpus, config: config.name, seed, seconds, lines });
    await writeWhole(join(dir, 'stress.json'), `${JSON.stringify(document, null, 2)}\n`);
    process.stdout.write(options.json ? `${JSON.stringify({ ...document, dir }, null, 2)}\n` : `\n${describe(result, { lines, seed, seconds, guest: `${guest.name}, ${guest.cpus} CPUs` }).join('\n')}\nevidence in ${shown(dir)}\n`);
    return exitCodeOf(result);
  } finally {
    progress.end();
  }
}

function exitCodeOf({ verdict }: StressResult): number {
  if (verdict.kind === 'pass' || verdict.kind === 'known' || verdict.kind === 'skip') return 0;
  return verdict.kind === 'error' ? 69 : 1;
}

function documentOf({ verdict, trace, splats, variant, template, ms }: StressResult, given: {
  readonly options: StressOptions; readonly guest: string; readonly cpus: number; readonly config: string; readonly seed: number; readonly seconds: number;
  readonly lines: ReadonlyMap<string, string>;
}): Record<string, unknown> {
  const { options, lines, ...rest } = given;
  return {
    format: 'diorama stress 1', kernel: options.kernel, series: options.series, ...rest, accelerator: template.accelerator,
    variant: { id: variant.id, release: variant.release, compiler: variant.compiler }, qemu: template.qemu, ms: Math.round(ms), verdict,
    tally: trace.tally, splats: splats.map((splat) => ({ ...splat, places: splat.places.map((place) => ({ place, at: lines.get(place) })) })),
    last: trace.events, where: trace.places,
  };
}

function describe(result: StressResult, given: { readonly lines: ReadonlyMap<string, string>; readonly seed: number; readonly seconds: number; readonly guest: string }): string[] {
  const colours = coloursFor(process.stdout);
  const { verdict, trace, splats } = result;
  const sections = [
    trace.tally ? describeTally(trace.tally, colours) : [],
    describeSplats(splats, given.lines, colours),
    trace.failure === undefined ? [] : describeLast(trace, colours),
    [`${verdict.kind}${verdict.reason === '' ? '' : `: ${verdict.reason}`}`, `seed ${given.seed}, ${given.seconds} s, ${result.variant.release}, ${given.guest}`],
  ];
  return sections.filter((lines) => lines.length > 0).flatMap((lines, index) => (index === 0 ? lines : ['', ...lines]));
}
