import { createHash } from 'node:crypto';
import { realpath, stat } from 'node:fs/promises';
import { basename, join, relative } from 'node:path';
import { DioramaError } from '../../errors.ts';
import type { Host } from '../../host/host.ts';
import { tryGit } from '../git.ts';
import type { Lineage, Source } from '../types.ts';
import { versionOfTree } from './kernel-version.ts';
import { lineageAt, openLineage } from './lineage.ts';

/**
 * A commit of the user's repository, bare or not, work tree or submodule. It is only read: its objects are borrowed by a private
 * repository, and neither what is uncommitted nor the user's configuration plays a part.
 * @throws DioramaError `bad-kernel-spec` (usage) when there is no such repository or revision, or it is no kernel
 */
export async function gitSource(host: Host, given: { readonly path: string; readonly rev: string; readonly spec: string }): Promise<Source> {
  const { commit, treeId, ...repository } = await findCommit(host, given);
  const lineage = await lineageOf(host, repository);
  const version = await versionOfTree(host, { lineage, treeId, spec: given.spec });
  return { spec: given.spec, version, origin: `commit ${commit}`, treeId, lineage };
}

/** A commit of a repository, and where that keeps its objects. */
export interface FoundCommit {
  readonly commit: string;
  readonly treeId: string;
  readonly objects: string;
  readonly objectFormat: string;
  /** File with the commits at which a shallow clone was cut off; it need not be there. */
  readonly shallow: string;
}

/**
 * Looks a revision up in somebody's repository, which is only read.
 * @throws DioramaError `bad-kernel-spec` (usage) when there is no such repository or revision
 */
export async function findCommit(host: Host, given: { readonly path: string; readonly rev: string; readonly spec: string }): Promise<FoundCommit> {
  const path = await realpath(given.path).catch(() => undefined);
  if (path === undefined) throw badGit(given.spec, `there is no ${given.path}`, []);
  if (!(await stat(path)).isDirectory()) throw badGit(given.spec, `${given.path} is not a directory`, []);
  const finished = await tryGit(host, {
    args: [
      'rev-parse',
      '--path-format=absolute',
      '--show-object-format',
      '--git-path',
      'objects',
      '--git-path',
      'shallow',
      `${given.rev}^{commit}`,
      `${given.rev}^{tree}`,
    ],
    cwd: path,
    phase: `reading ${given.spec}`,
    timeoutMs: 60_000,
  });
  const [objectFormat = '', objects = '', shallow = '', commit = '', treeId = ''] = finished.stdout.toString('utf8').trimEnd().split('\n');
  if (finished.ok && isId(commit) && isId(treeId)) return { commit, treeId, objects, objectFormat, shallow };
  const noRepository = /not a git repository/i.test(finished.stderr);
  const why = noRepository ? `${given.path} is not a git repository` : `${given.path} has no commit "${given.rev}"`;
  throw badGit(given.spec, why, finished.stderr.trim().split('\n').slice(0, 2));
}

/** Where kernels of a repository are checked out and built; it borrows that repository's objects. */
export async function lineageOf(host: Host, { objects, objectFormat }: Pick<FoundCommit, 'objects' | 'objectFormat'>): Promise<Lineage> {
  return (await ownLineage(host, objects)) ?? openLineage(host, { key: lineageKey('git', objects), alternate: objects, objectFormat });
}

/** A repository of the cache is a lineage itself, with a work tree and builds beside it. */
async function ownLineage(host: Host, objects: string): Promise<Lineage | undefined> {
  const trees = join(await realpath(host.cache).catch(() => host.cache), 'trees');
  const [key = '', ...rest] = relative(trees, objects).split('/');
  return rest.join('/') === 'git/objects' && key !== '..' ? lineageAt(join(host.cache, 'trees', key)) : undefined;
}

/** A name for what is at a path: readable, and without the characters that make cannot take. */
export function lineageKey(kind: string, path: string): string {
  const name = basename(path.replace(/(\/\.git)?\/objects$/, '')).replace(/[^A-Za-z0-9._-]/g, '_');
  return `${kind}-${name.slice(0, 40)}-${createHash('sha256').update(path).digest('hex').slice(0, 12)}`;
}

function isId(text: string): boolean {
  return /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/.test(text);
}

function badGit(spec: string, why: string, details: readonly string[]): DioramaError {
  return new DioramaError({
    blame: 'usage',
    code: 'bad-kernel-spec',
    message: `kernel "${spec}": ${why}`,
    details: details.filter((line) => line !== ''),
    next: 'write git:PATH@REV with a commit, tag or branch of that repository; a path with an @ in it needs its @REV written out',
  });
}
