import { mkdir, readFile, realpath, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { DioramaError } from '../../errors.ts';
import type { Host } from '../../host/host.ts';
import { withLock } from '../../host/lock.ts';
import { programFailure } from '../../host/program-failure.ts';
import { runGit, tryGit } from '../git.ts';
import type { GitCall } from '../git.ts';
import type { Lineage, Source } from '../types.ts';
import { lineageKey } from './git-source.ts';
import { checkedVersion, versionOfTree } from './kernel-version.ts';
import { openLineage } from './lineage.ts';
import { differing, steadySnapshot } from './steady-snapshot.ts';
import type { SnapshotCall } from './steady-snapshot.ts';

const lockBoundMs = 60 * 60 * 1000;
const snapshotTimeoutMs = 10 * 60 * 1000;

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
  const whole = await ignoresItself(host, common);
  const call: SnapshotCall = { ...common, excludes: [whole ? `--exclude-from=${join(lineage.gitDir, 'info/exclude')}` : '--exclude-standard'] };
  return steadySnapshot(host, call, async () => {
    if (whole) await takeUp(host, call, await differing(host, call));
    else await addAll(host, call, given.spec);
    await takeUp(host, call, await trackedButIgnored(host, path));
  });
}

async function takeUp(host: Host, call: SnapshotCall, input: Buffer): Promise<void> {
  if (input.length > 0) await runGit(host, { ...call, args: ['update-index', '--add', '--remove', '-z', '--stdin'], input });
}

async function addAll(host: Host, call: Omit<GitCall, 'args'>, spec: string): Promise<void> {
  const added = await tryGit(host, { ...call, args: ['add', '--all', '.'] });
  if (added.ok) return;
  throw programFailure(added, {
    ...badDirDetails(spec, `${call.cwd ?? ''} could not be read whole`),
    phase: `reading ${call.cwd ?? ''}`,
    timeoutMs: snapshotTimeoutMs,
  });
}

/** Debian's linux-source carries the `.gitignore` of its packaging repository, which names every file but `debian/`. */
async function ignoresItself(host: Host, call: Omit<GitCall, 'args'>): Promise<boolean> {
  // check-ignore refuses to run with literal pathspecs.
  const env = { GIT_LITERAL_PATHSPECS: '0' };
  return (await tryGit(host, { ...call, env, args: ['check-ignore', '--no-index', 'Makefile', 'fs/fuse/Kconfig'] })).ok;
}

/** Paths, each ended by a NUL byte, that the user's own repository holds though a `.gitignore` names them. */
async function trackedButIgnored(host: Host, path: string): Promise<Buffer> {
  const args = ['ls-files', '-z', '--cached', '--ignored', '--exclude-per-directory=.gitignore'];
  const finished = await tryGit(host, { args, cwd: path, phase: `reading ${path}` });
  // Not a repository: then nothing is tracked.
  return finished.ok ? finished.stdout : Buffer.alloc(0);
}

function badDirDetails(spec: string, why: string): { blame: 'usage'; code: 'bad-kernel-spec'; message: string; next: string } {
  return { blame: 'usage', code: 'bad-kernel-spec', message: `kernel "${spec}": ${why}`, next: 'name the top directory of a kernel tree' };
}

function badDir(spec: string, why: string): DioramaError {
  return new DioramaError(badDirDetails(spec, why));
}
