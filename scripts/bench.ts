import { randomBytes } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { ratiosOf } from '../harness/bench/ratios.ts';
import { runBench } from '../harness/bench/run-bench.ts';
import { describeBench } from '../harness/cli/bench-table.ts';
import { resultsDir, shown } from '../harness/cli/results-paths.ts';
import { findScenarios } from '../harness/engine/find-scenarios.ts';
import { DioramaError } from '../harness/errors.ts';
import { readGuest } from '../harness/guest/read-guest.ts';
import type { Host } from '../harness/host/host.ts';
import { diskError } from '../harness/host/run-program.ts';
import { parseKernelSpec } from '../harness/kernel/source/parse-kernel-spec.ts';
import { requireSource } from '../harness/kernel/source/require-source.ts';
import { writeWhole } from '../harness/results/run-directory.ts';

export interface BenchOptions {
  readonly kernel: string;
  readonly scenario: string;
  readonly guest: string;
  readonly runs: number;
  readonly results?: string;
  readonly json: boolean;
}

export const benchHelp = `
It takes some 15 minutes on two cores, builds the kernel from nothing twice (three times where vng, virtme-ng's command, is on PATH), and needs
4 GiB in the cache until it is done. The table and its JSON are kept in bench/ of the results. What bounds each figure: docs/performance.md.
Figures of a busy machine say little; ratios of one run say more.`;

/**
 * `./diorama bench`: measures diorama, and beside it what one would do by hand, in one run. Prints a table.
 * @returns 0 when all that can be measured on this machine was
 * @throws DioramaError whose blame has the other exit codes
 */
export async function bench(host: Host, options: BenchOptions): Promise<number> {
  const scenes = await findScenarios(host, []);
  const [scene, ...others] = await findScenarios(host, [options.scenario]);
  if (scene === undefined || others.length > 0) throw new DioramaError({ blame: 'usage', code: 'bad-usage', message: `--scenario ${options.scenario}: one scene is needed, not ${others.length + 1}` });
  const guest = await readGuest(host.root, options.guest);
  const kernel = requireSource(parseKernelSpec(options.kernel), 'a benchmark');
  const dir = join(resultsDir(host, options.results), 'bench', `${new Date().toISOString().slice(0, 19).replaceAll(':', '')}-${randomBytes(2).toString('hex')}`);
  await mkdir(dir, { recursive: true }).catch((error: unknown) => {
    throw diskError(error as NodeJS.ErrnoException, dir);
  });
  const began = performance.now();
  const tell = (text: string): void => void process.stderr.write(`${minutes(performance.now() - began)}  ${text}\n`);
  const report = await runBench(host, { kernel, kernelText: options.kernel, guest, scenes, scene, runs: options.runs, dir, tell });
  const document = { ...report, ratios: ratiosOf(report.figures, report.scenes) };
  const lines = describeBench(report);
  await writeWhole(join(dir, 'bench.json'), `${JSON.stringify(document, null, 2)}\n`);
  await writeWhole(join(dir, 'table.txt'), `${lines.join('\n')}\n`);
  process.stdout.write(options.json ? `${JSON.stringify(document, null, 2)}\n` : `\n${lines.join('\n')}\nevidence in ${shown(dir)}\n`);
  return 0;
}

/** `07:03` */
function minutes(ms: number): string {
  return new Date(ms).toISOString().slice(14, 19);
}
