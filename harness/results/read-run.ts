import { readFile, readlink } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { DioramaError } from '../errors.ts';
import { explainIssue } from '../host/explain-issue.ts';
import { runRecordSchema, type RunRecord } from './run-record.ts';

/**
 * Reads a run by its id or `latest` below `results`, or by the path of its directory.
 * @throws DioramaError `bad-usage` when there is none, `bad-file` when its run.json is not one
 */
export async function readRun(results: string, name: string): Promise<{ readonly dir: string; readonly record: RunRecord }> {
  const dir = name.includes('/') ? name : join(results, name === 'latest' ? await latestOf(results) : name);
  const file = join(dir, 'run.json');
  const text = await readFile(file, 'utf8').catch(() => {
    throw new DioramaError({ blame: 'usage', code: 'bad-usage', message: `${name}: there is no such run in ${results}`, next: './diorama show latest, or the name of a directory in it' });
  });
  const data = parseJson(text);
  const parsed = runRecordSchema.safeParse(data, { error: explainIssue });
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    const why = data === undefined ? 'it is no JSON' : `${issue?.path.join('.') || 'the whole'}: ${issue?.message ?? ''}`;
    throw new DioramaError({ blame: 'usage', code: 'bad-file', message: `${file}: not a run of this diorama: ${why}` });
  }
  return { dir, record: parsed.data };
}

async function latestOf(results: string): Promise<string> {
  return readlink(join(results, 'latest')).then(basename, () => 'latest');
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
