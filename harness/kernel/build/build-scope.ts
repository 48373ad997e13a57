import type { Reads } from './build-reads.ts';

/** How much of a build directory has to be made again after the tree changed. */
export type BuildScope =
  /** The configuration too. */
  | 'config'
  /** vmlinux and all modules, the configuration as it is. */
  | 'kernel'
  /** fs/fuse/fuse.ko alone; vmlinux stays. */
  | 'module'
  /** What was built is what would be built. */
  | 'nothing';

export interface FoundScope {
  readonly scope: BuildScope;
  /** In a few words, for people. */
  readonly why: string;
}

/** A path that differs between two trees; git's letter says whether it came, went or is another (git-diff-tree(1)). */
export interface ChangedPath {
  readonly path: string;
  readonly status: string;
}

const order: readonly BuildScope[] = ['nothing', 'module', 'kernel', 'config'];

/**
 * What to make when a directory that was built whole is to be built from a tree that differs in `changes`; `reads` says which objects of that
 * build read which file. A struct that fuse.ko shares with vmlinux is in a header that both read, so what leaves vmlinux as it is leaves it
 * the module's too.
 */
export function findScope(changes: readonly ChangedPath[], reads: Reads): FoundScope {
  const found = changes.map((change) => scopeOf(change, reads));
  const most = found.reduce<BuildScope>((worst, { scope }) => (order.indexOf(scope) > order.indexOf(worst) ? scope : worst), 'nothing');
  const [first, ...rest] = found.filter(({ scope }) => scope === most);
  if (!first) return { scope: 'nothing', why: 'the trees are the same' };
  return { scope: most, why: rest.length === 0 ? first.why : `${first.why}, and so with ${rest.length} more` };
}

function scopeOf({ path, status }: ChangedPath, reads: Reads): FoundScope {
  if (configures.test(path)) return { scope: 'config', why: `${path} has a say in the configuration` };
  if ((unread.some((start) => path.startsWith(start)) || otherMachines.test(path))) return { scope: 'nothing', why: `no build reads ${path}` };
  const others = reads.others.get(path) ?? 0;
  if (others > 0) return { scope: 'kernel', why: `${path} is read by ${others} ${others === 1 ? 'object' : 'objects'} beside fuse.ko's` };
  if (!isSource(path) || makesOthers.test(path)) return { scope: 'kernel', why: `make itself may read ${path}` };
  if (status === 'A' && path.endsWith('.h')) {
    // It may be found instead of another of its name that is further down the include path.
    const shadowed = [...reads.others.keys()].find((other) => nameOf(other) === nameOf(path));
    if (shadowed !== undefined) return { scope: 'kernel', why: `${path} is new, and ${shadowed} has its name` };
  }
  if (reads.module.has(path)) return { scope: 'module', why: `${path} is read by nothing but fuse.ko` };
  if (path.startsWith('fs/fuse/')) return { scope: 'module', why: `${path} is beside what fuse.ko is made of` };
  if (reads.others.size === 0) return { scope: 'kernel', why: 'there are no dependency files of an earlier build' };
  if (status === 'A' && [...reads.module].some((other) => nameOf(other) === nameOf(path))) return { scope: 'module', why: `${path} is new, and fuse.ko reads one of its name` };
  return { scope: 'nothing', why: `nothing that is built reads ${path}` };
}

/** What only compilers read: who did is in the dependency files. make, and what make runs, reads everything else without a note. */
function isSource(path: string): boolean {
  return /\.[chS]$/.test(path);
}

function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

const configures = /(?:^|\/)Kconfig[^/]*$|^scripts\/kconfig\/|^Makefile$|^arch\/x86\/configs\/|^kernel\/configs\//;

/** Programs of the build; their dependency files name paths in other ways. */
const makesOthers = /^(?:scripts|tools|usr|certs)\//;

/** No build of this kernel reads these, and series often touch them. */
const unread = ['Documentation/', 'MAINTAINERS', 'CREDITS', 'tools/testing/', 'tools/perf/', 'samples/', 'LICENSES/', 'rust/', '.mailmap', '.gitignore'];
const otherMachines = /^arch\/(?!x86\/|um\/)[^/]+\//;
