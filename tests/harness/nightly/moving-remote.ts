import { execFileSync } from 'node:child_process';
import { appendFileSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { cacheRoot } from '../../../harness/host/paths.ts';
import { obtainSource } from '../../../harness/kernel/source/obtain-source.ts';
import { parseKernelSpec } from '../../../harness/kernel/source/parse-kernel-spec.ts';
import { root } from '../engine/run-diorama.ts';

/** A repository that stands for somebody's server, with one branch that the test pushes to. */
export interface MovingRemote {
  readonly path: string;
  readonly branch: string;
  /** Id of the commit that the branch begins with. */
  readonly first: string;
  /** A commit on top of the branch: a patch, taken back when `reverse`, or files with other contents. Moves the branch there. */
  push(subject: string, change: { readonly patch?: string; readonly reverse?: boolean; readonly files?: Readonly<Record<string, string>> }): string;
  /** A file as the branch has it. */
  text(file: string): string;
  /** Points the branch at a commit that was pushed before, or at the first. */
  reset(commit: string): void;
  remove(): void;
}

/**
 * Debian's 6.12 as a repository of one commit, whose objects are borrowed from the cache's. It stands at a path of its own in the cache, so that
 * the mirror of it is fetched once and not by every test; the branch is this test's alone.
 */
export async function kernelRemote(name: string): Promise<MovingRemote> {
  const host = { cache: cacheRoot(), root, emit: () => undefined, signal: new AbortController().signal, jobs: availableParallelism() };
  const { lineage, treeId } = await obtainSource(host, parseKernelSpec('debian:6.12'), 'debian:6.12');
  const path = join(host.cache, 'test-remotes', 'mainline.git');
  if (!existsSync(join(path, 'HEAD'))) {
    mkdirSync(join(path, 'objects/info'), { recursive: true });
    git(path, ['init', '--quiet', '--bare', path]);
    writeFileSync(join(path, 'objects/info/alternates'), `${join(lineage.gitDir, 'objects')}\n`);
    // The server packs 90,000 files once; deltas would cost minutes.
    appendFileSync(join(path, 'config'), '[pack]\n\twindow = 0\n\tcompression = 1\n');
  }
  return openRemote(path, { branch: `${name}-${String(process.pid)}`, treeId });
}

/** A repository made of some files. */
export function smallRemote(path: string, files: Readonly<Record<string, string>>): MovingRemote {
  git(path, ['init', '--quiet', '--bare', path]);
  return openRemote(path, { branch: 'master', files });
}

function openRemote(path: string, given: { readonly branch: string; readonly treeId?: string; readonly files?: Readonly<Record<string, string>> }): MovingRemote {
  const ref = `refs/heads/${given.branch}`;
  const scratch = mkdtempSync(join(tmpdir(), 'diorama-remote-'));
  const indexFile = join(scratch, 'index');
  const run = (args: readonly string[], input = ''): string => git(path, args, { indexFile, input });
  const put = (files: Readonly<Record<string, string>>): void => {
    for (const [file, text] of Object.entries(files)) {
      const mode = file.endsWith('.sh') ? '100755' : '100644';
      run(['update-index', '--add', '--cacheinfo', `${mode},${run(['hash-object', '-w', '--stdin'], text)},${file}`]);
    }
  };
  const commit = (subject: string, parents: readonly string[]): string => run(['commit-tree', run(['write-tree']), ...parents.flatMap((id) => ['-p', id]), '-m', subject]);
  if (given.treeId !== undefined) run(['read-tree', given.treeId]);
  put(given.files ?? {});
  const first = commit('the kernel as it came', []);
  run(['update-ref', ref, first]);
  return {
    path, branch: given.branch, first,
    push: (subject, { patch, reverse = false, files = {} }) => {
      const parent = run(['rev-parse', ref]);
      run(['read-tree', parent]);
      if (patch !== undefined) run(['apply', '--cached', ...(reverse ? ['--reverse'] : []), '-'], patch);
      put(files);
      const id = commit(subject, [parent]);
      run(['update-ref', ref, id]);
      return id;
    },
    text: (file) => `${run(['cat-file', 'blob', `${ref}:${file}`])}\n`,
    reset: (id) => void run(['update-ref', ref, id]),
    remove: () => {
      if (existsSync(path)) run(['update-ref', '-d', ref]);
      rmSync(scratch, { recursive: true, force: true });
    },
  };
}

/** Dates are fixed, so that the same pushes are the same commits. */
function git(dir: string, args: readonly string[], given: { readonly indexFile?: string; readonly input?: string } = {}): string {
  return execFileSync('git', args, {
    input: given.input ?? '', encoding: 'utf8', maxBuffer: 64 * 1024 * 1024, stdio: ['pipe', 'pipe', 'pipe'],
    env: {
      PATH: process.env['PATH'], GIT_DIR: dir, GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_NOSYSTEM: '1',
      ...(given.indexFile === undefined ? {} : { GIT_INDEX_FILE: given.indexFile }),
      GIT_AUTHOR_NAME: 'A U Thor', GIT_AUTHOR_EMAIL: 'a@localhost', GIT_AUTHOR_DATE: '1700000000 +0000',
      GIT_COMMITTER_NAME: 'A U Thor', GIT_COMMITTER_EMAIL: 'a@localhost', GIT_COMMITTER_DATE: '1700000000 +0000',
    },
  }).trim();
}
