import { readFile } from 'node:fs/promises';
import { DioramaError } from '../errors.ts';
import { explainIssue } from '../host/explain-issue.ts';
import { runRecordSchema, type RunRecord } from './run-record.ts';

/**
 * Reads a `run.json`; fields that this diorama does not know are left out.
 * @returns undefined when there is no such file
 * @throws DioramaError `bad-file` when it is no record of a run
 */
export async function readRecord(file: string): Promise<RunRecord | undefined> {
  const text = await readFile(file, 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  const data = parseJson(text);
  const parsed = runRecordSchema.safeParse(data, { error: explainIssue });
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const why = data === undefined ? 'it is no JSON' : `${issue?.path.join('.') || 'the whole'}: ${issue?.message ?? ''}`;
  throw new DioramaError({ blame: 'usage', code: 'bad-file', message: `${file}: not a run of this diorama: ${why}` });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
