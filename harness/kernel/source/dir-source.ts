import { mkdir, readFile, realpath, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { DioramaError } from '../../errors.ts';
import type { Host } from '../../host/host.ts';
import { readJson, writeJson } from '../../host/json-file.ts';
import { withLock } from '../../host/lock.ts';
import { tryGit } from '../git.ts';
import type { GitCall } from '../git.ts';
import type { Lineage, Source } from '../types.ts';
import { lineageKey } from './git-source.ts';
import { indexStamp } from './index-stamp.ts';
import { checkedVersion, versionOfTree } from './kernel-version.ts';
import { openLineage } from './lineage.ts';
import { steadySnapshot, takeUp } from './steady-snapshot.ts';
import type { SnapshotCall } from './steady-snapshot.ts';

const lockBoundMs = 60 * 60 * 1000;
const snapshotTimeoutMs = 10 * 60 * 1000;

/** Of which index, and its paths as latin1. */
const ignoredShape = z.object({ index: z.string(), paths: z.string() });

/**
 * A snapshot of the user's directory as it is now, uncommitted changes included, what its `.gitignore` files name excluded
 * (unless the user's git tracks it, or they name the kernel itself). The directory is only read; a second snapshot reads only files whose stat data changed.
 * @throws DioramaError `bad-kernel-spec` (usage) when it is not a kernel or cannot be read
 */
export async function dirSource(host: Host, given: { readonly path: string; readonly spec: string }): Promise<Source> {
  const path = await realpath(given.path).catch(() => undefined);
  if (path === undefined) throw badDir(given.spec, `there is no ${given.path}`);
  checkedVersion({
    spec: given.spec,
    makefile: await readFile(join(path, 'Makefile'), 'utf8').catch(() => undefined),
    hasFuse: await stat(join(path, 'fs/fuse/Kconfig')).then(() => true, () => false),
  });
  const lineage = await openLineage(host, { key: lineageKey('dir', path) });
  const treeId = await withLock({ file: join(lineage.dir, 'snapshot.lock'), timeoutMs: lockBoundMs, signal: host.signal }, () =>
    snapshot(host, { lineage, path, spec: given.spec }),
  );
  // Asked of the snapshot itself: whatever kept its files out of it must not pass for an empty kernel.
  const version = await versionOfTree(host, { lineage, treeId, spec: given.spec });
  return { spec: given.spec, version, origin: `tree ${treeId} of ${path}`, treeId, lineage };
}

async function snapshot(host: Host, given: { lineage: Lineage; path: string; spec: string }): Promise<string> {
  const { lineage, path } = given;
  const indexFile = join(lineage.gitDir, 'snapshot-index');
  const first = await stat(indexFile).then(() => false, () => true);
  if (first) host.emit({ kind: 'stage-progress', stage: 'source', detail: `reading ${path}` });
  await rm(`${indexFile}.lock`, { force: true });
  await mkdir(lineage.dir, { recursive: true });
  const common = { gitDir: lineage.gitDir, workTree: path, cwd: path, indexFile, phase: `reading ${path}`, timeoutMs: snapshotTimeoutMs };
  const [whole, also] = await Promise.all([ignoresItself(host, common), trackedButIgnored(host, { path, noteFile: join(lineage.gitDir, 'tracked-but-ignored.json') })]);
  const call: SnapshotCall = { ...common, excludes: [whole ? `--exclude-from=${join(lineage.gitDir, 'info/exclude')}` : '--exclude-standard'] };
  return steadySnapshot(host, call, () => takeUp(host, call, { spec: given.spec, also }));
}

/** Debian's linux-source carries the `.gitignore` of its packaging repository, which names every file but `debian/`. */
async function ignoresItself(host: Host, call: Omit<GitCall, 'args'>): Promise<boolean> {
  // check-ignore refuses to run with literal pathspecs.
  const env = { GIT_LITERAL_PATHSPECS: '0' };
  return (await tryGit(host, { ...call, env, args: ['check-ignore', '--no-index', 'Makefile', 'fs/fuse/Kconfig'] })).ok;
}

/**
 * Paths, each ended by a NUL byte, that the user's own repository holds though a `.gitignore` names them. Asked again when the user's index is another:
 * git needs 0.3 s to hold 86,000 paths against what is ignored.
 */
async function trackedButIgnored(host: Host, given: { readonly path: string; readonly noteFile: string }): Promise<Buffer> {
  const call = { cwd: given.path, phase: `reading ${given.path}` };
  const place = await tryGit(host, { ...call, args: ['rev-parse', '--path-format=absolute', '--git-path', 'index'] });
  const index = place.ok ? await stat(place.stdout.toString('utf8').trimEnd(), { bigint: true }).then(indexStamp, () => undefined) : undefined;
  // Not a repository, or one that holds nothing: then nothing is tracked.
  if (index === undefined) return Buffer.alloc(0);
  const noted = await readJson(given.noteFile, ignoredShape);
  if (noted?.index === index) return Buffer.from(noted.paths, 'latin1');
  const finished = await tryGit(host, { ...call, args: ['ls-files', '-z', '--cached', '--ignored', '--exclude-per-directory=.gitignore'] });
  if (!finished.ok) return Buffer.alloc(0);
  // Bytes, not text: a path may be anything.
  await writeJson(given.noteFile, { index, paths: finished.stdout.toString('latin1') });
  return finished.stdout;
}

function badDir(spec: string, why: string): DioramaError {
  return new DioramaError({ blame: 'usage', code: 'bad-kernel-spec', message: `kernel "${spec}": ${why}`, next: 'name the top directory of a kernel tree' });
}
