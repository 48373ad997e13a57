import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DioramaError } from '../../errors.ts';
import type { Host } from '../../host/host.ts';
import { gitFailure, tryGit } from '../git.ts';
import type { GitCall } from '../git.ts';
import type { Lineage } from '../types.ts';
import { workTreeIndex } from './lineage.ts';
import { rewriteFiles, tellIndex } from './rewrite-files.ts';

/** Where the work tree is, as a note beside it says. */
interface Stand {
  readonly treeId: string;
  /** After a crash of the machine files may be short whatever the note says; the boot's id tells. */
  readonly boot: string;
  /** What its index is of: the same, unless files were written without it. */
  readonly indexTree: string;
}

/**
 * Leaves the lineage's work tree exactly at `treeId`. Only files that differ are written, so mtimes stay true for make. A note
 * beside the tree says where it stands; it is taken away before anything is written and put back when it is done, so a checkout that was
 * killed, or that a crash of the machine cut short, is repaired in full: every file is compared, strays are removed.
 * The caller holds the lineage's lock.
 * @throws DioramaError `program-failed`, `timed-out`, `disk-full` (machine), `no-such-kernel` when objects are missing
 */
export async function checkoutTree(host: Host, lineage: Lineage, treeId: string): Promise<void> {
  const noted = await readStand(lineage);
  const boot = await bootId();
  const stand = noted?.boot === boot ? noted : undefined;
  if (stand?.treeId === treeId) return;
  await rm(standFile(lineage), { force: true });
  await mkdir(lineage.workTree, { recursive: true });
  if (stand && (await rewriteFiles(host, lineage, { from: stand.treeId, to: treeId }))) {
    await writeStand(lineage, { ...stand, treeId });
    return;
  }
  await rm(`${workTreeIndex(lineage)}.lock`, { force: true });
  if (!stand || !(await switchTree(host, lineage, { stand, treeId }))) await repairTree(host, lineage, treeId);
  await writeStand(lineage, { treeId, boot, indexTree: treeId });
}

/** Notes that the work tree and its index are whole and at `treeId`. */
export async function noteStand(lineage: Lineage, treeId: string): Promise<void> {
  await writeStand(lineage, { treeId, boot: await bootId(), indexTree: treeId });
}

async function writeStand(lineage: Lineage, { treeId, boot, indexTree }: Stand): Promise<void> {
  await writeFile(standFile(lineage), `${treeId} ${boot} ${indexTree}\n`);
}

/** One that was written halfway, or by a diorama that knew no index of another tree, says nothing. */
async function readStand(lineage: Lineage): Promise<Stand | undefined> {
  const note = await readFile(standFile(lineage), 'utf8').catch(() => '');
  const [, treeId, boot, indexTree] = /^(\S+) (\S+) (\S+)\n$/.exec(note) ?? [];
  return treeId === undefined || boot === undefined || indexTree === undefined ? undefined : { treeId, boot, indexTree };
}

function standFile(lineage: Lineage): string {
  return join(lineage.dir, 'stands-at');
}

async function bootId(): Promise<string> {
  return (await readFile('/proc/sys/kernel/random/boot_id', 'utf8').catch(() => 'unknown')).trim();
}

async function switchTree(host: Host, lineage: Lineage, given: { readonly stand: Stand; readonly treeId: string }): Promise<boolean> {
  const { treeId, indexTree } = given.stand;
  if (indexTree !== treeId && !(await tellIndex(host, lineage, { from: indexTree, to: treeId }))) return false;
  return (await tryGit(host, inTree(lineage, ['read-tree', '-m', '-u', given.treeId]))).ok;
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
