import type { Host } from '../../host/host.ts';
import { tryGit } from '../git.ts';
import type { Lineage } from '../types.ts';
import type { ChangedPath } from './build-scope.ts';

/** What differs between two trees; undefined when one is gone by now, from the user's repository for instance. */
export async function changedPaths(host: Host, given: { readonly lineage: Lineage; readonly from: string; readonly to: string }): Promise<ChangedPath[] | undefined> {
  const finished = await tryGit(host, {
    args: ['diff-tree', '-r', '-z', '--name-status', '--no-renames', given.from, given.to],
    gitDir: given.lineage.gitDir,
    phase: 'comparing kernel trees',
  });
  if (!finished.ok) return undefined;
  const fields = finished.stdout.toString('utf8').split('\0');
  const changes: ChangedPath[] = [];
  for (let at = 0; at + 1 < fields.length; at += 2) changes.push({ status: fields[at] ?? '', path: fields[at + 1] ?? '' });
  return changes;
}
