import type { Host } from '../../host/host.ts';
import { tryGit } from '../git.ts';
import type { Lineage } from '../types.ts';

/** How much of a build directory has to be made again after the tree changed. */
export type BuildScope =
  /** The configuration too. */
  | 'config'
  /** vmlinux and all modules, the configuration as it is. */
  | 'kernel'
  /** fs/fuse/fuse.ko alone; vmlinux stays. */
  | 'module';

/** What to make when a directory that was built whole from tree `from` is to be built from tree `to`. */
export async function buildScope(host: Host, given: { readonly lineage: Lineage; readonly from: string; readonly to: string }): Promise<BuildScope> {
  const finished = await tryGit(host, {
    args: ['diff-tree', '-r', '-z', '--name-only', '--no-renames', given.from, given.to],
    gitDir: given.lineage.gitDir,
    phase: 'comparing kernel trees',
  });
  // A tree that was built once may be gone by now, from the user's repository for instance.
  if (!finished.ok) return 'config';
  return scopeOfPaths(finished.stdout.toString('utf8').split('\0').filter((path) => path !== ''));
}

export function scopeOfPaths(paths: readonly string[]): BuildScope {
  const read = paths.filter((path) => !unread.some((start) => path.startsWith(start)));
  if (read.some((path) => configures.test(path))) return 'config';
  return read.every((path) => path.startsWith('fs/fuse/') || path === fuseUapi) ? 'module' : 'kernel';
}

/** Only fs/fuse includes it (fuse_i.h and cuse.c in 6.1, 6.12 and 7.3, there also fuse_dev_i.h); the copy for user space is not built. */
const fuseUapi = 'include/uapi/linux/fuse.h';

const configures = /(?:^|\/)Kconfig[^/]*$|^scripts\/kconfig\/|^Makefile$|^arch\/x86\/configs\/|^kernel\/configs\//;

/** No build reads these, and series often touch them. */
const unread = ['Documentation/', 'MAINTAINERS', 'CREDITS', '.mailmap', 'tools/testing/'];
