import { without } from './completions.ts';
import { addPage, fail, inodeOf, inWriteback, openOf, pageOf, push, updateAfterWrite, wait, writebackCache, type Handlers, type Machine } from './machine.ts';
import { ioOf } from './moves-direct.ts';
import type { Op } from './ops.ts';
import { joined, lengthOf, overlaid, resized, sliced, type Runs } from './runs.ts';
import { attr, pageBytes, type Io, type Thread } from './state.ts';

type Kind = 'cached-read' | 'cached-copy' | 'cached-read-direct' | 'cached-write' | 'cached-locked' | 'write-through' | 'write-through-answer'
  | 'write-through-end' | 'write-back' | 'cached-direct-end' | 'generic-sync' | 'passthrough-read' | 'passthrough-write' | 'io-result';

/** Reads and writes through the page cache, and those that go to a backing file (fs/fuse/{file,passthrough}.c, 6.12.107). */
export const cachedMoves: Handlers<Kind> = {
  /** fuse_cache_read_iter(): only a read past the known end asks for the size. */
  'cached-read': (m, t) => {
    const io = ioOf(t);
    const asks = m.s.init.includes('AUTO_INVAL_DATA') || io.at + io.bytes > inodeOf(m, io.file).size;
    const size: readonly Op[] = asks ? [{ do: 'refresh', file: io.file, bits: attr.size }] : [];
    return push(t, ...size, io.direct ? { do: 'cached-read-direct' } : { do: 'cached-copy' });
  },
  /** filemap_read(): page by page, since there is no read-ahead. */
  'cached-copy': (m, t) => {
    const io = ioOf(t);
    const inode = inodeOf(m, io.file);
    while (io.done < io.bytes && io.at + io.done < inode.size) {
      const at = io.at + io.done;
      const index = pageOf(at);
      const page = inode.pages[index];
      if (!page) return push(t, { do: 'read-page', file: io.file, open: io.open, page: index, ahead: true }, { do: 'cached-copy' });
      if (!page.uptodate) {
        if (page.locked !== undefined) return wait(t, `page ${index} of ${io.file} is being read`, { killable: true });
        return push(t, { do: 'read-page', file: io.file, open: io.open, page: index, ahead: false }, { do: 'cached-copy' });
      }
      const bytes = Math.min((index + 1) * pageBytes, io.at + io.bytes, inode.size) - at;
      io.data = joined(io.data, sliced(page.bytes, at - index * pageBytes, bytes));
      io.done += bytes;
    }
    if (io.buffer === undefined || io.done === 0) return true;
    return push(t, { do: 'faultin', mapping: io.buffer, at: 0, bytes: io.done, write: true, free: false });
  },
  /** generic_file_read_iter() with IOCB_DIRECT: what a short answer leaves comes from the page cache. */
  'cached-read-direct': (m, t) => {
    const io = ioOf(t);
    const { file } = io;
    const end = io.at + io.bytes;
    if (io.bytes === 0 || io.at >= inodeOf(m, file).size) return true;
    return push(
      t, { do: 'write-out', file, at: io.at, end }, { do: 'wait-writeback', file, at: io.at, end }, { do: 'check-errors', file }, { do: 'direct-io' },
      { do: 'cached-copy' },
    );
  },
  'cached-write': (m, t) => {
    const io = ioOf(t);
    const fresh: readonly Op[] = writebackCache(m) ? [{ do: 'refresh', file: io.file, bits: attr.size | attr.other }] : [];
    t.rule = 'exclusive: cached writes and O_DIRECT writes of cached files always are';
    return push(
      t, ...fresh, { do: 'lock', file: io.file, mode: 'exclusive' }, { do: 'cached-locked' }, { do: 'unlock', file: io.file, always: true }, { do: 'generic-sync' },
    );
  },
  'cached-locked': (m, t) => {
    const io = ioOf(t);
    const { file } = io;
    const inode = inodeOf(m, file);
    if (io.append) io.at = inode.size;
    if (io.bytes === 0) return true;
    const end = io.at + io.bytes;
    if (io.buffer !== undefined && !io.direct && !io.faulted) {
      io.faulted = true;
      return push(t, { do: 'faultin', mapping: io.buffer, at: 0, bytes: io.bytes, write: false, free: false }, { do: 'cached-locked' });
    }
    if (io.direct) {
      return push(
        t, { do: 'write-out', file, at: io.at, end }, { do: 'wait-writeback', file, at: io.at, end }, { do: 'check-errors', file },
        { do: 'invalidate', file, from: pageOf(io.at), to: pageOf(end - 1) }, { do: 'direct-io' }, { do: 'cached-direct-end', always: true },
      );
    }
    if (writebackCache(m)) return push(t, { do: 'write-back' });
    const hole: readonly Op[] = m.s.generation.holesDropPages && io.at > inode.size ? [{ do: 'drop-range', file, at: inode.size, end: io.at }] : [];
    inode.sizeUnstable = inode.size < end;
    return push(t, ...hole, { do: 'write-through' }, { do: 'write-through-end', always: true });
  },
  /** kiocb_invalidate_post_direct_write() and direct_write_fallback(). */
  'cached-direct-end': (m, t) => {
    const io = ioOf(t);
    const inode = inodeOf(m, io.file);
    updateAfterWrite(m, inode, io.at + io.done, io.done);
    // fuse_direct_IO(): what a failed extension may have left at the server is cut off again.
    if (t.error !== undefined && io.write && io.at + io.bytes > inode.size) {
      return push(t, { do: 'ask', ask: { opcode: 'SETATTR', file: io.file, size: inode.size }, always: true });
    }
    if (t.error !== undefined || io.done === 0) return true;
    const rest: readonly Op[] = io.done < io.bytes ? [writebackCache(m) ? { do: 'write-back' } : { do: 'write-through' }, { do: 'write-through-end', always: true }] : [];
    return push(t, { do: 'invalidate', file: io.file, from: pageOf(io.at), to: pageOf(io.at + io.done - 1) }, ...rest);
  },
  /** fuse_fill_write_pages(): up to max_write, and no further than a page that is only in part new. */
  'write-through': (m, t) => {
    const io = ioOf(t);
    const inode = inodeOf(m, io.file);
    const at = io.at + io.done;
    const planned = planBatch(m, io);
    for (let index = planned.first; index < planned.first + planned.pages; index++) {
      if (inode.pages[index]?.locked !== undefined) return wait(t, `page ${index} of ${io.file} is locked`);
      if (inWriteback(m, io.file, index)) return wait(t, `page ${index} of ${io.file} is under write-back`);
    }
    let locked: number | undefined;
    for (let index = planned.first; index < planned.first + planned.pages; index++) {
      const page = inode.pages[index] ?? addPage(inode, index, undefined);
      const from = Math.max(at, index * pageBytes);
      const to = Math.min(at + planned.bytes, (index + 1) * pageBytes);
      page.bytes = resized(overlaid(page.bytes, from - index * pageBytes, sliced(io.data, from - io.at, to - from)), pageBytes);
      page.writtenBy = t.name;
      if (to - from === pageBytes) page.uptodate = true;
      if (!page.uptodate) {
        page.locked = t.name;
        locked = index;
      }
    }
    io.batch = { ...planned, locked };
    return push(
      t, { do: 'ask', keep: true, ask: { opcode: 'WRITE', file: io.file, open: io.open, at, bytes: planned.bytes, data: sliced(io.data, io.done, planned.bytes) } },
      { do: 'write-through-answer' },
    );
  },
  /** fuse_send_write_pages(). A right kernel does not keep what was read in again after the write's own page was dropped (K8). */
  'write-through-answer': (m, t) => {
    const io = ioOf(t);
    const inode = inodeOf(m, io.file);
    const batch = io.batch ?? { first: 0, pages: 0, bytes: 0, locked: undefined };
    const { error, bytes = 0 } = t.reply ?? {};
    const written = error === undefined ? bytes : 0;
    const end = io.at + io.done + written;
    for (let index = batch.first; index < batch.first + batch.pages; index++) {
      const page = inode.pages[index];
      if (!page) continue;
      if (index === batch.locked) page.locked = undefined;
      if (page.writtenBy === t.name) delete page.writtenBy;
      else if (!page.dirty && page.locked === undefined) inode.pages = without(inode.pages, index);
      const whole = end >= Math.min((index + 1) * pageBytes, io.at + io.done + batch.bytes);
      if (m.s.generation.failedWriteDropsPages && (error !== undefined || (written < batch.bytes && !whole))) page.uptodate = false;
    }
    if (error !== undefined) return fail(t, error, `its WRITE was answered ${error}`);
    io.done += written;
    return written === batch.bytes && io.done < io.bytes ? push(t, { do: 'write-through' }) : true;
  },
  'write-through-end': (m, t) => {
    const io = ioOf(t);
    const inode = inodeOf(m, io.file);
    inode.sizeUnstable = false;
    updateAfterWrite(m, inode, io.at + io.done, io.done);
    return true;
  },
  /** generic_perform_write() with fuse_write_begin(), or iomap's of 7.3: a page that is only in part new is read first. */
  'write-back': (m, t) => {
    const io = ioOf(t);
    const inode = inodeOf(m, io.file);
    while (io.done < io.bytes) {
      const at = io.at + io.done;
      const index = pageOf(at);
      const bytes = Math.min((index + 1) * pageBytes, io.at + io.bytes) - at;
      const page = inode.pages[index];
      if (page?.locked !== undefined) return wait(t, `page ${index} of ${io.file} is locked`);
      if (inWriteback(m, io.file, index)) return wait(t, `page ${index} of ${io.file} is under write-back`);
      if (bytes < pageBytes && !page?.uptodate && index * pageBytes < inode.size) {
        return push(t, { do: 'read-page', file: io.file, open: io.open, page: index, ahead: false }, { do: 'write-back' });
      }
      const entry = page ?? addPage(inode, index, undefined);
      entry.bytes = overlaid(entry.bytes, at - index * pageBytes, sliced(io.data, io.done, bytes));
      entry.uptodate = true;
      entry.dirty = true;
      inode.timesDirty = true;
      io.done += bytes;
      inode.size = Math.max(inode.size, at + bytes);
    }
    return true;
  },
  'generic-sync': (_m, t) => {
    const io = ioOf(t);
    return io.dsync && io.done > 0 ? push(t, { do: 'fsync', open: io.open, datasync: true }) : true;
  },
  /** fuse_passthrough_read_iter(): no request. */
  'passthrough-read': (m, t) => {
    const io = ioOf(t);
    const bytes = m.s.server.backings[openOf(m, io.open).passthrough ?? '']?.bytes ?? [];
    io.data = sliced(bytes, io.at, io.bytes);
    io.done = lengthOf(io.data);
    inodeOf(m, io.file).stale |= attr.atime;
    return true;
  },
  /** fuse_passthrough_write_iter(), under the inode lock that its caller pushes. */
  'passthrough-write': (m, t) => {
    const io = ioOf(t);
    const backing = m.s.server.backings[openOf(m, io.open).passthrough ?? ''];
    if (!backing || io.bytes === 0) return true;
    if (io.append) io.at = lengthOf(backing.bytes);
    backing.bytes = overlaid(backing.bytes, io.at, io.data);
    io.done = io.bytes;
    updateAfterWrite(m, inodeOf(m, io.file), io.at + io.done, io.done);
    return true;
  },
  /** What moved counts, an error only where nothing did. */
  'io-result': (m, t) => {
    const io = ioOf(t);
    if (io.done > 0 && !t.killed && t.signal === undefined) t.error = undefined;
    t.value = io.done;
    if (io.write) return true;
    t.seen = io.data;
    if (io.buffer !== undefined) storeInto(m, t, { mapping: io.buffer, data: io.data });
    return true;
  },
};

/** What the next WRITE of a write-through write carries. */
function planBatch(m: Machine, io: Io): { first: number; pages: number; bytes: number } {
  const inode = inodeOf(m, io.file);
  const at = io.at + io.done;
  const left = io.bytes - io.done;
  let bytes = 0;
  let pages = 0;
  while (bytes < Math.min(left, m.s.maxWrite) && pages < m.s.maxPages) {
    const offset = (at + bytes) % pageBytes;
    const part = Math.min(pageBytes - offset, left - bytes, m.s.maxWrite - bytes);
    const uptodate = part === pageBytes || inode.pages[pageOf(at + bytes)]?.uptodate === true;
    bytes += part;
    pages++;
    if (!uptodate || (at + bytes) % pageBytes !== 0) break;
  }
  return { first: pageOf(at), pages, bytes };
}

/** A read into a mapping leaves its pages dirty. */
function storeInto(m: Machine, t: Thread, given: { readonly mapping: number; readonly data: Runs }): void {
  const mapping = m.s.mappings[given.mapping];
  if (!mapping || t.error !== undefined) return;
  const inode = inodeOf(m, mapping.file);
  const bytes = lengthOf(given.data);
  for (let done = 0; done < bytes;) {
    const at = mapping.at + done;
    const index = pageOf(at);
    const part = Math.min((index + 1) * pageBytes - at, bytes - done);
    const own = mapping.own[index];
    const page = inode.pages[index];
    const piece = sliced(given.data, done, part);
    if (own) mapping.own[index] = overlaid(own, at - index * pageBytes, piece);
    else if (page) {
      page.bytes = overlaid(page.bytes, at - index * pageBytes, piece);
      page.dirty = true;
    }
    done += part;
  }
}
