import { createHash } from 'node:crypto';
import { copyFile, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Host } from '../../host/host.ts';
import { withLock } from '../../host/lock.ts';
import { runGit, tryGit } from '../git.ts';
import type { Lineage, Source } from '../types.ts';
import { findCommit, gitSource, lineageOf } from './git-source.ts';
import { indexStamp } from './index-stamp.ts';
import { versionOfTree } from './kernel-version.ts';
import { steadySnapshot, takeUp } from './steady-snapshot.ts';
import type { SnapshotCall } from './steady-snapshot.ts';

const lockBoundMs = 60 * 60 * 1000;
const snapshotTimeoutMs = 10 * 60 * 1000;

interface Place {
  readonly top: string;
  /** The user's index, and the patterns of what they do not want to see. */
  readonly index: string;
  readonly exclude: string;
}

/**
 * The work tree of the user's repository as it is now: tracked files with their changes, staged or not, and new files that are not
 * ignored; what a sparse checkout left out is as the index has it. Without changes, or without a work tree, it is the commit of HEAD.
 * The user's index is copied, never written, not even refreshed.
 * @throws DioramaError `bad-kernel-spec` (usage) when there is no repository or commit, it is no kernel, or cannot be read
 */
export async function workTreeSource(host: Host, given: { readonly path: string; readonly spec: string }): Promise<Source> {
  const head = await findCommit(host, { ...given, rev: 'HEAD' });
  const place = await placeOf(host, given.path);
  if (place === undefined) return gitSource(host, { ...given, rev: 'HEAD' });
  const lineage = await lineageOf(host, head);
  const treeId = await withLock({ file: join(lineage.dir, 'snapshot.lock'), timeoutMs: lockBoundMs, signal: host.signal }, () =>
    snapshot(host, { lineage, place, spec: given.spec, headTree: head.treeId }),
  );
  const version = await versionOfTree(host, { lineage, treeId, spec: given.spec });
  const origin = treeId === head.treeId ? `commit ${head.commit}` : `commit ${head.commit} with uncommitted changes, tree ${treeId}`;
  return { spec: given.spec, version, origin, treeId, lineage };
}

/** @returns undefined for a bare repository, which has no work tree */
async function placeOf(host: Host, path: string): Promise<Place | undefined> {
  const args = ['rev-parse', '--path-format=absolute', '--show-toplevel', '--git-path', 'index', '--git-path', 'info/exclude'];
  const finished = await tryGit(host, { args, cwd: path, phase: `reading ${path}`, timeoutMs: 60_000 });
  const [top = '', index = '', exclude = ''] = finished.stdout.toString('utf8').trimEnd().split('\n');
  return finished.ok && top !== '' && exclude !== '' ? { top, index, exclude } : undefined;
}

async function snapshot(host: Host, given: { readonly lineage: Lineage; readonly place: Place; readonly spec: string; readonly headTree: string }): Promise<string> {
  const { lineage, place } = given;
  const name = createHash('sha256').update(place.top).digest('hex').slice(0, 12);
  const indexFile = join(lineage.gitDir, `snapshot-${name}-index`);
  await rm(`${indexFile}.lock`, { force: true });
  const own = await stat(place.exclude).then(() => [`--exclude-from=${place.exclude}`], () => []);
  const call: SnapshotCall = {
    gitDir: lineage.gitDir, workTree: place.top, cwd: place.top, indexFile, phase: `reading ${place.top}`, timeoutMs: snapshotTimeoutMs,
    excludes: ['--exclude-per-directory=.gitignore', ...own],
  };
  await follow(host, { call, indexFile, index: place.index, headTree: given.headTree });
  return steadySnapshot(host, call, () => takeUp(host, call, given));
}

/**
 * Brings the private index to what the user tracks: theirs is copied when it is not the one that was copied before. Between copies it
 * is our own, so that no file is read twice, whatever the user's says of them.
 */
async function follow(host: Host, given: { readonly call: SnapshotCall; readonly indexFile: string; readonly index: string; readonly headTree: string }): Promise<void> {
  const { call, indexFile } = given;
  const stampFile = `${indexFile}.stamp`;
  const found = await stat(given.index, { bigint: true }).catch(() => undefined);
  const stamp = found === undefined ? `none ${given.headTree}` : indexStamp(found);
  if (stamp === (await readFile(stampFile, 'utf8').catch(() => '')) && (await stat(indexFile).then(() => true, () => false))) return;
  host.emit({ kind: 'stage-progress', stage: 'source', detail: `reading ${call.cwd}` });
  await rm(stampFile, { force: true });
  if (found === undefined || !(await copied(host, { ...given, mtimeNs: found.mtimeNs }))) {
    await rm(indexFile, { force: true });
    await runGit(host, { ...call, args: ['read-tree', given.headTree] });
  }
  // Not quiet about what needs an update: that is told by its exit code, and taken up afterwards.
  await tryGit(host, { ...call, args: ['update-index', '-q', '--unmerged', '--really-refresh'] });
  await writeFile(stampFile, stamp);
}

/** @returns whether git can read the copy by itself: a split index has its other half beside the user's */
async function copied(host: Host, given: { readonly call: SnapshotCall; readonly indexFile: string; readonly index: string; readonly mtimeNs: bigint }): Promise<boolean> {
  const { call, indexFile } = given;
  const part = `${indexFile}.part`;
  await copyFile(given.index, part);
  // A file as young as the index is compared by content (racy git); a copy must not look younger than what it was copied from.
  const seconds = Number(given.mtimeNs / 1_000_000_000n);
  await utimes(part, seconds, seconds);
  await rename(part, indexFile);
  const listed = await tryGit(host, { ...call, args: ['ls-files', '-v', '-z'] });
  if (!listed.ok) return false;
  // Small letters: git was told to take those for unchanged, and they may not be.
  const assumed = listed.stdout.toString('latin1').split('\0').filter((line) => /^[a-z] /.test(line)).map((line) => `${line.slice(2)}\0`);
  if (assumed.length === 0) return true;
  return (await tryGit(host, { ...call, args: ['update-index', '--no-assume-unchanged', '-z', '--stdin'], input: Buffer.from(assumed.join(''), 'latin1') })).ok;
}
