import { putIo } from './put-file.ts';
import { inodeOf, openOf, type Machine } from './machine.ts';
import { endUncached } from './io-mode.ts';
import { lengthOf, resized, sliced } from './runs.ts';
import { sendQueued } from './writeback.ts';
import { pageBytes, type Aio, type Reply, type ServerRequest } from './state.ts';

/** What an answer does in the kernel at once, before any thread runs (fuse_request_end()). */
export function finishRequest(m: Machine, request: ServerRequest, reply: Reply): void {
  const { end } = request;
  switch (end.kind) {
    case 'thread':
      m.s.replies[request.id] = reply;
      break;
    case 'nothing':
      break;
    case 'writeback':
      endWriteback(m, end.id, reply);
      break;
    case 'ahead':
      endAhead(m, request, reply);
      break;
    case 'aio': {
      const aio = m.s.aios.find((entry) => entry.id === end.id);
      if (aio) endAioRequest(m, { aio, request, reply });
      break;
    }
  }
}

/** fuse_writepage_end() (6.12). */
function endWriteback(m: Machine, id: number, reply: Reply): void {
  const entry = m.s.writebacks.find((one) => one.id === id);
  if (!entry) return;
  const inode = inodeOf(m, entry.file);
  m.s.writebacks = m.s.writebacks.filter((one) => one !== entry);
  if (reply.error !== undefined) {
    inode.asError = reply.error === 'ENOSPC' ? 'ENOSPC' : 'EIO';
    inode.wbError = { seq: inode.wbError.seq + 1, errno: reply.error };
  }
  if (!m.s.init.includes('WRITEBACK_CACHE')) inode.stale |= 2 | 4;
  putIo(m, entry.open);
  sendQueued(m, inode);
}

/** fuse_short_read(): the server's file ends here, so the kernel's does. */
export function shortRead(m: Machine, file: string, given: { readonly end: number; readonly version: number }): void {
  const inode = inodeOf(m, file);
  if (m.s.init.includes('WRITEBACK_CACHE')) return;
  if (given.version < inode.attrVersion || given.end >= inode.size || inode.sizeUnstable) return;
  inode.attrVersion = ++m.s.attrVersion;
  inode.size = given.end;
}

/** fuse_readpages_end() of a READ that nobody waits for but through the page lock. */
function endAhead(m: Machine, request: ServerRequest, reply: Reply): void {
  if (request.end.kind !== 'ahead' || request.file === undefined) return;
  const inode = inodeOf(m, request.file);
  const { page: first, version, open } = request.end;
  const count = Math.ceil((request.bytes ?? pageBytes) / pageBytes);
  const data = reply.data ?? [];
  if (reply.error === undefined && lengthOf(data) < count * pageBytes) {
    shortRead(m, request.file, { end: first * pageBytes + lengthOf(data), version });
  }
  fillPages(m, request.file, { first, count, reply });
  inode.stale |= 1;
  putIo(m, open);
}

/** Puts a READ's bytes into its pages, zeros behind them, and unlocks. A failed one leaves them not uptodate. */
export function fillPages(m: Machine, file: string, given: { readonly first: number; readonly count: number; readonly reply: Reply }): void {
  const inode = inodeOf(m, file);
  const data = resized(given.reply.data ?? [], given.count * pageBytes);
  for (let index = 0; index < given.count; index++) {
    const page = inode.pages[given.first + index];
    if (!page) continue;
    page.locked = undefined;
    if (given.reply.error !== undefined) continue;
    page.bytes = sliced(data, index * pageBytes, pageBytes);
    page.uptodate = true;
  }
}

/** fuse_aio_complete_req(). */
function endAioRequest(m: Machine, given: { readonly aio: Aio; readonly request: ServerRequest; readonly reply: Reply }): void {
  const { aio, request, reply } = given;
  const moved = reply.bytes ?? lengthOf(reply.data ?? []);
  if (reply.error !== undefined) aio.error ??= reply.error;
  else if (moved < (request.bytes ?? 0)) {
    const end = (request.at ?? 0) - aio.at + moved;
    aio.shortAt = Math.min(aio.shortAt ?? Infinity, end);
  }
  aio.left--;
  completeAio(m, aio);
}

/** fuse_aio_complete(): when the last request is answered and all were sent, the result is there. */
export function completeAio(m: Machine, aio: Aio): void {
  if (!aio.submitted || aio.left > 0 || aio.result) return;
  const inode = inodeOf(m, aio.file);
  const failed = aio.error ?? (aio.write && aio.shortAt !== undefined ? 'EIO' : undefined);
  const value = aio.shortAt ?? aio.bytes;
  aio.result = failed === undefined ? { value } : { errno: failed };
  if (failed === undefined) inode.attrVersion = ++m.s.attrVersion;
  if (failed === undefined && aio.write && m.s.generation.asyncInvalidate === 'completion') {
    for (const [index, page] of Object.entries(inode.pages)) {
      const start = Number(index) * pageBytes;
      const hit = start < aio.at + value && start + pageBytes > aio.at;
      if (hit && page.locked === undefined && !page.dirty) inode.pages = without(inode.pages, Number(index));
    }
  }
  if (aio.counted) endUncached(inode);
  aio.counted = false;
  putIo(m, openOf(m, aio.open).id);
}

/** A record without one of its keys. */
export function without<T>(record: Record<number, T>, key: number): Record<number, T> {
  return Object.fromEntries(Object.entries(record).filter(([index]) => Number(index) !== key));
}
