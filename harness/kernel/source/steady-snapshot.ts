import type { Host } from '../../host/host.ts';
import { printable } from '../../printable.ts';
import { runGit } from '../git.ts';
import type { GitCall } from '../git.ts';

/** Somebody who saves all the time is told so instead of waited for. */
const mostTries = 5;

/** How git is called on a directory of the user's: a private repository and index, and which untracked files are left out. */
export interface SnapshotCall extends Omit<GitCall, 'args'> {
  readonly cwd: string;
  /** Options of git-ls-files(1). */
  readonly excludes: readonly string[];
}

/**
 * Takes what a directory holds into the index by `take`, as a tree. Files are read one after the other, so a save meanwhile could leave
 * a tree that never was: it is looked at once more at the end, and all is done again while something differs. Where everything was found to be as
 * the index had it, that is a tree that was, and there is no second look.
 * @returns the tree id
 * @throws DioramaError `program-failed`, `timed-out` (machine), and what `take` throws
 */
export async function steadySnapshot(host: Host, call: SnapshotCall, take: () => Promise<void>): Promise<string> {
  const writeTree = async (): Promise<string> => (await runGit(host, { ...call, args: ['write-tree'] })).toString('utf8').trim();
  const before = await writeTree();
  for (let tries = 1; ; tries++) {
    await take();
    const treeId = await writeTree();
    if (tries === 1 && treeId === before) return treeId;
    const changed = await differing(host, call);
    if (changed.length === 0) return treeId;
    if (tries < mostTries) continue;
    const [first = ''] = changed.toString('utf8').split('\0');
    host.emit({ kind: 'note', text: `${call.cwd} is written to all the time (${printable(first)} for one): the kernel may be a mixture of what it was and is` });
    return treeId;
  }
}

/**
 * What differs between the directory and the index, or is new: paths, each ended by a NUL byte. Two git look at the same time: git-diff-files(1) at the
 * files of the index, in several threads, which git-ls-files(1) does not have, and that at the others.
 */
export async function differing(host: Host, call: SnapshotCall): Promise<Buffer> {
  const [changed, others] = await Promise.all([
    runGit(host, { ...call, args: ['diff-files', '--name-only', '--no-renames', '--no-ext-diff', '--ignore-submodules=dirty', '-z'] }),
    runGit(host, { ...call, args: ['ls-files', '-z', '--others', ...call.excludes] }),
  ]);
  // Bytes, not text: a path may be anything. One that ends in a slash is a repository in the directory, which nobody has added to it.
  const paths = Buffer.concat([changed, others]).toString('latin1').split('\0').filter((path) => path !== '' && !path.endsWith('/'));
  return Buffer.from(paths.map((path) => `${path}\0`).join(''), 'latin1');
}
