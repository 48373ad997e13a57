import type { Op, OpKind } from './ops.ts';
import type { PredictedRequest } from './prediction.ts';
import type { Inode, Mapping, ModelState, OpenFile, Page, Process, Thread, Wait } from './state.ts';
import { filled } from './runs.ts';
import { pageBytes } from './state.ts';

/** A state that is being moved, and what its step has sent so far. */
export interface Machine {
  readonly s: ModelState;
  readonly sent: PredictedRequest[];
  /** The step that is played. */
  readonly step: number;
}

/** Makes one move. False: it must wait (wait() has said for what) and is tried again; it must not have pushed anything then. */
export type Handlers<K extends OpKind = OpKind> = { readonly [Kind in K]: (m: Machine, t: Thread, op: Op & { readonly do: Kind }) => boolean };

export function inodeOf(m: Machine, file: string): Inode {
  const inode = m.s.inodes[file];
  if (!inode) throw new Error(`the scene has no file ${file}`);
  return inode;
}

export function openOf(m: Machine, id: number): OpenFile {
  const open = m.s.opens[id];
  if (!open) throw new Error(`the model lost open file ${id}`);
  return open;
}

export function threadOf(m: Machine, name: string): Thread {
  const thread = m.s.threads[name];
  if (!thread) throw new Error(`the scene has no actor ${name}`);
  return thread;
}

export function processOf(m: Machine, t: Thread): Process {
  const process = m.s.processes[t.process];
  if (!process) throw new Error(`the scene has no process ${t.process}`);
  return process;
}

export function mappingOf(m: Machine, id: number): Mapping {
  const mapping = m.s.mappings[id];
  if (!mapping) throw new Error(`the model lost mapping ${id}`);
  return mapping;
}

/** Puts moves in front of what the thread has still to do. */
export function push(t: Thread, ...ops: readonly Op[]): true {
  t.todo.unshift(...ops);
  return true;
}

export function wait(t: Thread, why: string, more: Partial<Wait> = {}): false {
  t.wait = { killable: false, ...more, why };
  t.why = why;
  return false;
}

/** The call fails; what must be undone on the way out still is. */
export function fail(t: Thread, errno: string, why?: string): true {
  t.error ??= errno;
  if (why !== undefined) t.why = why;
  return true;
}

export function newId(m: Machine): number {
  return m.s.nextId++;
}

export function negotiated(m: Machine, flag: string): boolean {
  return m.s.init.includes(flag);
}

/** FILESYSTEM_MAX_STACK_DEPTH (include/linux/fs.h). */
const mostStackDepth = 2;

/** fc->passthrough: process_init_reply() refuses it beside writeback cache since 6.10.10, and with a stack depth that is out of bounds. */
export function hasPassthrough(m: Machine): boolean {
  const excluded = m.s.generation.passthroughExcludesWriteback && negotiated(m, 'WRITEBACK_CACHE');
  const depth = m.s.stackDepth;
  return m.s.generation.rawBit7 === 'passthrough' && negotiated(m, 'PASSTHROUGH') && !excluded && depth >= 1 && depth <= mostStackDepth;
}

export const writebackCache = (m: Machine): boolean => negotiated(m, 'WRITEBACK_CACHE');

export function pageOf(at: number): number {
  return Math.floor(at / pageBytes);
}

/** The indices of the pages that are cached from `from` to `to`, in order. */
export function cachedPages(inode: Inode, from: number, to: number): number[] {
  return Object.keys(inode.pages).map(Number).filter((page) => page >= from && page <= to).sort((a, b) => a - b);
}

export function addPage(inode: Inode, page: number, locked: string | undefined): Page {
  const made: Page = { bytes: filled(0, pageBytes), uptodate: false, dirty: false, locked, mapped: [] };
  inode.pages[page] = made;
  return made;
}

/** A write-back of this page is on its way (fuse_page_is_writeback(), or the folio's flag). */
export function inWriteback(m: Machine, file: string, from: number, to = from): boolean {
  return m.s.writebacks.some((entry) => entry.file === file && entry.page <= to && entry.page + entry.pages > from);
}

/** fuse_write_update_attr(). */
export function updateAfterWrite(m: Machine, inode: Inode, end: number, written: number): void {
  inode.attrVersion = ++m.s.attrVersion;
  if (written > 0 && end > inode.size) inode.size = end;
  inode.stale |= 2 | 4 | 8;
}
