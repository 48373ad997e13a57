/** Numbers of the system calls' words on x86-64 Linux. */
type Bits = Readonly<Record<string, number>>;

/** open(2) flags (asm-generic/fcntl.h). */
export const openBits: Bits = {
  RDONLY: 0, WRONLY: 1, RDWR: 2, CREAT: 0o100, EXCL: 0o200, TRUNC: 0o1000, APPEND: 0o2000, NONBLOCK: 0o4000, DSYNC: 0o10000, DIRECT: 0o40000,
  DIRECTORY: 0o200000, SYNC: 0o4010000,
};

/** mmap(2), msync(2), madvise(2) (asm-generic/mman-common.h, mman.h). */
export const protBits: Bits = { READ: 1, WRITE: 2 };
export const mapBits = { shared: 1, private: 2 } as const;
export const msyncBits: Bits = { ASYNC: 1, INVALIDATE: 2, SYNC: 4 };
export const adviceValues = { WILLNEED: 3, DONTNEED: 4, POPULATE_READ: 22, POPULATE_WRITE: 23 } as const;

/** preadv2(2) (linux/fs.h), fallocate(2) (linux/falloc.h), lseek(2) (linux/fs.h). */
export const rwfBits: Bits = { HIPRI: 1, DSYNC: 2, SYNC: 4, NOWAIT: 8, APPEND: 16 };
export const fallocateBits: Bits = { KEEP_SIZE: 1, PUNCH_HOLE: 2, ZERO_RANGE: 16 };
export const whenceValues = { SET: 0, CUR: 1, END: 2, DATA: 3, HOLE: 4 } as const;

/** kill(2) (asm-generic/signal.h). */
export const signalNumbers = { KILL: 9, USR1: 10, TERM: 15 } as const;

/** The words of a list as one number. */
export function bitsOf(words: readonly string[], table: Bits): number {
  return words.reduce((all, word) => all | (table[word] ?? 0), 0);
}
