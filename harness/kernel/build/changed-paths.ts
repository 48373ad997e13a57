import type { Host } from '../../host/host.ts';
import { tryGit } from '../git.ts';
import type { Lineage } from '../types.ts';
import type { Change } from './decide-scope.ts';

/**
 * What differs between two trees of a lineage.
 * @returns undefined when it cannot be said: a tree that was built once may be gone by now, from the user's repository for instance
 */
export async function changedPaths(
  host: Host,
  given: { readonly lineage: Lineage; readonly from: string; readonly to: string },
): Promise<readonly Change[] | undefined> {
  const finished = await tryGit(host, {
    args: ['diff-tree', '-r', '-z', '--name-status', '--no-renames', given.from, given.to],
    gitDir: given.lineage.gitDir,
    phase: 'comparing kernel trees',
  });
  if (!finished.ok) return undefined;
  const fields = finished.stdout.toString('utf8').split('\0');
  const changes: Change[] = [];
  for (let at = 0; at + 1 < fields.length; at += 2) changes.push({ kind: kindOf(fields[at]), path: fields[at + 1] ?? '' });
  return changes;
}

function kindOf(status: string | undefined): Change['kind'] {
  if (status === 'A') return 'new';
  return status === 'D' ? 'gone' : 'other';
}
