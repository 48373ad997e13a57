import { join, resolve } from 'node:path';
import { formatNames, formats, type FormatName } from '../formats/formats.ts';
import { readRunFacts } from '../formats/read-run-facts.ts';
import type { Host } from '../host/host.ts';
import { writeReport } from '../report/write-report.ts';
import { readRun } from '../results/read-run.ts';
import { writeWhole } from '../results/run-directory.ts';
import type { RunRecord } from '../results/run-record.ts';
import { checkOutput } from './format-requests.ts';
import { resultsDir, shown } from './results-paths.ts';

export interface ReportOptions {
  readonly format: ReportFormat;
  readonly output?: string;
  readonly results?: string;
}

/** What a format is made from. */
interface StoredRun {
  readonly dir: string;
  readonly record: RunRecord;
  /** The directory of all runs. */
  readonly results: string;
}

type ReportFormat = FormatName | 'html';

/** Each format by its name: a stored run in, a text out. */
const writers: Readonly<Record<ReportFormat, (host: Host, run: StoredRun) => Promise<string>>> = {
  html: (host, { dir }) => writeReport([resolve(dir)], { root: host.root, written: new Date(), shown }),
  ...machineFormats(),
};

export const reportFormats = Object.keys(writers);

/**
 * `./diorama report [RUN]`: one HTML file about a stored run, in its directory unless `--output` says where, and its path on standard
 * output. With `--format F` it is another format, on standard output or in a file. Nothing is played.
 * @throws DioramaError `bad-usage` without such a run or a place to write to, `bad-file` when the run is none
 */
export async function report(host: Host, run: string, options: ReportOptions): Promise<number> {
  const output = options.output === undefined ? undefined : resolve(options.output);
  if (output !== undefined) await checkOutput('--output', output);
  const results = resultsDir(host, options.results);
  const stored = { ...(await readRun(results, run)), results };
  const text = await writers[options.format](host, stored);
  if (options.format === 'html') {
    const file = output ?? join(stored.dir, 'report.html');
    await writeWhole(file, text);
    process.stdout.write(`${shown(file)}\n`);
  } else if (output === undefined) {
    process.stdout.write(text);
  } else {
    await writeWhole(output, text);
    process.stderr.write(`written to ${shown(output)}\n`);
  }
  return 0;
}

function machineFormats(): Record<FormatName, (host: Host, run: StoredRun) => Promise<string>> {
  const writer = (name: FormatName) => async (host: Host, run: StoredRun): Promise<string> => formats[name].write(await readRunFacts(host, run));
  return Object.fromEntries(formatNames.map((name) => [name, writer(name)])) as Record<FormatName, ReturnType<typeof writer>>;
}
