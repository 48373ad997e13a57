/** Where a task sleeps, as /proc shows it: the kernel function, and the stack's functions, innermost first. */
export interface Sleep {
  readonly state: string;
  readonly in: string;
  readonly stack: readonly string[];
}

interface Place {
  readonly meaning: string;
  readonly is: (sleep: Sleep) => boolean;
}

/** Functions of fs/fuse that take the inode lock of a write, by themselves or inlined into them (6.9 to 7.3, fs/fuse/file.c). */
const inodeLockers = new Set(['fuse_file_write_iter', 'fuse_direct_write_iter', 'fuse_cache_write_iter', 'fuse_dio_lock', 'fuse_dio_wr_exclusive_lock']);

/**
 * The places that scenes name. The scheduler's and the rwsem's own functions never show (they are __sched), so a task that waits
 * for the inode lock is one in D state whose innermost function is a locker's, and not one that waits for an answer.
 */
export const places: Readonly<Record<string, Place>> = {
  'inode-lock': {
    meaning: 'the inode lock',
    is: (sleep) => sleep.state === 'D' && inodeLockers.has(sleep.stack[0] ?? sleep.in),
  },
  'io-mode': {
    meaning: 'caching mode (fuse_file_cached_io_open)',
    is: (sleep) => sleep.in === 'fuse_file_cached_io_open' || sleep.stack.includes('fuse_file_cached_io_open'),
  },
  'mmap-lock': {
    meaning: "its process's mmap_lock",
    is: (sleep) => sleep.state === 'D' && /^(vm_mmap_pgoff|do_user_addr_fault|lock_mm_and_find_vma|__vm_munmap|__do_sys_brk|do_exit|exit_mm)$/.test(sleep.stack[0] ?? ''),
  },
  server: {
    meaning: 'an answer of the server',
    is: (sleep) => sleep.stack.includes('request_wait_answer') || sleep.in === 'request_wait_answer',
  },
};

/** Whether a sleep is where a scene says: one of the places, or a kernel function on its stack. */
export function sleepsAt(sleep: Sleep, where: string): boolean {
  const place = Object.hasOwn(places, where) ? places[where] : undefined;
  return place ? place.is(sleep) : sleep.in === where || sleep.stack.includes(where);
}

/** Where a sleep is, for people: the place's meaning, else the kernel function. */
export function nameOfSleep(sleep: Sleep): string {
  const place = Object.values(places).find((entry) => entry.is(sleep));
  return place?.meaning ?? `${sleep.in || sleep.stack[0] || 'an unknown place'} (state ${sleep.state})`;
}

/** What a scene's word for a place means, for people. */
export function meaningOf(where: string): string {
  return Object.hasOwn(places, where) ? (places[where]?.meaning ?? where) : where;
}
