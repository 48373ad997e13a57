import { copyFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Host } from '../../host/host.ts';
import { scratchDir } from '../../host/scratch-dir.ts';
import { runGit, tryGit } from '../git.ts';
import type { Lineage } from '../types.ts';

const boundMs = 10 * 60 * 1000;

/**
 * The tree of somebody's work tree as it is now: what is staged, what is not, and new files that no `.gitignore` names. The work tree and its
 * index are only read: a copy of the index, whose notes of mtimes spare the reading of what did not change, is brought up to date in the
 * lineage's repository.
 * @returns undefined for a bare repository, and where nothing differs from HEAD
 */
export async function dirtyTree(host: Host, given: { readonly path: string; readonly lineage: Lineage }): Promise<string | undefined> {
  const { path, lineage } = given;
  const phase = `reading ${path}`;
  const asked = await tryGit(host, { args: ['rev-parse', '--path-format=absolute', '--show-toplevel', '--git-path', 'index'], cwd: path, phase });
  if (!asked.ok) return undefined;
  const [top = '', index = ''] = asked.stdout.toString('utf8').trimEnd().split('\n');
  const status = await tryGit(host, { args: ['status', '--porcelain', '-z', '--untracked-files=normal', '--ignore-submodules=all'], cwd: top, phase, timeoutMs: boundMs });
  if (status.ok && status.stdout.length === 0) return undefined;
  const scratch = await scratchDir(lineage.dir, 'tmp-dirty-');
  try {
    const indexFile = join(scratch, 'index');
    const call = { gitDir: lineage.gitDir, workTree: top, cwd: top, indexFile, phase, timeoutMs: boundMs };
    const copied = await copyFile(index, indexFile).then(() => tryGit(host, { ...call, args: ['add', '--all', '.'] }), () => undefined);
    if (copied?.ok !== true) {
      // No index yet, or one in two files (git-update-index(1), --split-index): everything is read.
      await rm(indexFile, { force: true });
      await runGit(host, { ...call, args: ['read-tree', 'HEAD'], gitDir: await gitDirOf(host, top), phase }).catch(() => undefined);
      await runGit(host, { ...call, args: ['add', '--all', '.'] });
    }
    return (await runGit(host, { ...call, args: ['write-tree'] })).toString('utf8').trim();
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

async function gitDirOf(host: Host, top: string): Promise<string> {
  return (await runGit(host, { args: ['rev-parse', '--absolute-git-dir'], cwd: top, phase: `reading ${top}` })).toString('utf8').trim();
}
