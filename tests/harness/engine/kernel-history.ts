import { execFileSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { cacheRoot } from '../../../harness/host/paths.ts';
import { obtainSource } from '../../../harness/kernel/source/obtain-source.ts';
import { parseKernelSpec } from '../../../harness/kernel/source/parse-kernel-spec.ts';
import { root } from './run-diorama.ts';

/** A commit to make: a patch, or fs/fuse/iomode.c with other text. */
export interface Wanted {
  readonly subject: string;
  readonly patch?: string;
  readonly iomode?: (text: string) => string;
}

export interface History {
  /** Repository of the commits. */
  readonly path: string;
  /** Ids; the first is that of the kernel as it came. */
  readonly commits: readonly string[];
}

/**
 * Puts commits on Debian's 6.12 tree into the repository that the cache has it in, where it has a work tree and a build beside it: so each
 * costs a module, as it would in a repository of a user's whose first kernel has been built. No ref is made.
 */
export async function kernelHistory(dir: string, wanted: readonly Wanted[]): Promise<History> {
  const host = { cache: cacheRoot(), root, emit: () => undefined, signal: new AbortController().signal, jobs: availableParallelism() };
  const { lineage, treeId } = await obtainSource(host, parseKernelSpec('debian:6.12'), 'debian:6.12');
  const indexFile = join(dir, 'index');
  const git = (args: readonly string[], input = ''): string => execFileSync('git', args, {
    input, encoding: 'utf8', stdio: ['pipe', 'pipe', 'pipe'], cwd: dir,
    env: {
      PATH: process.env['PATH'], GIT_DIR: lineage.gitDir, GIT_INDEX_FILE: indexFile, GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_NOSYSTEM: '1',
      GIT_AUTHOR_NAME: 'A U Thor', GIT_AUTHOR_EMAIL: 'a@localhost', GIT_AUTHOR_DATE: '1700000000 +0000',
      GIT_COMMITTER_NAME: 'A U Thor', GIT_COMMITTER_EMAIL: 'a@localhost', GIT_COMMITTER_DATE: '1700000000 +0000',
    },
  });
  const commit = (tree: string, subject: string, parents: readonly string[]): string => git(['commit-tree', tree, ...parents.flatMap((id) => ['-p', id]), '-m', subject]).trim();
  const commits = [commit(treeId, 'the kernel as it came', [])];
  git(['read-tree', treeId]);
  for (const { subject, patch, iomode } of wanted) {
    if (patch !== undefined) git(['apply', '--cached', '-'], patch);
    if (iomode) {
      const blob = git(['hash-object', '-w', '--stdin'], iomode(git(['cat-file', 'blob', ':fs/fuse/iomode.c']))).trim();
      git(['update-index', '--cacheinfo', `100644,${blob},fs/fuse/iomode.c`]);
    }
    commits.push(commit(git(['write-tree']).trim(), subject, commits.slice(-1)));
  }
  rmSync(indexFile, { force: true });
  return { path: lineage.gitDir, commits };
}
