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

/**
 * Functions that take the inode lock, by themselves or inlined into them (6.9 to 7.3): of writes, and of the calls that wait for writers
 * (fs/fuse/file.c, passthrough.c; do_truncate() in fs/open.c).
 */
const inodeLockers = new Set([
  'fuse_file_write_iter', 'fuse_direct_write_iter', 'fuse_cache_write_iter', 'fuse_dio_lock', 'fuse_dio_wr_exclusive_lock', 'fuse_direct_io',
  'fuse_passthrough_write_iter', 'fuse_passthrough_splice_write', 'fuse_flush', 'fuse_fsync', 'fuse_file_fallocate', 'fuse_file_llseek',
  'fuse_copy_file_range', '__fuse_copy_file_range', 'do_truncate', 'fuse_open',
]);

/**
 * Who waits for a folio's lock or its writeback (mm/filemap.c, folio_wait_bit_common()), for a page that is on its way to the server
 * (fs/fuse/file.c, fuse_wait_on_folio_writeback(), of pages until 6.13), or for all of them (fs/fuse/dir.c, fuse_set_nowrite()).
 */
const pageWaiters = new Set([
  'folio_wait_bit_common', 'fuse_wait_on_page_writeback', 'fuse_wait_on_folio_writeback', 'fuse_sync_writes', 'fuse_set_nowrite',
]);

/** Who waits for what it has submitted: io_getevents(2) (fs/aio.c) and io_uring_enter(2) (io_uring/io_uring.c). */
const completionWaiters = new Set(['read_events', 'io_cqring_wait']);

const anyOf = (sleep: Sleep, functions: ReadonlySet<string>): boolean => functions.has(sleep.in) || sleep.stack.some((name) => functions.has(name));

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
  page: {
    meaning: 'a page',
    is: (sleep) => anyOf(sleep, pageWaiters),
  },
  aio: {
    meaning: 'the end of a submitted request',
    is: (sleep) => anyOf(sleep, completionWaiters),
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
