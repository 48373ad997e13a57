import { mkdir, readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Host } from '../../host/host.ts';
import { withLock } from '../../host/lock.ts';
import { programFailure } from '../../host/program-failure.ts';
import { runProgram } from '../../host/run-program.ts';
import { scratchDir } from '../../host/scratch-dir.ts';
import { runGit } from '../git.ts';
import type { Lineage } from '../types.ts';
import { noteStand } from './checkout-tree.ts';
import { workTreeIndex } from './lineage.ts';

const tarTimeoutMs = 15 * 60 * 1000;
const lockBoundMs = 60 * 60 * 1000;

/**
 * Unpacks a kernel tarball and takes it into the lineage. The first one becomes the lineage's work tree itself, so that it is
 * written to disk once; a later one only leaves its objects.
 * @returns the tree id
 * @throws DioramaError `bad-kernel-spec` (usage) when the tarball is cut short or damaged, `disk-full`, `timed-out` (machine)
 */
export async function unpackTree(host: Host, given: { lineage: Lineage; tarball: string; spec: string }): Promise<string> {
  const { lineage } = given;
  return withLock({ file: lineage.lockFile, timeoutMs: lockBoundMs, signal: host.signal }, async () => {
    const scratch = await scratchDir(lineage.dir, 'unpacked-');
    const dir = join(scratch, 'tree');
    try {
      host.emit({ kind: 'stage-progress', stage: 'source', detail: 'unpacking the tarball' });
      await mkdir(dir);
      const root = await untar(host, { tarball: given.tarball, dir, what: `kernel "${given.spec}"` });
      host.emit({ kind: 'stage-progress', stage: 'source', detail: 'taking the tree into the cache' });
      return await takeIn(host, { lineage, root, scratch });
    } finally {
      await rm(scratch, { recursive: true, force: true });
    }
  });
}

/**
 * Unpacks any tarball GNU tar knows into the empty directory `dir`. Members cannot leave it: tar strips leading slashes, refuses
 * `..` and puts symbolic links in place only at the end.
 * @returns `dir`, or the one directory in it when the tarball has a leading component
 */
export async function untar(host: Host, given: { tarball: string; dir: string; what: string }): Promise<string> {
  const finished = await runProgram({
    file: 'tar',
    args: ['--extract', '--no-same-owner', '--no-same-permissions', '--delay-directory-restore', `--file=${given.tarball}`, '--force-local'],
    cwd: given.dir,
    timeoutMs: tarTimeoutMs,
    signal: host.signal,
  });
  if (!finished.ok) {
    throw programFailure(finished, {
      blame: 'usage',
      code: 'bad-kernel-spec',
      message: `${given.what}: the tarball is cut short, damaged, or no tarball`,
      next: 'download it again',
      phase: 'unpacking the tarball',
      timeoutMs: tarTimeoutMs,
    });
  }
  const entries = await readdir(given.dir, { withFileTypes: true });
  const [only] = entries;
  return entries.length === 1 && only?.isDirectory() ? join(given.dir, only.name) : given.dir;
}

async function takeIn(host: Host, given: { readonly lineage: Lineage; readonly root: string; readonly scratch: string }): Promise<string> {
  const { lineage, root } = given;
  await rm(join(root, '.git'), { recursive: true, force: true });
  const first = !(await exists(lineage.workTree));
  const indexFile = first ? workTreeIndex(lineage) : join(given.scratch, 'index');
  await rm(`${indexFile}.lock`, { force: true });
  const common = { gitDir: lineage.gitDir, indexFile, phase: 'taking the tree into the cache' };
  await runGit(host, { ...common, workTree: root, cwd: root, args: ['add', '--all', '--force', '.'] });
  const treeId = (await runGit(host, { ...common, args: ['write-tree'] })).toString('utf8').trim();
  if (first) {
    await rename(root, lineage.workTree);
    await noteStand(lineage, treeId);
  }
  return treeId;
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

