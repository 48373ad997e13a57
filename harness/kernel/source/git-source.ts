import { createHash } from 'node:crypto';
import { realpath, stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { DioramaError } from '../../errors.ts';
import type { Host } from '../../host/host.ts';
import { tryGit } from '../git.ts';
import type { Source } from '../types.ts';
import { versionOfTree } from './kernel-version.ts';
import { openLineage } from './lineage.ts';

/**
 * A commit of the user's repository, bare or not, work tree or submodule. It is only read: its objects are borrowed by a private
 * repository, and the index, work tree and configuration of the user play no part.
 * @throws DioramaError `bad-kernel-spec` (usage) when there is no such repository or revision, or it is no kernel
 */
export async function gitSource(host: Host, given: { readonly path: string; readonly rev: string; readonly spec: string }): Promise<Source> {
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
      `${given.rev}^{commit}`,
      `${given.rev}^{tree}`,
    ],
    cwd: path,
    phase: `reading ${given.spec}`,
    timeoutMs: 60_000,
  });
  const [objectFormat = '', objects = '', commit = '', treeId = ''] = finished.stdout.toString('utf8').trimEnd().split('\n');
  if (!finished.ok || !isId(commit) || !isId(treeId)) {
    const noRepository = /not a git repository/i.test(finished.stderr);
    const why = noRepository ? `${given.path} is not a git repository` : `${given.path} has no commit "${given.rev}"`;
    throw badGit(given.spec, why, finished.stderr.trim().split('\n').slice(0, 2));
  }
  const lineage = await openLineage(host, { key: lineageKey('git', objects), alternate: objects, objectFormat });
  const version = await versionOfTree(host, { lineage, treeId, spec: given.spec });
  return { spec: given.spec, version, origin: `commit ${commit}`, treeId, lineage };
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
