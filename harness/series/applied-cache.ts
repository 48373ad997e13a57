import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { z } from 'zod';
import type { Host } from '../host/host.ts';
import { readJson, writeJson } from '../host/json-file.ts';
import { diskError } from '../host/run-program.ts';
import { tryGit } from '../kernel/git.ts';
import type { Source } from '../kernel/types.ts';
import type { Patch } from './types.ts';

/** What applying came to, without anything that is not told by the diffs themselves. */
export interface Applied {
  readonly treeId: string;
  /** Path, and the position from 0 of the last patch that touched it. */
  readonly touched: readonly (readonly [path: string, patch: number])[];
}

const shape = z.object({ treeId: z.string().regex(/^[0-9a-f]{40,64}$/), touched: z.array(z.tuple([z.string(), z.number()])) });

/** Part of every key; goes up when what is kept, or how patches are applied, changes. */
const recipe = 'applied-1';

/** Where the result of these diffs on this tree is kept: `<cache>/applied/<sha256>.json`. */
export function appliedFile(host: Host, source: Source, patches: readonly Patch[]): string {
  const key = createHash('sha256').update(`${recipe}\n${source.treeId}\n`);
  for (const { diff, strip } of patches) key.update(`${strip} ${createHash('sha256').update(diff).digest('hex')}\n`);
  return join(host.cache, 'applied', `${key.digest('hex')}.json`);
}

/** What was kept, when it is whole and its tree is still in the lineage's repository. */
export async function readApplied(host: Host, file: string, source: Source): Promise<Applied | undefined> {
  const kept = await readJson(file, shape);
  if (!kept) return undefined;
  const there = await tryGit(host, { gitDir: source.lineage.gitDir, args: ['cat-file', '-e', `${kept.treeId}^{tree}`] });
  return there.ok ? kept : undefined;
}

/** @throws DioramaError `disk-full` or `program-failed` (machine) when it cannot be written */
export async function keepApplied(file: string, applied: Applied): Promise<void> {
  await writeJson(file, applied).catch((error: unknown) => {
    throw diskError(error as NodeJS.ErrnoException, file);
  });
}
