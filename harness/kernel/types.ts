/** A kernel as named on the command line, parsed but not looked at yet. */
export type KernelSpec = SourceSpec | ImageSpec;

/** One that is a tree, to be built. */
export type SourceSpec =
  | { readonly kind: 'debian'; readonly series: string }
  | { readonly kind: 'dir'; readonly path: string }
  /** Without a revision: the work tree as it is. */
  | { readonly kind: 'git'; readonly path: string; readonly rev?: string }
  | { readonly kind: 'tar'; readonly location: string };

/** One that is built already: the one that this machine runs, a package of the archive, or a file. */
export type ImageSpec =
  | { readonly kind: 'image'; readonly from: 'host' }
  | { readonly kind: 'image'; readonly from: 'debian'; readonly series: string }
  | { readonly kind: 'image'; readonly from: 'file'; readonly path: string };

/**
 * A kernel tree that is in the cache. Every source is a git tree in a private bare repository, so that patches, reverts and
 * blob ids are git's business and only files that differ are ever written again (their mtimes are what make goes by).
 */
export interface Source {
  /** As the user wrote it, e.g. `debian:6.12`. */
  readonly spec: string;
  /** The kernel's own version from its Makefile, e.g. `6.12.107`. */
  readonly version: string;
  /** Exactly what it is: the package version, the commit, the tarball's sha256, or the tree id of a directory. */
  readonly origin: string;
  /** git tree id of the unpatched content. */
  readonly treeId: string;
  readonly lineage: Lineage;
}

/** The one place in the cache where all trees of one origin are checked out and built, one after the other, under a lock. */
export interface Lineage {
  /** `<cache>/trees/<key>`; holds the rest. */
  readonly dir: string;
  /** Bare repository with the objects. */
  readonly gitDir: string;
  /** The work tree that is switched from tree to tree. */
  readonly workTree: string;
  readonly lockFile: string;
}

/** A source with a series applied: still only a tree id. */
export interface PatchedTree {
  readonly source: Source;
  readonly treeId: string;
  /** Paths that differ from the unpatched source, with the subject of the last patch that touched each. */
  readonly touched: ReadonlyMap<string, string>;
  /** What was applied, in the labels of events: `series` when not given. */
  readonly name?: string;
}

/** Kernel configuration: the named fragments and what they ask for. */
export interface KernelConfig {
  /** `default` or e.g. `default+lockdep`. */
  readonly name: string;
  /** Paths of the fragments, in the order they are merged. */
  readonly fragments: readonly string[];
}

/** A kernel that somebody else has built, in the cache: there is no tree of it, so no patch can be applied. */
export interface KernelImage extends Bootable {
  /** As the user wrote it, e.g. `image:debian:7.2`. */
  readonly spec: string;
  /** Exactly what it is: the package and its version, or the file and its sha256. */
  readonly origin: string;
  readonly package?: { readonly name: string; readonly version: string };
  /** sha256 of the file as it came, and of fuse.ko where it is a module. */
  readonly vmlinuzSha256: string;
  readonly fuseSha256?: string;
  /** Path in the cache, where its configuration is known. */
  readonly config?: string;
}

/** What can be booted and told apart, wherever it is from. */
interface Bootable {
  /** Content key of all that it was made of. */
  readonly id: string;
  /** The kernel's own version, e.g. `6.12.107`. */
  readonly version: string;
  /** What uname -r says in the guest. */
  readonly release: string;
  /** `gcc (Debian 12.2.0-14) 12.2.0` */
  readonly compiler: string;
  /** Path in the cache: an ELF, or a bzImage that unpacks itself. */
  readonly vmlinux: string;
  /** sha256 of vmlinux: variants with the same one share their templates. */
  readonly vmlinuxId: string;
  /** Path in the cache; absent where FUSE is built in. */
  readonly fuseModule?: string;
}

/** What a side is played on: enough to boot it, insert its module and tell what it is. */
export type Variant = BuiltVariant | ImageVariant;

/** A kernel as it came. */
export interface ImageVariant extends Bootable {
  readonly kind: 'image';
  readonly image: KernelImage;
}

/** A tree that was built; `id` is the content key of tree, config, compiler and build recipe. */
export interface BuiltVariant extends Bootable {
  readonly kind: 'built';
  readonly source: Source;
  readonly treeId: string;
  readonly configName: string;
  /** Paths in the cache; vmlinux is the bootable ELF without debug sections, kept by content so that variants share it. */
  readonly systemMap: string;
  readonly fuseModule: string;
  readonly dotConfig: string;
  readonly reused: boolean;
}
