import type { Generation } from './generations.ts';

/**
 * What a trace must show for a rule to have been tried at all: that the mode, the lock or the meeting that the rule is about came about.
 * `mode-wait`: somebody slept in fuse_file_cached_io_open(); `lock-wait`: somebody slept in the inode lock; `writes-meet`: two direct
 * WRITEs of one inode were at the server at once; `write-back`: a WRITE from the page cache arrived; `backing`: the kernel took a backing
 * file; `refused`: an open failed with EIO.
 */
export type Witness = 'mode-wait' | 'lock-wait' | 'writes-meet' | 'write-back' | 'backing' | 'refused';

export interface Rule {
  readonly id: string;
  /** What the kernel must do. */
  readonly text: string;
  readonly witness?: Witness;
  /** The rule holds only for generations of which this is true. */
  readonly when?: keyof Generation;
}

export interface RuleGroup {
  readonly title: string;
  readonly rules: readonly Rule[];
}

/**
 * The io modes, rule by rule: fs/fuse/iomode.c, file.c, passthrough.c and inode.c of Linux 6.9 to 7.3, and the defects of their history. Scenes
 * say which they protect (`covers`); one that none protects fails `./diorama check`.
 */
export const ruleGroups: readonly RuleGroup[] = [
  {
    title: 'Open',
    rules: [
      { id: 'open.cached', text: 'an open without FOPEN_DIRECT_IO enters caching mode and counts until its final put' },
      { id: 'open.cached-waits', text: 'it waits for the parallel direct writes in flight, after the server has answered OPEN', witness: 'mode-wait' },
      { id: 'open.cached-unkillable', text: 'that wait ends with the writes, not with a signal', witness: 'mode-wait' },
      { id: 'open.o-direct', text: 'O_DIRECT without FOPEN_DIRECT_IO counts as cached, since fcntl may clear it', witness: 'lock-wait' },
      { id: 'open.direct-neutral', text: 'FOPEN_DIRECT_IO, with or without PARALLEL_DIRECT_WRITES, changes no mode and waits for nobody', witness: 'writes-meet' },
      { id: 'open.parallel-alone', text: 'PARALLEL_DIRECT_WRITES without DIRECT_IO is ignored: the file is cached', witness: 'lock-wait' },
      { id: 'open.bit7', text: 'bit 7 is FOPEN_PASSTHROUGH: EIO unless it was negotiated', witness: 'refused' },
      { id: 'open.passthrough', text: 'a passthrough open lowers the counter and sets the backing file, and does not wait', witness: 'backing' },
      { id: 'open.passthrough-cached', text: 'EIO in caching mode', witness: 'refused' },
      { id: 'open.passthrough-other-backing', text: 'EIO with another backing file than the one in use', witness: 'refused' },
      { id: 'open.passthrough-flags', text: 'EIO with a flag beside PASSTHROUGH, DIRECT_IO, PARALLEL_DIRECT_WRITES and NOFLUSH', witness: 'refused' },
      { id: 'open.passthrough-bad-id', text: 'EIO with a backing id that is not registered', witness: 'refused' },
      { id: 'open.passthrough-only', text: 'any other open of an inode in passthrough mode is EIO, at once', witness: 'refused' },
      { id: 'open.refusal', text: 'every refusal is EIO for the program, and the server gets a RELEASE', witness: 'refused' },
      { id: 'open.no-open', text: 'a server without OPEN: the file counts as cached (6.12.64 and later)', witness: 'lock-wait' },
      { id: 'open.create', text: 'CREATE gives a mode as OPEN does', witness: 'lock-wait' },
      { id: 'open.directory', text: 'directories have no mode' },
      { id: 'open.dax', text: 'DAX inodes have no mode' },
    ],
  },
  {
    title: 'mmap',
    rules: [
      { id: 'mmap.needs-leave', text: 'MAP_SHARED of a direct_io file is ENODEV without FUSE_DIRECT_IO_ALLOW_MMAP, also to read' },
      { id: 'mmap.leave-extended', text: '… and without FUSE_INIT_EXT there is none' },
      { id: 'mmap.enters', text: 'with it, MAP_SHARED enters caching mode', witness: 'lock-wait' },
      { id: 'mmap.unkillable', text: 'its wait ends with the writes, not with a signal', witness: 'mode-wait' },
      { id: 'mmap.invalidates', text: 'it drops the pages that were cached before' },
      { id: 'mmap.invalidates-late', text: '… also those that were read in while it waited', witness: 'mode-wait' },
      { id: 'mmap.flushes', text: 'and writes back the dirty ones first', witness: 'write-back' },
      { id: 'mmap.private', text: 'MAP_PRIVATE enters no mode, waits for nobody and needs no leave', witness: 'writes-meet' },
      { id: 'mmap.cached', text: 'a cached file counts already, and its mapping keeps it open', witness: 'lock-wait' },
      { id: 'mmap.o-direct', text: 'so does one opened with O_DIRECT', witness: 'lock-wait' },
      { id: 'mmap.passthrough', text: 'a passthrough file maps its backing file and leaves the counter alone', witness: 'backing' },
      { id: 'mmap.direct-in-passthrough', text: 'a direct_io file cannot be mapped while the inode is in passthrough mode: ENODEV', witness: 'backing' },
      { id: 'mmap.counted-once', text: 'an open file counts once, however often it is mapped', witness: 'lock-wait' },
      { id: 'mmap.fork', text: '… also from parent and forked child' },
      { id: 'mmap.read-only', text: 'a mapping that only reads counts too', witness: 'lock-wait' },
      { id: 'mmap.write-back', text: 'what is stored reaches the server', witness: 'write-back' },
      { id: 'mmap.mprotect', text: '… also when the mapping became writable later', witness: 'write-back' },
    ],
  },
  {
    title: 'Which direct writes run alone',
    rules: [
      { id: 'write.parallel', text: 'those of files with PARALLEL_DIRECT_WRITES, inside the file and outside caching mode, run side by side', witness: 'writes-meet' },
      { id: 'write.no-flag', text: 'those of files without the flag run alone', witness: 'lock-wait' },
      { id: 'write.append', text: 'those that append run alone: O_APPEND', witness: 'lock-wait' },
      { id: 'write.rwf-append', text: '… and RWF_APPEND', witness: 'lock-wait' },
      { id: 'write.in-mode', text: 'those in caching mode, or while somebody waits for it, run alone', witness: 'lock-wait' },
      { id: 'write.past-eof', text: 'those that end past the end run alone', witness: 'lock-wait' },
      { id: 'write.ends-at-eof', text: 'one that ends exactly at the end does not', witness: 'writes-meet' },
      { id: 'write.cached-size', text: 'the size that the kernel knows decides, not the server\'s' },
      { id: 'write.past-eof-again', text: 'the size is looked at again under the shared lock', witness: 'lock-wait' },
      { id: 'write.counter-again', text: 'and so is the mode', witness: 'lock-wait' },
      { id: 'write.exclusive-neutral', text: 'exclusive writes leave the counter alone' },
      { id: 'write.o-direct-cached', text: 'O_DIRECT writes of cached files run alone', witness: 'lock-wait' },
      { id: 'write.passthrough-direct', text: 'PASSTHROUGH with DIRECT_IO and PARALLEL_DIRECT_WRITES writes at the server, side by side', witness: 'writes-meet' },
      { id: 'read.neutral', text: 'direct reads leave the counter alone' },
      { id: 'read.no-lock', text: 'and take no inode lock', witness: 'lock-wait' },
    ],
  },
  {
    title: 'Direct io and the page cache',
    rules: [
      { id: 'direct.flush', text: 'dirty pages of the range are written back before direct io', witness: 'write-back' },
      { id: 'direct.flush-without-leave', text: '… also without FUSE_DIRECT_IO_ALLOW_MMAP (6.12.64 and later)', witness: 'write-back' },
      { id: 'direct.wait-write-back', text: 'it waits for write-back of the range that is under way', witness: 'write-back' },
      { id: 'direct.invalidate', text: 'a direct write drops the cached pages of its range' },
      { id: 'direct.invalidate-after', text: '… and again when it is answered (6.12.64 and later)' },
      { id: 'direct.range', text: 'of its range and of nothing else', witness: 'write-back' },
      { id: 'direct.page-read', text: 'writers over a page that is being read in wait for it and go on' },
    ],
  },
  {
    title: 'What waits for what',
    rules: [
      { id: 'wait.mmap', text: 'a shared mmap waits for the parallel direct writes in flight, and goes on with the last answer', witness: 'mode-wait' },
      { id: 'wait.guard', text: 'a direct write that comes while somebody waits queues behind him', witness: 'mode-wait' },
      { id: 'wait.several', text: 'several waiters go on together, and one that dies is not the others\' concern', witness: 'mode-wait' },
      { id: 'wait.not-exclusive', text: 'nobody waits for exclusive writes' },
      { id: 'wait.not-reads', text: '… nor for direct reads' },
      { id: 'wait.async', text: 'but for asynchronous writes too' },
      { id: 'wait.passthrough', text: 'a wait ends with ETXTBSY when the inode enters passthrough mode meanwhile', witness: 'mode-wait' },
      { id: 'wait.dirty-read', text: 'a direct read over pages in write-back waits for the server\'s answer', witness: 'write-back' },
      { id: 'wait.mmap-lock', text: 'who waits in mmap holds his process\'s mmap_lock', witness: 'mode-wait' },
      { id: 'wait.truncate', text: 'truncate waits for direct writers', witness: 'lock-wait' },
      { id: 'wait.fsync', text: 'fsync waits for direct writers', witness: 'lock-wait' },
      { id: 'wait.fallocate', text: 'fallocate waits for direct writers', witness: 'lock-wait' },
      { id: 'wait.lseek', text: 'lseek with END, DATA and HOLE waits for direct writers', witness: 'lock-wait' },
      { id: 'wait.copy', text: 'copy_file_range waits for direct writers', witness: 'lock-wait' },
      { id: 'wait.close', text: 'close waits for direct writers (before 7.3)', witness: 'lock-wait', when: 'closeTakesLock' },
      { id: 'wait.noflush', text: '… but not with FOPEN_NOFLUSH', witness: 'writes-meet' },
      { id: 'wait.noflush-writeback', text: 'unless there is the writeback cache', witness: 'write-back' },
      { id: 'wait.sigkill-writer', text: 'a killed writer whose WRITE was read waits for the answer', witness: 'mode-wait' },
      { id: 'wait.abort', text: 'an abort frees writers and waiters', witness: 'mode-wait' },
      { id: 'wait.server-death', text: 'so does the server\'s death', witness: 'mode-wait' },
    ],
  },
  {
    title: 'The end of caching mode',
    rules: [
      { id: 'mode.final-put', text: 'it ends with the last cached or mapped open file: last close and last munmap', witness: 'lock-wait' },
      { id: 'mode.munmap', text: 'not with munmap alone', witness: 'lock-wait' },
      { id: 'mode.pending-io', text: 'and not before the file\'s READs and WRITEs are answered', witness: 'lock-wait' },
    ],
  },
  {
    title: 'What must not leak',
    rules: [
      { id: 'leak.failed', text: 'a failed write' },
      { id: 'leak.short', text: 'a short write' },
      { id: 'leak.zero', text: 'a write of nothing' },
      { id: 'leak.aborted', text: 'an aborted write', witness: 'mode-wait' },
      { id: 'leak.killed-waiter', text: 'a waiter that was killed', witness: 'mode-wait' },
      { id: 'evict.clean', text: 'at eviction every counter is zero' },
    ],
  },
  {
    title: 'Passthrough',
    rules: [
      { id: 'passthrough.io', text: 'reads, writes and splices go to the backing file; sizes and times follow', witness: 'backing' },
      { id: 'passthrough.lock', text: 'writes take the inode lock', witness: 'lock-wait' },
      { id: 'passthrough.direct', text: 'with DIRECT_IO they go to the server, and mmap to the backing file', witness: 'backing' },
      { id: 'passthrough.mixed', text: 'direct_io files opened before go on beside it, in parallel', witness: 'writes-meet' },
      { id: 'passthrough.ends', text: 'the mode ends with the last passthrough file and the last parallel write', witness: 'backing' },
      { id: 'passthrough.negotiated', text: 'no backing file without FUSE_PASSTHROUGH' },
      { id: 'passthrough.stack-depth', text: '… nor with a max_stack_depth of 0 or more than 2' },
      { id: 'passthrough.stacked', text: 'a backing file is on a file system less deep than max_stack_depth' },
      { id: 'passthrough.no-writeback-cache', text: 'and none with the writeback cache' },
      { id: 'passthrough.backing-checks', text: 'only an open regular file can be registered, and only what is registered be closed' },
      { id: 'passthrough.backing-close', text: 'a closed backing id opens nothing; what it opened lives on', witness: 'backing' },
    ],
  },
  {
    title: 'Direct io itself',
    rules: [
      { id: 'io.split', text: 'a large write is sent in pieces and is one write' },
      { id: 'io.error', text: 'it ends at the first error or short answer and returns what went before' },
      { id: 'io.size-update', text: 'the size grows by what the server took' },
      { id: 'io.read', text: 'a read returns what the server gives' },
      { id: 'io.dirty-buffer', text: 'a read into a shared mapping makes its pages dirty', witness: 'write-back' },
      { id: 'io.false-count', text: 'an answer that counts more than was asked for is an error' },
      { id: 'io.sendfile', text: 'sendfile and splice from a direct_io file ask the server' },
      { id: 'io.splice-write', text: 'splice into one is a direct write', witness: 'writes-meet' },
      { id: 'aio.complete', text: 'asynchronous io completes with the server\'s answer' },
      { id: 'aio.extending', text: 'past the end it is not asynchronous', witness: 'lock-wait' },
      { id: 'aio.sync', text: 'without FUSE_ASYNC_DIO it is not asynchronous', witness: 'mode-wait' },
    ],
  },
  {
    title: 'The page cache beside it',
    rules: [
      { id: 'data.truncate', text: 'pages past a new end are dropped' },
      { id: 'data.copy', text: 'copy_file_range flushes its source and drops its target\'s pages', witness: 'write-back' },
      { id: 'data.fsync', text: 'fsync writes back what is mapped, and reports what failed', witness: 'write-back' },
      { id: 'data.error', text: 'a write-back that fails is told at msync and close', witness: 'write-back' },
      { id: 'data.store-waits', text: 'a store waits for the write-back of its page', witness: 'write-back' },
      { id: 'data.read-waits', text: 'and so does reading it in again', witness: 'write-back' },
      { id: 'data.short', text: 'short answers leave no page whole and no size too large', witness: 'lock-wait' },
      { id: 'data.queued', text: 'write-back that a truncation held up is sent after it', witness: 'write-back' },
      { id: 'data.last-page', text: 'what is written back ends at the end of the file', witness: 'write-back' },
      { id: 'data.keep-cache', text: 'a cached open drops pages unless FOPEN_KEEP_CACHE' },
      { id: 'data.write-through', text: 'a cached write is at the server before it returns' },
      { id: 'inval.pages', text: 'the server may invalidate pages at any time' },
      { id: 'inval.waits', text: 'what is dirty is written back first, and waited for', witness: 'write-back' },
      { id: 'wb.direct-read', text: 'the writeback cache is flushed before direct io', witness: 'write-back' },
      { id: 'wb.mmap', text: '… and before a shared mmap', witness: 'write-back' },
      { id: 'wb.other-handle', text: 'write-back on another open file of the inode is waited for', witness: 'write-back' },
    ],
  },
  {
    title: 'What should be parallel is',
    rules: [
      { id: 'perf.parallel', text: 'any number of writers', witness: 'writes-meet' },
      { id: 'perf.last-block', text: 'the last block, which ends at the end of the file', witness: 'writes-meet' },
      { id: 'perf.plain-beside-parallel', text: 'parallel writers beside a plain direct_io file', witness: 'writes-meet' },
      { id: 'perf.one-request', text: 'io up to max_write is one request' },
      { id: 'perf.cost', text: 'what an operation costs in each io mode, which a series must not raise unseen' },
      { id: 'perf.reads', text: 'direct reads beside an exclusive write', witness: 'lock-wait' },
    ],
  },
  {
    title: 'History',
    rules: [
      { id: 'history.overtaking', text: 'a write took the lock shared while somebody waited (2f3d8ff45798, 6.12)', witness: 'mode-wait' },
      { id: 'history.own-mode', text: 'a parallel write changed its open file\'s own mode (4864a6dd8320, 6.9)', witness: 'writes-meet' },
      { id: 'history.passthrough-exclusive', text: 'parallel writes of passthrough files ran alone (7cc911262835, 6.9)', witness: 'writes-meet' },
      { id: 'history.maysh', text: 'shared mappings of direct_io files lost their stores (6.9)', witness: 'write-back' },
      { id: 'history.flush-invalidate', text: 'no flush and no invalidation around direct io (b5a2a3a0b776, 80e4f25262f9; 6.6)' },
      { id: 'history.invalidate-after', text: 'no invalidation after a direct write (b359af8275a9, 6.19 and 6.12.64)' },
      { id: 'history.flush-without-leave', text: 'no flush without FUSE_DIRECT_IO_ALLOW_MMAP (1ce120dcefc0, 6.19 and 6.12.64)', witness: 'write-back' },
      { id: 'history.passthrough-writeback', text: 'passthrough together with the writeback cache (3ab394b363c5, 6.10.10)' },
    ],
  },
];

export const rules: ReadonlyMap<string, Rule> = new Map(ruleGroups.flatMap((group) => group.rules).map((rule) => [rule.id, rule]));
