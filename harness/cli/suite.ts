import type { Host } from '../host/host.ts';
import { coloursFor } from './colours.ts';
import { playSuites, type SuiteOptions } from './play-suites.ts';
import { shown } from './results-paths.ts';
import { describeRun } from './run-table.ts';

/**
 * `./diorama suite [NAME...]`: programs that people trust, on a kernel and on the same kernel with a series.
 * @returns 0 no regression (without a series: no failure), 1 a regression or failure, 69 a suite could not be judged
 * @throws DioramaError whose blame has the other exit codes
 */
export async function suite(host: Host, options: SuiteOptions, command: readonly string[]): Promise<number> {
  const { exitCode, directory: { record, dir } } = await playSuites(host, options, command);
  if (options.json) process.stdout.write(`${JSON.stringify({ ...record, dir }, null, 2)}\n`);
  else process.stdout.write(`\n${describeRun(record, coloursFor(process.stdout)).join('\n')}\nevidence in ${shown(dir)}\n`);
  return exitCode;
}
