import { createHash } from 'node:crypto';
import { lstat, readFile, readlink } from 'node:fs/promises';
import { relative } from 'node:path';
import type { Host } from '../host/host.ts';
import { runGit } from '../kernel/git.ts';
import type { Source } from '../kernel/types.ts';

/**
 * Whether any of these files of a directory is not as the snapshot of it has it: one that was only touched is. Paths outside `root` differ.
 * @throws DioramaError `program-failed`, `timed-out` (machine)
 */
export async function differsFromTree(host: Host, given: { readonly source: Source; readonly root: string; readonly paths: readonly string[] }): Promise<boolean> {
  const names = given.paths.map((path) => relative(given.root, path));
  if (names.some((name) => name === '' || name.startsWith('..'))) return true;
  const { lineage, treeId } = given.source;
  const listed = (await runGit(host, { gitDir: lineage.gitDir, args: ['ls-tree', '-z', '--full-tree', treeId, '--', ...names], phase: 'comparing a save' })).toString('utf8');
  const entries = new Map([...listed.matchAll(/(\d{6}) blob ([0-9a-f]+)\t([^\0]*)\0/g)].map(([, mode = '', id = '', name = '']) => [name, `${mode} ${id}`]));
  const hash = treeId.length === 64 ? 'sha256' : 'sha1';
  for (const [at, path] of given.paths.entries()) if (entries.get(names[at] ?? '') !== (await entryOf(path, hash))) return true;
  return false;
}

/** Mode and blob id as a tree has them (git-hash-object(1)); undefined for what is not there, or is a directory, whose files are told by themselves. */
async function entryOf(path: string, hash: string): Promise<string | undefined> {
  const found = await lstat(path).catch(() => undefined);
  if (!found || found.isDirectory()) return undefined;
  const content = found.isSymbolicLink() ? Buffer.from(await readlink(path)) : await readFile(path).catch(() => undefined);
  if (!content) return undefined;
  const mode = found.isSymbolicLink() ? '120000' : (found.mode & 0o100) === 0 ? '100644' : '100755';
  return `${mode} ${createHash(hash).update(`blob ${content.length}\0`).update(content).digest('hex')}`;
}
