import { lstat } from 'node:fs/promises';
import { DioramaError } from '../../errors.ts';
import type { Host } from '../../host/host.ts';
import { printable } from '../../printable.ts';
import { runGit, tryGit } from '../git.ts';
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
 * @param take whether there was anything to take up
 * @returns the tree id
 * @throws DioramaError `program-failed`, `timed-out` (machine), and what `take` throws
 */
export async function steadySnapshot(host: Host, call: SnapshotCall, take: () => Promise<boolean>): Promise<string> {
  for (let tries = 1; ; tries++) {
    const took = await take();
    const treeId = (await runGit(host, { ...call, args: ['write-tree'] })).toString('utf8').trim();
    if (tries === 1 && !took) return treeId;
    const changed = await differing(host, call);
    if (changed.length === 0) return treeId;
    if (tries < mostTries) continue;
    const [first = ''] = changed.toString('utf8').split('\0');
    host.emit({ kind: 'note', text: `${call.cwd} is written to all the time (${printable(first)} for one): the kernel may be a mixture of what it was and is` });
    return treeId;
  }
}

/**
 * Takes into the index what differs from it, is new, or is among `also`: paths, each ended by a NUL byte.
 * @returns whether there was anything
 * @throws DioramaError `bad-kernel-spec` (usage) when something cannot be read
 */
export async function takeUp(host: Host, call: SnapshotCall, given: { readonly spec: string; readonly also?: Buffer }): Promise<boolean> {
  const paths = Buffer.concat([await differing(host, call), given.also ?? Buffer.alloc(0)]);
  if (paths.length === 0) return false;
  const update = async (input: Buffer, ...how: readonly string[]): Promise<void> => {
    if (input.length === 0) return;
    const taken = await tryGit(host, { ...call, args: ['update-index', ...how, '-z', '--stdin'], input });
    if (!taken.ok) throw unreadable(given.spec, call.cwd, taken.stderr);
  };
  const { directories, others } = await byType(call.cwd, paths);
  await update(directories, '--force-remove');
  await update(others, '--add', '--remove', '--replace');
  return true;
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

/** update-index refuses a file that has become a directory; one with a repository in it is a submodule. */
async function byType(top: string, paths: Buffer): Promise<{ readonly directories: Buffer; readonly others: Buffer }> {
  const parted: { readonly directories: string[]; readonly others: string[] } = { directories: [], others: [] };
  for (const path of new Set(paths.toString('latin1').split('\0').filter((one) => one !== ''))) {
    const bytes = Buffer.from(`${top}/`).toString('latin1') + path;
    const isDirectory = await lstat(Buffer.from(bytes, 'latin1')).then((found) => found.isDirectory(), () => false);
    const isRepository = isDirectory && (await lstat(Buffer.from(`${bytes}/.git`, 'latin1')).then(() => true, () => false));
    parted[isDirectory && !isRepository ? 'directories' : 'others'].push(`${path}\0`);
  }
  return { directories: Buffer.from(parted.directories.join(''), 'latin1'), others: Buffer.from(parted.others.join(''), 'latin1') };
}

function unreadable(spec: string, top: string, said: string): DioramaError {
  return new DioramaError({
    blame: 'usage',
    code: 'bad-kernel-spec',
    message: `kernel "${spec}": ${top} could not be read whole`,
    details: said.trim().split('\n').slice(0, 2),
    next: 'let the files be read, or name a commit: git:PATH@REV',
  });
}
