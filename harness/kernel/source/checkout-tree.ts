import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DioramaError } from '../../errors.ts';
import type { Host } from '../../host/host.ts';
import { gitFailure, tryGit } from '../git.ts';
import type { GitCall } from '../git.ts';
import type { Lineage } from '../types.ts';
import { workTreeIndex } from './lineage.ts';

/**
 * Leaves the lineage's work tree exactly at `treeId`. Only files that differ are written, so mtimes stay true for make. A note
 * beside the tree says where it stands; it is taken away before git starts and put back when it is done, so a checkout that was
 * killed, or that a crash of the machine cut short, is repaired in full: every file is compared, strays are removed.
 * The caller holds the lineage's lock.
 * @throws DioramaError `program-failed`, `timed-out`, `disk-full` (machine), `no-such-kernel` when objects are missing
 */
export async function checkoutTree(host: Host, lineage: Lineage, treeId: string): Promise<void> {
  const noteFile = standFile(lineage);
  const stand = await readFile(noteFile, 'utf8').catch(() => '');
  const boot = await bootId();
  if (stand === `${treeId} ${boot}\n`) return;
  await rm(noteFile, { force: true });
  await rm(`${workTreeIndex(lineage)}.lock`, { force: true });
  await mkdir(lineage.workTree, { recursive: true });
  const trusted = stand.endsWith(` ${boot}\n`);
  if (!trusted || !(await switchTree(host, lineage, treeId))) await repairTree(host, lineage, treeId);
  await noteStand(lineage, treeId);
}

/** Notes that the work tree and its index are whole and at `treeId`. */
export async function noteStand(lineage: Lineage, treeId: string): Promise<void> {
  await writeFile(standFile(lineage), `${treeId} ${await bootId()}\n`);
}

function standFile(lineage: Lineage): string {
  return join(lineage.dir, 'stands-at');
}

/** After a crash of the machine files may be short whatever the note says; the boot's id tells. */
async function bootId(): Promise<string> {
  return (await readFile('/proc/sys/kernel/random/boot_id', 'utf8').catch(() => 'unknown')).trim();
}

async function switchTree(host: Host, lineage: Lineage, treeId: string): Promise<boolean> {
  return (await tryGit(host, inTree(lineage, ['read-tree', '-m', '-u', treeId]))).ok;
}

async function repairTree(host: Host, lineage: Lineage, treeId: string): Promise<void> {
  const reset = inTree(lineage, ['read-tree', '--reset', '-u', treeId]);
  let finished = await tryGit(host, reset);
  if (!finished.ok) {
    await rm(workTreeIndex(lineage), { force: true });
    finished = await tryGit(host, reset);
  }
  if (!finished.ok && /unable to read|not a tree object|missing|bad object|unable to (find|unpack)/i.test(finished.stderr)) {
    throw new DioramaError({
      blame: 'machine',
      code: 'no-such-kernel',
      message: `tree ${treeId}: objects of it are missing from ${lineage.gitDir}`,
      details: finished.stderr.trim().split('\n').slice(-4),
      next: `fetch them when the repository is a partial clone; else remove ${lineage.dir} and run again`,
    });
  }
  if (!finished.ok) throw gitFailure(finished, reset);
  const clean = inTree(lineage, ['clean', '-ffdxq']);
  const cleaned = await tryGit(host, clean);
  if (!cleaned.ok) throw gitFailure(cleaned, clean);
}

function inTree(lineage: Lineage, args: readonly string[]): GitCall {
  return { args, gitDir: lineage.gitDir, workTree: lineage.workTree, cwd: lineage.workTree, phase: 'switching the kernel tree' };
}
