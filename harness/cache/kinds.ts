/** A folder of the cache: what its entries are, and what it costs to make one again on two cores. */
export interface CacheKind {
  readonly name: string;
  readonly holds: string;
  readonly again: string;
  /** An entry is one file, not a folder. */
  readonly files?: true;
  /** Never evicted for room, only when asked for by name: small, or slow to come by. */
  readonly keeps?: true;
}

/** Every folder that diorama keeps in its cache. What is not here is shown as `other`, and left alone. */
export const cacheKinds: readonly CacheKind[] = [
  { name: 'trees', holds: 'kernel sources as git trees, each with its build directories', again: 'a download and a kernel build' },
  { name: 'variants', holds: 'fuse.ko and .config of what was built', again: 'a module, or a kernel build' },
  { name: 'vmlinux', holds: 'kernels, by content', again: 'a link, or a kernel build' },
  { name: 'vmlinux-gz', holds: 'kernels that results share, compressed', again: 'a second' },
  { name: 'templates', holds: 'booted guests', again: '2 s' },
  { name: 'sets', holds: 'booted guests with a fuse.ko inserted', again: 'half a second' },
  { name: 'plays', holds: 'traces and consoles of scenes', again: 'a third of a second', files: true },
  { name: 'verdicts', holds: 'what the judge made of a play', again: 'nothing to speak of', files: true },
  { name: 'scenes', holds: 'scenes as read and expanded', again: 'nothing to speak of', files: true },
  { name: 'images', holds: 'kernels that somebody else has built', again: 'a download' },
  { name: 'stage', holds: 'the guest\'s user space', again: '3 s' },
  { name: 'shell', holds: 'user space for logins', again: 'a second' },
  { name: 'libfuse', holds: 'libfuse as built for the stage', again: '10 s' },
  { name: 'fuse3-source', holds: 'libfuse\'s source', again: 'a download' },
  { name: 'applied', holds: 'what a series makes of a tree', again: 'a second', files: true },
  { name: 'symbols', holds: 'fuse.ko with debug info, for gdb', again: '10 s' },
  { name: 'tools', holds: 'programs of diorama for this machine', again: 'a second' },
  { name: 'replayed', holds: 'kernels of runs that were replayed', again: 'a second' },
  { name: 'watch', holds: 'what watch remembers of scenes', again: 'a run of watch', files: true },
  { name: 'debian', holds: 'which package a kernel of the archive is', again: 'a question to the archive', files: true, keeps: true },
  { name: 'apt', holds: 'package lists of our own', again: 'a download', keeps: true },
  { name: 'node', holds: 'Node.js, where the machine has none', again: 'a download', keeps: true },
];
