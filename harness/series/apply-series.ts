import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Host } from '../host/host.ts';
import { scratchDir } from '../host/scratch-dir.ts';
import { type GitCall, outsideRepositories, runGit, tryGit } from '../kernel/git.ts';
import type { PatchedTree, Source } from '../kernel/types.ts';
import { type Applied, appliedFile, keepApplied, readApplied } from './applied-cache.ts';
import { explainFailure } from './explain-failure.ts';
import { badSeries } from './series-error.ts';
import type { Series } from './types.ts';
import { unsafeLink, unsafePath } from './unsafe-diff.ts';

/**
 * Applies a series to a source, in the index and objects of its lineage's private repository: no file of a tree is written. Hunks
 * may be moved (offset), their context must be exact, as git apply does it by itself. The result is kept in the cache.
 * Emits the events of the stage `series`.
 * @throws DioramaError `series-does-not-apply` (exit code 3) with patch, file, hunk and the blobs it was made against;
 * `bad-series` when the result holds a link out of the tree or a submodule; `program-failed`, `disk-full`, `timed-out` (machine)
 */
export async function applySeries(host: Host, source: Source, series: Series): Promise<PatchedTree> {
  const { patches } = series;
  if (patches.length === 0) return { source, treeId: source.treeId, touched: new Map() };
  const file = appliedFile(host, source, patches);
  const stage = { stage: 'series', label: series.label } as const;
  const startedAt = performance.now();
  host.emit({ kind: 'stage-start', ...stage });
  const kept = await readApplied(host, file, source);
  const applied = kept ?? (await applyAll(host, source, series));
  if (!kept) await keepApplied(file, applied);
  host.emit({ kind: 'stage-end', ...stage, ms: performance.now() - startedAt, reused: kept !== undefined });
  const touched = new Map(applied.touched.map(([path, at]) => [path, patches[at]?.subject ?? '']));
  return { source, treeId: applied.treeId, touched };
}

async function applyAll(host: Host, source: Source, series: Series): Promise<Applied> {
  const { dir, gitDir } = source.lineage;
  const tmp = await scratchDir(dir, 'tmp-apply-');
  const scratch = { gitDir, indexFile: join(tmp, 'index'), ...outsideRepositories(tmp) };
  try {
    await runGit(host, { ...scratch, args: ['read-tree', source.treeId] });
    if (!(await applyAtOnce(host, series, { tmp, scratch }))) await applyOneByOne(host, { source, series, scratch });
    const treeId = (await runGit(host, { ...scratch, args: ['write-tree'] })).toString().trim();
    return { treeId, touched: await whatChanged(host, { source, series, treeId }) };
  } finally {
    await rm(tmp, { recursive: true, force: true });
  }
}

type Scratch = Omit<GitCall, 'args'>;

/** One git for the whole series reads and writes the index of 80,000 files once; it does all or nothing, and not say which patch failed. */
async function applyAtOnce(host: Host, series: Series, given: { readonly tmp: string; readonly scratch: Scratch }): Promise<boolean> {
  const strips = new Set(series.patches.map(({ strip }) => strip));
  if (strips.size !== 1) return false;
  const files: string[] = [];
  for (const [at, { diff }] of series.patches.entries()) {
    const file = join(given.tmp, String(at));
    await writeFile(file, diff);
    files.push(file);
  }
  return (await tryGit(host, { ...given.scratch, args: [...applyCached, `-p${[...strips].join()}`, ...files] })).ok;
}

async function applyOneByOne(host: Host, given: { readonly source: Source; readonly series: Series; readonly scratch: Scratch }): Promise<void> {
  const { series, scratch } = given;
  for (const [at, patch] of series.patches.entries()) {
    host.emit({ kind: 'stage-progress', stage: 'series', detail: `${at + 1}/${series.patches.length} ${patch.subject}` });
    const done = await tryGit(host, { ...scratch, args: [...applyCached, `-p${patch.strip}`, '-'], input: patch.diff });
    if (!done.ok) throw await explainFailure(host, { ...given, at, stderr: done.stderr });
  }
}

const applyCached = ['apply', '--cached', '--whitespace=nowarn'];

/** The paths that differ, each with the last patch that names it. The last look at what a hostile diff may have smuggled in. */
async function whatChanged(
  host: Host,
  given: { readonly source: Source; readonly series: Series; readonly treeId: string },
): Promise<Applied['touched']> {
  const { source, series, treeId } = given;
  const { gitDir } = source.lineage;
  const args = ['diff-tree', '-r', '-z', '--no-renames', source.treeId, treeId];
  const raw = (await runGit(host, { gitDir, args })).toString('utf8');
  const last = new Map(series.patches.flatMap(({ files }, at) => files.map(({ path }) => [path, at] as const)));
  const touched: [string, number][] = [];
  for (const [, mode = '', blob = '', path = ''] of raw.matchAll(/:\d{6} (\d{6}) [0-9a-f]+ ([0-9a-f]+) [A-Z]\d*\0([^\0]*)\0/g)) {
    const target = mode === '120000' ? (await runGit(host, { gitDir, args: ['cat-file', 'blob', blob] })).toString('utf8') : undefined;
    const problem = unsafePath(path) ?? (mode === '160000' ? `"${path}": a submodule` : target === undefined ? undefined : unsafeLink(path, target));
    if (problem !== undefined) throw badSeries({ message: `${series.label}: ${problem}` });
    touched.push([path, last.get(path) ?? series.patches.length - 1]);
  }
  return touched;
}
