import type { LockMode } from './state.ts';
import type { Runs } from './runs.ts';

/** A request to be sent, of an open file where `open` is there. */
export interface Ask {
  readonly opcode: string;
  readonly file: string;
  readonly open?: number;
  /** The server's number where the open file itself is gone already. */
  readonly handle?: number;
  readonly at?: number;
  readonly bytes?: number;
  readonly data?: Runs;
  readonly size?: number;
  readonly more?: Readonly<Record<string, string | number>>;
}

/**
 * One move of a thread in the kernel. A call is a list of these; a move may put others in front of the rest. With `always` it is
 * made also when the call has failed: an unlock, a put.
 */
export type Op = { readonly always?: true } & (
  // Locks.
  | { readonly do: 'lock'; readonly file: string; readonly mode: LockMode }
  | { readonly do: 'unlock' | 'release-nowrite' | 'set-nowrite' | 'check-errors' | 'flush-times' | 'write-inode-now' | 'sync-writes'; readonly file: string }
  | { readonly do: 'mmap-lock' | 'mmap-unlock' | 'finish' | 'reap' | 'die' | 'forget-error' }
  | { readonly do: 'fork'; readonly child: string }
  | { readonly do: 'position-lock' | 'position-unlock' | 'position-advance'; readonly open: number }
  // Requests and attributes.
  | { readonly do: 'ask'; readonly ask: Ask; readonly keep?: true }
  | { readonly do: 'lookup'; readonly file: string; readonly create: boolean }
  | { readonly do: 'looked-up'; readonly file: string; readonly create: boolean }
  | { readonly do: 'refresh'; readonly file: string; readonly bits: number; readonly stat?: true }
  | { readonly do: 'refreshed'; readonly file: string; readonly version: number; readonly stat?: true }
  | { readonly do: 'set-size'; readonly file: string; readonly bytes: number; readonly open?: number }
  | { readonly do: 'size-set'; readonly file: string; readonly version: number; readonly old: number }
  | { readonly do: 'stable-size'; readonly file: string }
  /** fuse_truncate_update_attr(). */
  | { readonly do: 'size-known'; readonly file: string; readonly bytes: number }
  | { readonly do: 'value'; readonly value: number }
  | { readonly do: 'fail'; readonly errno: string; readonly why?: string }
  | { readonly do: 'raise'; readonly signal: string; readonly why: string }
  | { readonly do: 'undecided'; readonly why: string }
  | { readonly do: 'rule'; readonly rule: string }
  // Pages.
  | { readonly do: 'invalidate'; readonly file: string; readonly from: number; readonly to: number }
  | { readonly do: 'laundered'; readonly file: string; readonly page: number }
  | { readonly do: 'truncate-pages'; readonly file: string; readonly bytes: number }
  | { readonly do: 'drop-range'; readonly file: string; readonly at: number; readonly end: number }
  | { readonly do: 'write-out' | 'wait-writeback'; readonly file: string; readonly at: number; readonly end: number }
  | { readonly do: 'read-page'; readonly file: string; readonly open: number; readonly page: number; readonly ahead: boolean; readonly fault?: 'user' | 'kernel' }
  | { readonly do: 'page-read'; readonly file: string; readonly page: number; readonly version: number; readonly ahead: boolean; readonly fault?: 'user' | 'kernel' }
  // Open and close.
  | { readonly do: 'open'; readonly file: string; readonly handle: string; readonly flags: readonly string[] }
  | { readonly do: 'open-known'; readonly file: string; readonly handle: string; readonly flags: readonly string[] }
  | { readonly do: 'opened'; readonly file: string; readonly handle: string; readonly flags: readonly string[] }
  | { readonly do: 'io-open'; readonly open: number; readonly backing?: string | number }
  | { readonly do: 'enter-caching' | 'open-drop'; readonly open: number }
  | { readonly do: 'name-handle'; readonly open: number; readonly handle: string }
  | { readonly do: 'put' | 'release-file'; readonly open: number }
  | { readonly do: 'flush'; readonly open: number }
  // Reading and writing.
  | { readonly do: 'direct-write' | 'direct-locked' | 'direct-unlock' | 'direct-write-end' | 'direct-io' | 'direct-flush-wait' | 'direct-chunk' | 'direct-answer' | 'direct-read-end' | 'aio-end' | 'aio-wait' | 'io-result' }
  | { readonly do: 'faultin'; readonly mapping: number; readonly at: number; readonly bytes: number; readonly write: boolean; readonly free: boolean }
  | { readonly do: 'cached-read' | 'cached-copy' | 'cached-read-direct' | 'cached-write' | 'cached-locked' | 'write-through' | 'write-through-answer' | 'write-through-end' | 'write-back' | 'cached-direct-end' | 'generic-sync' }
  | { readonly do: 'passthrough-read' | 'passthrough-write' }
  // Memory.
  | { readonly do: 'map'; readonly open: number; readonly name: string; readonly at: number; readonly bytes: number; readonly prot: readonly string[]; readonly shared: boolean }
  | { readonly do: 'mapped'; readonly open: number; readonly name: string; readonly at: number; readonly bytes: number; readonly prot: readonly string[]; readonly shared: boolean }
  | { readonly do: 'enter-mapped'; readonly open: number }
  | { readonly do: 'unmap'; readonly mapping: number; readonly from: number; readonly to: number }
  | { readonly do: 'touch'; readonly mapping: number; readonly at: number; readonly end: number; readonly fill?: number; readonly kernel?: true; readonly collect?: true }
  | { readonly do: 'will-need'; readonly mapping: number; readonly next: number }
  | { readonly do: 'read-many'; readonly file: string; readonly open: number; readonly page: number; readonly pages: number; readonly version: number }
  // The rest of the inode's calls.
  | { readonly do: 'fsync'; readonly open: number; readonly datasync: boolean }
  | { readonly do: 'check-file-error'; readonly open: number }
  | { readonly do: 'fallocated'; readonly file: string; readonly at: number; readonly bytes: number; readonly mode: readonly string[] }
  | { readonly do: 'seek'; readonly open: number; readonly at: number; readonly whence: 'END' | 'DATA' | 'HOLE' }
  | { readonly do: 'sought'; readonly open: number; readonly add: number }
  | { readonly do: 'copied'; readonly file: string; readonly at: number }
  | { readonly do: 'splice-chunk' }
  | { readonly do: 'spliced' }
);

export type OpKind = Op['do'];
