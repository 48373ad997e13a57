import { lstat, readdir, readlink } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { DioramaError } from '../errors.ts';
import { printable } from '../printable.ts';
import { listRuns } from './list-runs.ts';

const mostNamed = 4;

/**
 * The directory of a run: by its path, by its id or a beginning of it that no other run has, by `latest`, or by `previous` (or `latest~1`),
 * the one before.
 * @returns undefined when there is none
 * @throws DioramaError `bad-usage` when several runs begin so
 */
export async function findRun(results: string, name: string): Promise<string | undefined> {
  if (name.includes('/')) return name;
  const [, back] = /^latest(?:~(\d{1,6}))?$/.exec(name === 'previous' ? 'latest~1' : name) ?? [undefined, undefined];
  if (name === 'latest' || back !== undefined) return before(results, Number(back ?? 0));
  if (await isRun(results, name)) return join(results, name);
  const names = name === '' ? [] : (await readdir(results).catch(() => [])).filter((entry) => entry.startsWith(name)).sort();
  const found: string[] = [];
  for (const entry of names) if (await isRun(results, entry)) found.push(entry);
  if (found.length > 1) {
    const some = found.slice(0, mostNamed).map((entry) => printable(entry, 60)).join(', ');
    throw new DioramaError({ blame: 'usage', code: 'bad-usage', message: `${printable(name)}: ${found.length} runs begin so: ${some}${found.length > mostNamed ? ', …' : ''}` });
  }
  return found[0] === undefined ? undefined : join(results, found[0]);
}

/** The run that `latest` points at, or one that was begun before it. */
async function before(results: string, back: number): Promise<string | undefined> {
  const latest = await readlink(join(results, 'latest')).then(basename, () => undefined);
  if (back === 0 && latest !== undefined && (await isRun(results, latest))) return join(results, latest);
  const { runs } = await listRuns(results);
  const at = Math.max(0, runs.findIndex((run) => run.name === latest));
  const found = runs[at + back];
  return found && join(results, found.name);
}

async function isRun(results: string, name: string): Promise<boolean> {
  if (name.startsWith('.') || name.includes('/')) return false;
  const directory = await lstat(join(results, name)).then((found) => found.isDirectory(), () => false);
  return directory && lstat(join(results, name, 'run.json')).then((found) => found.isFile(), () => false);
}
