import type { Outcome, RequestMatch } from '../scenario/types.ts';
import type { Generation } from './generations.ts';
import type { Op } from './ops.ts';
import type { PredictedRequest } from './prediction.ts';
import type { Runs } from './runs.ts';

/** x86-64's; one page of the page cache, and the smallest READ of it. */
export const pageBytes = 4096;

/** Everything that the model knows between two steps: plain data, so it can be cloned, compared and hashed. */
export interface ModelState {
  readonly generation: Generation;
  readonly init: readonly string[];
  /** max_stack_depth of the INIT answer. */
  readonly stackDepth: number;
  readonly maxWrite: number;
  readonly maxPages: number;
  readonly actors: readonly string[];
  inodes: Record<string, Inode>;
  server: Server;
  opens: Record<number, OpenFile>;
  processes: Record<string, Process>;
  threads: Record<string, Thread>;
  mappings: Record<number, Mapping>;
  writebacks: Writeback[];
  aios: Aio[];
  /** Answers that came and that their thread has not looked at. */
  replies: Record<number, Reply>;
  /** OPEN was answered ENOSYS once (fc->no_open). */
  noOpen: boolean;
  /** fc->attr_version. */
  attrVersion: number;
  /** The next id of a request, an open file, a mapping …. */
  nextId: number;
}

export type LockMode = 'shared' | 'exclusive';

export interface Inode {
  readonly name: string;
  readonly directory: boolean;
  /** A dentry is there: no LOOKUP. */
  known: boolean;
  size: number;
  attrVersion: number;
  /** Attributes that must be asked for again (fi->inval_mask), of `attr`. */
  stale: number;
  sizeUnstable: boolean;
  /** Times are dirty (writeback cache): the next write_inode_now() sends a SETATTR. */
  timesDirty: boolean;
  counter: number;
  /** Threads in fuse_file_cached_io_open()'s wait. */
  waiters: string[];
  backing: string | undefined;
  /** The step that entered caching or passthrough mode; for people. */
  since: number;
  /** Inode lock: owners are threads; the queue is first come, first served. */
  lock: { writer: string | undefined; readers: string[]; queue: { thread: string; mode: LockMode }[] };
  /** FUSE_NOWRITE holders. */
  nowrite: number;
  pages: Record<number, Page>;
  /** AS_EIO or AS_ENOSPC of the mapping, and its errseq. */
  asError: string | undefined;
  wbError: { seq: number; errno: string };
  /** Open files that may write back, the newest last (fi->write_files). */
  writers: number[];
}

/** STATX bits that matter (FUSE_STATX_MODIFY is modify and blocks). */
export const attr = { atime: 1, modify: 2, blocks: 4, size: 8, other: 16, all: 31 } as const;

export interface Page {
  bytes: Runs;
  uptodate: boolean;
  dirty: boolean;
  /** Who holds the page lock: a thread, or `ahead` for read-ahead in flight. */
  locked: string | undefined;
  /** Mappings that have it in their page tables. */
  mapped: number[];
  /** The thread whose write through the cache put it here and is at the server. */
  writtenBy?: string;
}

export interface OpenFile {
  readonly id: number;
  readonly file: string;
  readonly directory: boolean;
  readonly handle: number | undefined;
  /** FOPEN flags. */
  fopen: number;
  /** open(2) flags, changed by setfl. */
  flags: string[];
  /** File descriptors, mappings and running calls. */
  refs: number;
  /** Requests in flight that hold the fuse_file. */
  io: number;
  mode: 'none' | 'cached' | 'uncached';
  passthrough: string | undefined;
  /** False where the server implements no open and the kernel keeps no modes for it (6.9 to 6.12.63). */
  counts: boolean;
  position: number;
  positionHolder: string | undefined;
  released: boolean;
  seenError: number;
}

export interface Process {
  readonly name: string;
  handles: Record<string, number>;
  /** Mapping ids by the scene's name. */
  mappings: Record<string, number>;
  /** Descriptors whose name was taken over by another; closed when the process ends. */
  lost: number[];
  mmapHolder: string | undefined;
  gone: boolean;
}

export interface Mapping {
  readonly id: number;
  readonly process: string;
  readonly name: string;
  readonly file: string;
  /** The open file that the VMA holds; none where it maps a backing file. */
  readonly open: number | undefined;
  readonly backing: string | undefined;
  readonly shared: boolean;
  /** VM_MAYWRITE. */
  readonly mayWrite: boolean;
  readonly at: number;
  /** Its vm_ops have fuse_vma_close(). */
  readonly flushes: boolean;
  writable: boolean;
  readable: boolean;
  /** What of it is still mapped, as byte ranges of the mapping. */
  ranges: [from: number, to: number][];
  /** Private pages that were written. */
  own: Record<number, Runs>;
}

export interface Writeback {
  readonly id: number;
  readonly file: string;
  readonly page: number;
  readonly pages: number;
  readonly data: Runs;
  readonly open: number;
  readonly by: string;
  sent: boolean;
}

export interface Aio {
  readonly id: number;
  readonly owner: string;
  readonly open: number;
  readonly file: string;
  readonly write: boolean;
  readonly at: number;
  bytes: number;
  /** Requests that are not answered. */
  left: number;
  submitted: boolean;
  error: string | undefined;
  /** The shortest answer's end, counted from `at`; undefined where none was short. */
  shortAt: number | undefined;
  /** The counter is held down until it is done: what a right kernel does (K5). */
  counted: boolean;
  result: { value: number } | { errno: string } | undefined;
}

export interface Reply {
  readonly error?: string;
  readonly bytes?: number;
  readonly data?: Runs;
  readonly size?: number;
  readonly handle?: number;
  readonly fopen?: number;
  readonly backing?: string | number;
}

export type End =
  | { readonly kind: 'thread'; readonly thread: string }
  | { readonly kind: 'nothing' }
  | { readonly kind: 'writeback'; readonly id: number }
  | { readonly kind: 'aio'; readonly id: number }
  | { readonly kind: 'ahead'; readonly open: number; readonly page: number; readonly version: number };

export interface ServerRequest extends PredictedRequest {
  readonly id: number;
  readonly end: End;
  readonly data?: Runs;
  /** SETATTR's and O_TRUNC's size, FALLOCATE's and LSEEK's offsets. */
  readonly size?: number;
  readonly more?: Readonly<Record<string, string | number>>;
  /** The sender's call, where it was in one. */
  readonly call?: number;
}

export interface Server {
  files: Record<string, { bytes: Runs; fopen: number; backing: string | number | undefined; absent: boolean; directory: boolean }>;
  backings: Record<string, { id: number; bytes: Runs; registered: boolean }>;
  nextBacking: number;
  rules: RequestMatch[];
  parked: ServerRequest[];
  nextHandle: number;
  /** Aborted or dead: nothing is answered any more. */
  gone: boolean;
}

export interface Io {
  readonly open: number;
  readonly file: string;
  readonly write: boolean;
  at: number;
  readonly start: number;
  bytes: number;
  done: number;
  data: Runs;
  readonly buffer?: number;
  readonly append: boolean;
  readonly direct: boolean;
  readonly dsync: boolean;
  /** Not a synchronous kiocb: an Aio's id. */
  readonly aio?: number;
  exclusive?: boolean;
  /** The buffer of a cached write was faulted in. */
  faulted?: boolean;
  /** The counter is down for this write. */
  counted?: boolean;
  /** Pages of the WRITE that is on its way (write-through). */
  batch?: { readonly first: number; readonly pages: number; readonly bytes: number; readonly locked: number | undefined };
}

export interface Wait {
  /** A place of scenario/places.ts; undefined where it has no name. */
  readonly place?: string;
  readonly why: string;
  readonly killable: boolean;
  readonly undecided?: boolean;
}

export interface Thread {
  readonly name: string;
  readonly process: string;
  /** Of io_uring: it is no actor and nobody knows its name. */
  readonly worker: boolean;
  life: 'unborn' | 'alive' | 'dead';
  call: { readonly step: number; readonly seq: number; readonly kind: string } | undefined;
  todo: Op[];
  wait: Wait | undefined;
  /** The request that it waits for. */
  request: number | undefined;
  reply: Reply | undefined;
  io: Io | undefined;
  value: number | undefined;
  seen: Runs | undefined;
  error: string | undefined;
  signal: string | undefined;
  /** Why it waits or failed. */
  why: string | undefined;
  /** By which rule a write is shared or exclusive. */
  rule: string | undefined;
  killed: boolean;
  returned: Outcome | undefined;
}
