import { openFlags } from '../scenario/fuse-names.ts';
import type { Inode, OpenFile } from './state.ts';

export const fopen = {
  direct: openFlags['DIRECT_IO'] ?? 1,
  keepCache: openFlags['KEEP_CACHE'] ?? 2,
  noFlush: openFlags['NOFLUSH'] ?? 32,
  parallel: openFlags['PARALLEL_DIRECT_WRITES'] ?? 64,
  bit7: 1 << 7,
  unseekable: (openFlags['NONSEEKABLE'] ?? 4) | (openFlags['STREAM'] ?? 16),
} as const;

/** FUSE_I_CACHE_IO_MODE: caching mode, or somebody waits for it. */
export function cacheBit(inode: Inode): boolean {
  return inode.counter > 0 || inode.waiters.length > 0;
}

/** fuse_is_io_cache_wait() (fs/fuse/iomode.c). */
export function mustWaitForCaching(inode: Inode): boolean {
  return inode.counter < 0 && inode.backing === undefined;
}

/** The end of fuse_file_cached_io_open(): the open file counts, once. ETXTBSY in passthrough mode. */
export function enterCaching(inode: Inode, open: OpenFile): 'ETXTBSY' | undefined {
  if (inode.backing !== undefined) return 'ETXTBSY';
  if (open.mode === 'none') {
    open.mode = 'cached';
    inode.counter++;
  }
  return undefined;
}

/** fuse_inode_uncached_io_start(): undefined when the counter went down. */
export function startUncached(inode: Inode, backing?: string): 'EBUSY' | 'ETXTBSY' | undefined {
  if (backing !== undefined && inode.backing !== undefined && inode.backing !== backing) return 'EBUSY';
  if (inode.counter > 0) return 'ETXTBSY';
  inode.counter--;
  if (backing !== undefined) inode.backing = backing;
  return undefined;
}

/** fuse_inode_uncached_io_end(). Waiters see the counter for themselves. */
export function endUncached(inode: Inode): void {
  inode.counter++;
  if (inode.counter === 0) inode.backing = undefined;
}

/** fuse_file_io_release(): the open file gives up what it counts for. */
export function releaseMode(inode: Inode, open: OpenFile): void {
  if (open.mode === 'cached') inode.counter--;
  if (open.mode === 'uncached') endUncached(inode);
  open.mode = 'none';
}

/** Open files that are known to use the page cache, so that reasons can name the mode. */
export function modeInWords(inode: Inode): string {
  if (inode.counter > 0) return `caching mode since step ${inode.since}`;
  if (inode.waiters.length > 0) return `somebody waits for caching mode (${inode.waiters.join(', ')})`;
  if (inode.backing !== undefined) return `passthrough mode (${inode.backing}) since step ${inode.since}`;
  return inode.counter < 0 ? `direct mode, ${-inode.counter} in flight` : 'direct mode';
}
