/** FOPEN_ bits of an OPEN reply (include/uapi/linux/fuse.h, 7.40), by the names a scene uses. */
export const openFlags: Readonly<Record<string, number>> = {
  DIRECT_IO: 1 << 0,
  KEEP_CACHE: 1 << 1,
  NONSEEKABLE: 1 << 2,
  CACHE_DIR: 1 << 3,
  STREAM: 1 << 4,
  NOFLUSH: 1 << 5,
  PARALLEL_DIRECT_WRITES: 1 << 6,
  PASSTHROUGH: 1 << 7,
};

/**
 * FUSE_ bits of INIT (flags, and flags2 from bit 32 on; include/uapi/linux/fuse.h, 7.40), by the names a scene uses; the kernel must
 * offer what a scene asks for. Those are left out that ask for requests the stage has no answer to (DAX, ACLs, READDIRPLUS, symlinks).
 */
export const initFlags: Readonly<Record<string, bigint>> = {
  ASYNC_READ: 1n << 0n,
  POSIX_LOCKS: 1n << 1n,
  ATOMIC_O_TRUNC: 1n << 3n,
  EXPORT_SUPPORT: 1n << 4n,
  BIG_WRITES: 1n << 5n,
  DONT_MASK: 1n << 6n,
  SPLICE_WRITE: 1n << 7n,
  SPLICE_MOVE: 1n << 8n,
  SPLICE_READ: 1n << 9n,
  FLOCK_LOCKS: 1n << 10n,
  AUTO_INVAL_DATA: 1n << 12n,
  ASYNC_DIO: 1n << 15n,
  WRITEBACK_CACHE: 1n << 16n,
  NO_OPEN_SUPPORT: 1n << 17n,
  PARALLEL_DIROPS: 1n << 18n,
  HANDLE_KILLPRIV: 1n << 19n,
  ABORT_ERROR: 1n << 21n,
  MAX_PAGES: 1n << 22n,
  NO_OPENDIR_SUPPORT: 1n << 24n,
  EXPLICIT_INVAL_DATA: 1n << 25n,
  MAP_ALIGNMENT: 1n << 26n,
  HANDLE_KILLPRIV_V2: 1n << 28n,
  HAS_EXPIRE_ONLY: 1n << 35n,
  HAS_INODE_DAX: 1n << 33n,
  DIRECT_IO_ALLOW_MMAP: 1n << 36n,
  PASSTHROUGH: 1n << 37n,
  NO_EXPORT_SUPPORT: 1n << 38n,
  HAS_RESEND: 1n << 39n,
};

/** Opcodes (enum fuse_opcode) that a scene may hold. */
export const opcodes: Readonly<Record<string, number>> = {
  LOOKUP: 1,
  GETATTR: 3,
  SETATTR: 4,
  OPEN: 14,
  READ: 15,
  WRITE: 16,
  RELEASE: 18,
  FSYNC: 20,
  FLUSH: 25,
  OPENDIR: 27,
  READDIR: 28,
  RELEASEDIR: 29,
  CREATE: 35,
  FALLOCATE: 43,
  LSEEK: 46,
  COPY_FILE_RANGE: 47,
};

/** Opcodes that no server answers, so that nobody can hold them; a scene may count them. */
export const notes: ReadonlySet<string> = new Set(['FORGET', 'BATCH_FORGET', 'INTERRUPT']);

/**
 * What a kernel must have for a scene to mean anything, as the FUSE minor version in its INIT that brought it.
 * FOPEN_PARALLEL_DIRECT_WRITES came in Linux 6.2, but 6.1 says 7.38 already, so the first version that proves it is 7.39 (6.6);
 * the inode io modes came with the passthrough of 7.40 (6.9).
 */
export const capabilities: Readonly<Record<string, { readonly minor: number; readonly meaning: string }>> = {
  'parallel-direct-writes': { minor: 39, meaning: 'FOPEN_PARALLEL_DIRECT_WRITES (sure from FUSE 7.39, Linux 6.6)' },
  'io-modes': { minor: 40, meaning: 'inode io modes (FUSE 7.40, Linux 6.9)' },
};
