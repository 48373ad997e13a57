import { initFlags } from '../scenario/fuse-names.ts';

/**
 * What a kernel's FUSE client does where kernels differ. Logic asks these fields and never the name. What a generation gets wrong is no
 * field but a known issue: the model says what it must do.
 */
export interface Generation {
  readonly name: string;
  readonly meaning: string;
  /** fuse_file_cached_io_open() waits killable (v2) or in D state (6.9 on). */
  readonly waitKillable: boolean;
  /** What FOPEN bit 7 says: v2's FOPEN_CACHE_IO, or FOPEN_PASSTHROUGH. */
  readonly rawBit7: 'cache-io' | 'passthrough';
  /** A private mmap of a DIRECT_IO file enters caching mode (v2). */
  readonly privateMmapEnters: boolean;
  /** open(O_DIRECT) of a file without FOPEN_DIRECT_IO counts at open (6.9 on), else at its first mmap (v2). */
  readonly directOpenCounted: boolean;
  /** FOPEN_PARALLEL_DIRECT_WRITES without FOPEN_DIRECT_IO is cleared at open. */
  readonly parallelAloneCleared: boolean;
  /** An open whose OPEN was answered ENOSYS counts as cached (v2; again since 6.12.64). */
  readonly noOpenCounts: boolean;
  /** fuse_direct_io() flushes the range also without DIRECT_IO_ALLOW_MMAP (1ce120dcefc0). */
  readonly flushWithoutAllowMmap: boolean;
  /** Direct writes invalidate the range again when they are done (b359af8275a9). */
  readonly invalidateAfterWrite: boolean;
  /** When the second invalidation of an asynchronous direct write comes: in fuse_direct_io(), or in fuse_aio_invalidate_worker() (7.2). */
  readonly asyncInvalidate: 'submission' | 'completion';
  /** An asynchronous kiocb goes to fuse_direct_IO() only with IOCB_DIRECT (fuse_direct_write_iter(); 7.2 drops the test). */
  readonly asyncNeedsODirect: boolean;
  /** fuse_flush() takes the inode lock and calls fuse_sync_writes() (6.12); 7.2 waits for the pages in write_inode_now() instead. */
  readonly closeTakesLock: boolean;
  /** Write-back copies to temporary pages (fi->writepages): the folio itself is not under writeback (up to 6.15). */
  readonly temporaryPages: boolean;
  /** fuse_direct_io() asks filemap_range_has_writeback(), for which a dirty or locked page is one under write-back (7.2). */
  readonly lockedPagesCount: boolean;
  /** Background requests without credentials carry the sender's pid (7.2: fuse_fill_creds() sets it before it looks at `force`). */
  readonly namesWriteback: boolean;
  /** A failed page READ comes back as EIO (7.2: fuse_read_folio() returns 0 and the folio is not uptodate), else as the server's errno. */
  readonly readErrorIsEio: boolean;
  /** fuse_send_write_pages() clears uptodate of the pages of a failed or short WRITE (up to 7.2). */
  readonly failedWriteDropsPages: boolean;
  /** A write, truncate or fallocate that leaves a hole behind the old end drops what was cached there (7.3). */
  readonly holesDropPages: boolean;
  /** Passthrough beside writeback cache is refused (3ab394b363c5, 6.10.10). */
  readonly passthroughExcludesWriteback: boolean;
}

const v612: Omit<Generation, 'name' | 'meaning'> = {
  waitKillable: false,
  rawBit7: 'passthrough',
  privateMmapEnters: false,
  directOpenCounted: true,
  parallelAloneCleared: true,
  noOpenCounts: true,
  flushWithoutAllowMmap: true,
  invalidateAfterWrite: true,
  asyncInvalidate: 'submission',
  asyncNeedsODirect: true,
  closeTakesLock: true,
  temporaryPages: true,
  lockedPagesCount: false,
  namesWriteback: false,
  readErrorIsEio: false,
  failedWriteDropsPages: true,
  holesDropPages: false,
  passthroughExcludesWriteback: true,
};

/** As 7.2.12 and 7.3.4 have it. */
const v72: typeof v612 = {
  ...v612, asyncInvalidate: 'completion', asyncNeedsODirect: false, closeTakesLock: false, temporaryPages: false, lockedPagesCount: true, namesWriteback: true, readErrorIsEio: true,
};

const before61264 = { noOpenCounts: false, flushWithoutAllowMmap: false, invalidateAfterWrite: false } as const;

/** By fs/fuse/{iomode,file,passthrough}.c of 6.12.107, 7.2.12 and 7.3.4, and docs/io-modes.md sections 2 to 5 and 8 for the others. */
export const generations: readonly Generation[] = [
  {
    ...v612, name: 'v2', meaning: 'the io modes of the v2 series of 31 Jan 2024, on a later kernel',
    waitKillable: true, rawBit7: 'cache-io', privateMmapEnters: true, directOpenCounted: false, parallelAloneCleared: false,
    noOpenCounts: true, passthroughExcludesWriteback: false,
  },
  { ...v612, ...before61264, name: '6.9', meaning: '6.9 to 6.11', passthroughExcludesWriteback: false },
  { ...v612, ...before61264, name: '6.12', meaning: '6.12.0 to 6.12.63, and 6.13 to 6.18' },
  { ...v612, name: '6.12.64', meaning: '6.12.64 on, and 6.19 to 7.1' },
  { ...v72, name: '7.2', meaning: '7.2' },
  { ...v72, name: '7.3', meaning: '7.3 on', failedWriteDropsPages: false, holesDropPages: true },
];

/** The generation of this name; undefined where there is none. */
export function findGeneration(name: string): Generation | undefined {
  return generations.find((generation) => generation.name === name);
}

/** What a guest told of itself: uname's release, and its INIT request's minor and flags (flags2 from bit 32 on). */
export interface Witness {
  readonly version: string;
  readonly minor: number;
  readonly offered: bigint;
}

/**
 * The generation of a running kernel. The version decides; what INIT offers decides between v2, which has io modes before there is
 * passthrough, and the rest. Undefined where the kernel has no io modes at all (FUSE before 7.39).
 */
export function chooseGeneration(witness: Witness): Generation | undefined {
  const [major = 0, minor = 0, patch = 0] = (/^(\d+)\.(\d+)(?:\.(\d+))?/.exec(witness.version)?.slice(1) ?? []).map((part) => Number(part));
  if (witness.minor < 39) return undefined;
  const passthrough = (witness.offered & (initFlags['PASSTHROUGH'] ?? 0n)) !== 0n || witness.minor >= 40;
  if (!passthrough) return findGeneration('v2');
  const at = major * 1000 + minor;
  if (at >= 7003) return findGeneration('7.3');
  if (at === 7002) return findGeneration('7.2');
  if (at >= 6019 || (at === 6012 && patch >= 64)) return findGeneration('6.12.64');
  return findGeneration(at >= 6012 ? '6.12' : '6.9');
}
