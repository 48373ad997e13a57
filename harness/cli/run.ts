import type { Host } from '../host/host.ts';
import type { RunDirectory } from '../results/run-directory.ts';
import { coloursFor } from './colours.ts';
import { describeComparison } from './compare-table.ts';
import { readFormatRequests, writeFormats } from './format-requests.ts';
import { play, type PlayOptions, type Watch } from './play.ts';
import { shown } from './results-paths.ts';
import { describeRun } from './run-table.ts';
import { describeTime } from './time-table.ts';

/**
 * `./diorama run`: from kernel and series to a table, and with `--baseline` to a comparison.
 * @returns 0 no regression (without a series: no failure), 1 a regression (against the baseline too) or failure, 69 a scene could not be judged
 * @throws DioramaError whose blame has the other exit codes
 */
export async function run(host: Host, options: PlayOptions, command: readonly string[]): Promise<number> {
  const requests = await readFormatRequests(options);
  const toStdout = requests.find(({ file }) => file === undefined)?.format;
  let begun: RunDirectory | undefined;
  const watch: Watch = { began: (directory) => (begun = directory), ...(toStdout === 'jsonl' ? { line: (text: string) => process.stdout.write(text) } : {}) };
  // What was shown line by line is not shown again.
  const left = requests.filter(({ format, file }) => format !== 'jsonl' || file !== undefined);
  const { exitCode, directory, progress, comparison } = await play(host, options, command, watch).catch(async (error: unknown) => {
    // A run that failed is told in every format too, but the failure itself is what counts.
    if (begun) await writeFormats(host, begun, left).catch((second: Error) => process.stderr.write(`diorama: ${second.message}\n`));
    throw error;
  });
  progress.end();
  await writeFormats(host, directory, left);
  if (toStdout !== undefined) {
    process.stderr.write(`evidence in ${shown(directory.dir)}\n`);
  } else if (options.json) {
    process.stdout.write(`${JSON.stringify({ ...directory.record, dir: directory.dir, ...(comparison && { comparison }) }, null, 2)}\n`);
  } else {
    const colours = coloursFor(process.stdout);
    const lines = [...describeRun(directory.record, colours), ...(comparison ? ['', 'against the baseline:', ...describeComparison(comparison, colours)] : [])];
    if (options.timings === true && directory.record.time) lines.push('', ...describeTime(directory.record.time, colours));
    process.stdout.write(`\n${lines.join('\n')}\nevidence in ${shown(directory.dir)}\n`);
  }
  return exitCode;
}
