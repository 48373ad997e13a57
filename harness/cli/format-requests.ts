import { stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { DioramaError } from '../errors.ts';
import { formatNames, formats, type FormatName } from '../formats/formats.ts';
import { readRunFacts } from '../formats/read-run-facts.ts';
import type { Host } from '../host/host.ts';
import type { RunRecord } from '../results/run-record.ts';
import { writeWhole } from '../results/run-directory.ts';

/** A format that a run is to be written in; without a file, to standard output. */
export interface FormatRequest {
  readonly format: FormatName;
  readonly file?: string;
}

/**
 * Reads `tap` and `junit=FILE`, before anything is built for them.
 * @throws DioramaError `bad-usage` for what is no format, a file that cannot be written, or two documents for standard output
 */
export async function readFormatRequests(options: { readonly format?: readonly string[]; readonly json: boolean }): Promise<FormatRequest[]> {
  const requests = (options.format ?? []).map(readRequest);
  const toStdout = requests.filter(({ file }) => file === undefined);
  if (toStdout.length > 1 || (toStdout.length > 0 && options.json)) {
    const names = [...toStdout.map(({ format }) => `--format ${format}`), ...(options.json ? ['--json'] : [])];
    throw wrong(`${names.join(' and ')} all write to standard output`, `--format ${toStdout[0]?.format ?? ''}=FILE writes into a file`);
  }
  const files = requests.flatMap(({ file }) => file ?? []);
  const twice = files.find((file, at) => files.indexOf(file) !== at);
  if (twice !== undefined) throw wrong(`--format: two formats are to be written to ${twice}`);
  for (const file of files) await checkOutput('--format', file);
  return requests;
}

/** @throws DioramaError `bad-usage` when `file` is a directory, or in none */
export async function checkOutput(option: string, file: string): Promise<void> {
  const there = await stat(file).catch(() => undefined);
  if (there?.isDirectory() === true) throw wrong(`${option}: ${file} is a directory`);
  const directory = await stat(dirname(file)).catch(() => undefined);
  if (directory?.isDirectory() !== true) throw wrong(`${option}: there is no directory ${dirname(file)} to write to`);
}

/** Writes a run as asked for. @throws DioramaError `disk-full` or `program-failed` when a file cannot be written */
export async function writeFormats(host: Host, run: { readonly dir: string; readonly record: RunRecord }, requests: readonly FormatRequest[]): Promise<void> {
  if (requests.length === 0) return;
  const facts = await readRunFacts(host, run);
  for (const { format, file } of requests) {
    const text = formats[format].write(facts);
    if (file === undefined) process.stdout.write(text);
    else await writeWhole(file, text);
  }
}

function readRequest(text: string): FormatRequest {
  const [, name = '', , file] = /^([^=]*)(=(.*))?$/s.exec(text) ?? [];
  const format = formatNames.find((known) => known === name);
  if (format === undefined) throw wrong(`--format ${text}: expected one of ${formatNames.join(', ')}, or one of them with =FILE`);
  if (file === '') throw wrong(`--format ${text}: expected the name of a file after =`);
  return { format, ...(file === undefined ? {} : { file: resolve(file) }) };
}

function wrong(message: string, next?: string): DioramaError {
  return new DioramaError({ blame: 'usage', code: 'bad-usage', message, ...(next === undefined ? {} : { next }) });
}
