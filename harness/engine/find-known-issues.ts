import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { readYaml } from '../host/read-yaml.ts';
import type { KnownIssue } from '../judge/known-issues.ts';
import { generations } from '../model/generations.ts';

const version = z.string().regex(/^\d+\.\d+(\.\d+)?(-rc\d+)?$/, { error: 'expected a kernel version, such as "6.12" or "6.12.64"' });

const signature = z.string().transform((text, context) => {
  try {
    return new RegExp(text);
  } catch (error) {
    context.issues.push({ code: 'custom', input: text, path: [], message: `expected a regular expression: ${(error as Error).message}` });
    return z.NEVER;
  }
});

const schema = z.array(z.strictObject({
  id: z.string().regex(/^[A-Z]\d+$/, { error: 'expected a letter and a number, such as K8' }),
  scenes: z.array(z.string()).min(1),
  kernels: z.strictObject({ from: version, until: version.optional() }),
  model: z.enum(generations.map(({ name }) => name)).optional(),
  shows: z.array(z.enum(['fail', 'splat', 'hang', 'crash'])).min(1),
  signature,
  summary: z.string(),
  page: z.string(),
  seen: z.array(version),
}));

/**
 * Reads tests/known-issues.yaml.
 * @throws DioramaError `bad-file` with file:line:col of every mistake
 */
export async function findKnownIssues(root: string): Promise<KnownIssue[]> {
  const file = join(root, 'tests/known-issues.yaml');
  const entries = readYaml(await readFile(file, 'utf8'), { file, what: 'list of known issues', schema });
  return entries.map(({ id, scenes, kernels, model, shows, signature: matches, summary, page }) => ({
    id, scenes, from: kernels.from, kinds: shows, signature: matches, summary, page,
    ...(kernels.until === undefined ? {} : { until: kernels.until }),
    ...(model === undefined ? {} : { model }),
  }));
}
