import { rm, writeFile } from 'node:fs/promises';
import type { Host } from '../../host/host.ts';
import { diskError } from '../../host/run-program.ts';
import { runGit, tryGit } from '../git.ts';
import type { Lineage } from '../types.ts';

/** Where more differs, git's own switch costs no more. */
const mostFiles = 64;
const phase = 'switching the kernel tree';

interface Rewrite {
  /** Bytes, as latin1: a path may be anything. */
  readonly path: string;
  readonly blob: string;
  readonly executable: boolean;
}

/**
 * Brings the work tree from one tree to another where nothing but the content of a few files differs, without git's index: reading and writing that of
 * 86,000 files, and the trees that they are in, takes 0.3 s, which is longer than all else between a save and its compiler.
 * @returns false when more than that differs, or objects are missing; then nothing was written
 * @throws DioramaError `disk-full`, `program-failed`, `timed-out` (machine)
 */
export async function rewriteFiles(host: Host, lineage: Lineage, given: { readonly from: string; readonly to: string }): Promise<boolean> {
  const rewrites = await rewritesBetween(host, lineage, given);
  if (rewrites === undefined) return false;
  const contents = await contentsOf(host, lineage, rewrites);
  if (contents === undefined) return false;
  for (const [at, { path, executable }] of rewrites.entries()) {
    const file = Buffer.from(`${Buffer.from(`${lineage.workTree}/`).toString('latin1')}${path}`, 'latin1');
    try {
      // A new file, as git makes it: whoever has the old one open keeps it.
      await rm(file, { force: true });
      await writeFile(file, contents[at] ?? '', { flag: 'wx', mode: executable ? 0o777 : 0o666 });
    } catch (error) {
      throw diskError(error as NodeJS.ErrnoException, file.toString());
    }
  }
  return true;
}

/**
 * Tells the index of the work tree what {@link rewriteFiles} wrote between the tree that it is of and the one that the files are of.
 * @returns whether it could be told
 */
export async function tellIndex(host: Host, lineage: Lineage, given: { readonly from: string; readonly to: string }): Promise<boolean> {
  const place = { gitDir: lineage.gitDir, workTree: lineage.workTree, cwd: lineage.workTree, phase };
  const paths = await tryGit(host, { ...place, args: ['diff-tree', '-r', '-z', '--no-renames', '--name-only', given.from, given.to] });
  return paths.ok && (await tryGit(host, { ...place, args: ['update-index', '-z', '--stdin'], input: paths.stdout })).ok;
}

async function rewritesBetween(host: Host, lineage: Lineage, given: { readonly from: string; readonly to: string }): Promise<readonly Rewrite[] | undefined> {
  const compared = await tryGit(host, { args: ['diff-tree', '-r', '-z', '--raw', '--no-renames', given.from, given.to], gitDir: lineage.gitDir, phase });
  if (!compared.ok) return undefined;
  const fields = compared.stdout.toString('latin1').split('\0');
  const rewrites: Rewrite[] = [];
  for (let at = 0; at + 1 < fields.length; at += 2) {
    // `:100644 100644 <blob> <blob> M` (git-diff-tree(1), raw output format); a link or a submodule has another mode.
    const [, mode, same, blob] = /^:(100(?:644|755)) (\S+) \S+ (\S+) M$/.exec(fields[at] ?? '') ?? [];
    if (mode === undefined || mode !== same || blob === undefined || rewrites.length === mostFiles) return undefined;
    rewrites.push({ path: fields[at + 1] ?? '', blob, executable: mode === '100755' });
  }
  return rewrites;
}

/** @returns undefined when an object is missing */
async function contentsOf(host: Host, lineage: Lineage, rewrites: readonly Rewrite[]): Promise<readonly Buffer[] | undefined> {
  const input = rewrites.map(({ blob }) => `${blob}\n`).join('');
  const answer = await runGit(host, { args: ['cat-file', '--batch'], gitDir: lineage.gitDir, input, phase });
  const contents: Buffer[] = [];
  for (let at = 0; contents.length < rewrites.length; ) {
    const end = answer.indexOf('\n', at);
    const [, bytes] = /^\S+ blob (\d+)$/.exec(answer.toString('latin1', at, end)) ?? [];
    if (end < 0 || bytes === undefined) return undefined;
    const from = end + 1;
    contents.push(answer.subarray(from, from + Number(bytes)));
    at = from + Number(bytes) + 1;
  }
  return contents;
}
