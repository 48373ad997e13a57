import { join } from 'node:path';
import { DioramaError } from '../errors.ts';
import { printable } from '../printable.ts';
import { findRun } from './find-run.ts';
import { readRecord } from './read-record.ts';
import type { RunRecord } from './run-record.ts';

/**
 * Reads a run by its id or the beginning of it, by `latest`, `latest~1` or `previous` below `results`, or by the path of its directory.
 * @throws DioramaError `bad-usage` when there is none, or more than one; `bad-file` when its run.json is not one
 */
export async function readRun(results: string, name: string): Promise<{ readonly dir: string; readonly record: RunRecord }> {
  const dir = await findRun(results, name);
  const record = dir === undefined ? undefined : await readRecord(join(dir, 'run.json'));
  if (dir !== undefined && record) return { dir, record };
  throw new DioramaError({
    blame: 'usage', code: 'bad-usage', message: `${printable(name)}: there is no such run in ${results}`, next: './diorama runs, or ./diorama show latest',
  });
}
