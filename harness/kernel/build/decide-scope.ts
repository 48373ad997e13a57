import { printable } from '../../printable.ts';

/** How much of a build directory has to be made again after its tree changed; each includes those before it. */
export type BuildScope = (typeof scopes)[number];

const scopes = [
  'nothing',
  /** Objects of fuse.ko, by the commands they were made with; and the module. */
  'objects',
  /** fs/fuse/fuse.ko, as make sees fit; vmlinux stays. */
  'module',
  /** vmlinux and all modules, the configuration as it is. */
  'kernel',
  /** The configuration too. */
  'config',
] as const;

/** A path of the tree that differs: new, gone, of another content or mode, or of another type. */
export interface Change {
  readonly kind: 'new' | 'gone' | 'other';
  readonly path: string;
}

/** What the last whole build read. Paths are those of the kernel tree, links followed. */
export interface Reads {
  /** By how many targets outside fs/fuse. */
  readonly outside: ReadonlyMap<string, number>;
  /** By targets of fs/fuse. */
  readonly inside: ReadonlySet<string>;
  /** Last parts of what targets outside, and inside, include; a new file of that name might be found in its place. */
  readonly namesOutside: ReadonlySet<string>;
  readonly namesInside: ReadonlySet<string>;
  /** What the configuration was read from; empty when that is not known. */
  readonly kconfig: ReadonlySet<string>;
  /** All headers of the tree are part of the kernel (CONFIG_IKHEADERS). */
  readonly shipsHeaders: boolean;
  /** Nothing of fs/fuse is linked into vmlinux. */
  readonly fuseIsModule: boolean;
}

export interface Decision {
  readonly scope: BuildScope;
  /** One line for people: what is made, and which path decided that. */
  readonly why: string;
}

/**
 * What to make of a directory that was built whole, and read what `reads` says, after its tree changed. A change that nothing says
 * anything about counts as one of the kernel.
 */
export function decideScope(changes: readonly Change[], reads: Reads): Decision {
  const found = changes.map((change) => ({ ...judge(change, reads), path: change.path }));
  const scope = found.map((one) => one.scope).reduce(widest, 'nothing');
  const deciding = found.filter((one) => one.scope === scope);
  const [first] = deciding;
  if (first === undefined) return { scope, why: explain(scope, 'nothing differs') };
  const others = deciding.length - 1;
  return { scope, why: explain(scope, `${printable(first.path, 120)} ${first.why}${others === 0 ? '' : `, and ${others} more`}`) };
}

/** The wider of two. */
export function widest(one: BuildScope, other: BuildScope): BuildScope {
  return scopes.indexOf(one) > scopes.indexOf(other) ? one : other;
}

/** The one line: what is made, because of what. */
export function explain(scope: BuildScope, reason: string): string {
  return `${madeOf[scope]}: ${reason}`;
}

const madeOf: Readonly<Record<BuildScope, string>> = {
  nothing: 'fuse.ko and vmlinux as they were',
  objects: 'fuse.ko alone',
  module: 'fuse.ko alone',
  kernel: 'vmlinux and modules',
  config: 'configuration, vmlinux and modules',
};

interface Judged {
  readonly scope: BuildScope;
  /** After the path, in a sentence. */
  readonly why: string;
}

function judge({ kind, path }: Change, reads: Reads): Judged {
  const name = path.slice(path.lastIndexOf('/') + 1);
  const readers = reads.outside.get(path) ?? 0;
  if (reads.kconfig.has(path) || configures.test(path)) return { scope: 'config', why: 'has a say in the configuration' };
  if (/^Kconfig/.test(name) && (kind !== 'other' || reads.kconfig.size === 0)) return { scope: 'config', why: 'may have a say in the configuration' };
  if (readers > 0) return { scope: 'kernel', why: `is read by ${readers} ${readers === 1 ? 'object' : 'objects'} outside fs/fuse` };
  if (reads.shipsHeaders && name.endsWith('.h')) return { scope: 'kernel', why: 'is a header, and this kernel has them all in it (CONFIG_IKHEADERS)' };
  if (unread.test(path) || /^\.(?:git(?:ignore|attributes)|clang-format)$/.test(name)) return { scope: 'nothing', why: 'is read by nothing' };
  if (path.startsWith('fs/fuse/')) return reads.fuseIsModule ? judgeFuse({ kind, path }, reads) : { scope: 'kernel', why: 'is part of vmlinux' };
  // A file that is not C and was not read by the configuration: a table, a script, a makefile; or a place where those read C by themselves.
  if (/^Kconfig/.test(name)) return { scope: 'nothing', why: 'is read by nothing' };
  if (reads.inside.has(path)) return kind === 'other' ? { scope: 'objects', why: 'is read by nothing else' } : { scope: 'module', why: `is ${kind}, and was read by nothing else` };
  if (!isC(name)) return { scope: 'kernel', why: buildFile.test(name) ? 'says how to build' : 'may be read by anything' };
  if (generatedFrom.test(path)) return { scope: 'kernel', why: kind === 'other' ? 'is where generated files come from' : `is ${kind}, where generated files come from` };
  if (kind !== 'new') return { scope: 'nothing', why: 'is read by nothing' };
  if (reads.namesOutside.has(name)) return { scope: 'kernel', why: `is new, and objects outside fs/fuse include a ${printable(name)}` };
  return reads.namesInside.has(name) ? { scope: 'module', why: `is new, and fuse.ko includes a ${printable(name)}` } : { scope: 'nothing', why: 'is read by nothing' };
}

/** make enters fs/fuse only for modules, so what its makefile says is theirs; `obj-y` there is linked to nothing (Documentation/kbuild/makefiles.rst, 3.3). */
function judgeFuse({ kind, path }: Change, reads: Reads): Judged {
  const name = path.slice(path.lastIndexOf('/') + 1);
  if (/^(?:Makefile|Kbuild)$/.test(name)) return { scope: 'module', why: 'says how fuse.ko alone is built' };
  if (!isC(name)) return { scope: 'kernel', why: 'may be read by anything' };
  if (kind === 'new') {
    if (reads.namesOutside.has(name)) return { scope: 'kernel', why: `is new, and objects outside fs/fuse include a ${printable(name)}` };
    return { scope: 'module', why: 'is new in fs/fuse' };
  }
  if (!reads.inside.has(path)) return { scope: 'nothing', why: 'is read by nothing' };
  return kind === 'gone' ? { scope: 'module', why: 'is gone, and was read by nothing else' } : { scope: 'objects', why: 'is read by nothing else' };
}

function isC(name: string): boolean {
  return /\.[chS]$/.test(name);
}

const buildFile = /^(?:Makefile|Kbuild|Build)\b|\.(?:mk|include)$/;

/** Scripts are called by Kconfig too (scripts/Kconfig.include); the top Makefile has the version. */
const configures = /^scripts\/|^Makefile$|^arch\/x86\/configs\/|^kernel\/configs\//;

/** Here makefiles look for files by pattern, and scripts read headers without a record of it. */
const generatedFrom = /^(?:include|arch\/x86|tools|usr|certs)\//;

/** No build for x86 reads these unless it says so, whatever they are. */
const unread = /^(?:Documentation|LICENSES|tools\/testing|arch\/(?!x86\/)[^/]+)\/|^(?:MAINTAINERS|CREDITS|COPYING|README|\.mailmap|\.get_maintainer\.ignore|\.cocciconfig|\.editorconfig|\.rustfmt\.toml)$/;
