import { fillPages, shortRead, without } from './completions.ts';
import { addPage, cachedPages, fail, inodeOf, inWriteback, openOf, pageOf, push, wait, type Handlers, type Machine } from './machine.ts';
import { send } from './requests.ts';
import { filled, lengthOf, overlaid, sliced } from './runs.ts';
import { pageBytes, type Thread } from './state.ts';
import { inodeDirty, sendQueued, writeBack, writesInFlight } from './writeback.ts';

type Kind = 'invalidate' | 'laundered' | 'truncate-pages' | 'drop-range' | 'write-out' | 'wait-writeback' | 'read-page' | 'page-read' | 'read-many'
  | 'set-nowrite' | 'release-nowrite' | 'sync-writes' | 'check-errors' | 'flush-times' | 'write-inode-now';

const everything = Number.MAX_SAFE_INTEGER;

/** The page cache of an inode, and its write-back. */
export const pageMoves: Handlers<Kind> = {
  /** invalidate_inode_pages2_range() (mm/truncate.c): page by page; dirty ones are laundered first. Pages of the range, inclusive. */
  invalidate: (m, t, { file, from, to }) => {
    const inode = inodeOf(m, file);
    for (const index of cachedPages(inode, from, to)) {
      const page = inode.pages[index];
      if (!page) continue;
      if (page.locked !== undefined) return wait(t, `page ${index} of ${file} is locked, a request for it is at the server`);
      if (!m.s.generation.temporaryPages && inWriteback(m, file, index)) return wait(t, `page ${index} of ${file} is under write-back`);
      if (page.dirty) {
        if (inWriteback(m, file, index)) return wait(t, `page ${index} of ${file} is under write-back`);
        page.locked = t.name;
        writeBack(m, t, { inode, pages: [index] });
        return push(t, { do: 'laundered', file, page: index }, { do: 'invalidate', file, from: index + 1, to });
      }
      inode.pages = without(inode.pages, index);
    }
    return true;
  },
  laundered: (m, t, { file, page }) => {
    if (inWriteback(m, file, page)) return wait(t, `dirty page ${page} of ${file} is written back before it is dropped`);
    const inode = inodeOf(m, file);
    inode.pages = without(inode.pages, page);
    return true;
  },
  /** truncate_pagecache(): what lies past the new end goes, private copies too; the rest of the last page is zeroed. */
  'truncate-pages': (m, t, { file, bytes }) => dropRange(m, t, { file, at: bytes, end: everything, whole: true }),
  'drop-range': (m, t, { file, at, end }) => dropRange(m, t, { file, at, end, whole: false }),
  /** filemap_fdatawrite_range() of WB_SYNC_ALL: WRITEs of as many neighbours as fit (fuse_writepages_fill()). */
  'write-out': (m, t, { file, at, end }) => {
    const inode = inodeOf(m, file);
    const dirty = inodeDirty(m, file).filter((page) => page >= pageOf(at) && page <= pageOf(end - 1));
    const busy = dirty.find((page) => inode.pages[page]?.locked !== undefined || inWriteback(m, file, page));
    if (busy !== undefined) return wait(t, `page ${busy} of ${file} is on its way already`);
    const most = Math.min(m.s.maxPages, Math.max(1, Math.floor(m.s.maxWrite / pageBytes)));
    let group: number[] = [];
    for (const page of [...dirty, -1]) {
      if (group.length > 0 && (page !== (group.at(-1) ?? 0) + 1 || group.length === most)) {
        if (!writeBack(m, t, { inode, pages: group })) return fail(t, 'EIO', 'no open file may write back');
        group = [];
      }
      group.push(page);
    }
    return true;
  },
  /** filemap_fdatawait_range(): with temporary pages the folio is not under write-back and nobody waits here. */
  'wait-writeback': (m, t, { file, at, end }) => {
    if (m.s.generation.temporaryPages || !inWriteback(m, file, pageOf(at), pageOf(end - 1))) return true;
    return wait(t, `cached WRITEs of ${file} are not answered`);
  },
  /** fuse_set_nowrite(): no more cached WRITEs, and those at the server must be answered. */
  'set-nowrite': (m, t, { file }) => {
    const inode = inodeOf(m, file);
    if (t.wait?.why !== nowriteWait(file)) inode.nowrite++;
    return writesInFlight(m, inode) ? wait(t, nowriteWait(file)) : true;
  },
  'release-nowrite': (m, _t, { file }) => {
    const inode = inodeOf(m, file);
    if (inode.nowrite > 0) inode.nowrite--;
    sendQueued(m, inode);
    return true;
  },
  'sync-writes': (_m, t, { file }) => push(t, { do: 'set-nowrite', file }, { do: 'release-nowrite', file, always: true }),
  /** filemap_check_errors(). */
  'check-errors': (m, t, { file }) => {
    const inode = inodeOf(m, file);
    const error = inode.asError;
    inode.asError = undefined;
    return error === undefined ? true : fail(t, error, 'an earlier write-back failed');
  },
  /** fuse_write_inode() and fuse_flush_times(): only with writeback cache, where the kernel keeps the times. */
  'flush-times': (m, t, { file }) => {
    const inode = inodeOf(m, file);
    if (!inode.timesDirty) return true;
    inode.timesDirty = false;
    const open = inode.writers.at(-1);
    return push(t, { do: 'ask', ask: { opcode: 'SETATTR', file, ...(open === undefined ? {} : { open }) } });
  },
  'write-inode-now': (m, t, { file }) => {
    if (inodeDirty(m, file).length === 0 && !inodeOf(m, file).timesDirty && (m.s.generation.temporaryPages || !inWriteback(m, file, 0, everything))) return true;
    return push(
      t, { do: 'write-out', file, at: 0, end: everything }, { do: 'wait-writeback', file, at: 0, end: everything }, { do: 'flush-times', file },
    );
  },
  /** fuse_read_folio(), or fuse_readahead() of one page (max_readahead 0: force_page_cache_ra() of one). */
  'read-page': (m, t, { file, open, page, ahead, fault }) => {
    const inode = inodeOf(m, file);
    if (inWriteback(m, file, page)) return wait(t, `page ${page} of ${file} is still being written back`);
    const entry = inode.pages[page] ?? addPage(inode, page, undefined);
    const version = m.s.attrVersion;
    const asked = { opcode: 'READ', file, open, at: page * pageBytes, bytes: pageBytes } as const;
    if (ahead && m.s.init.includes('ASYNC_READ')) {
      entry.locked = 'ahead';
      openOf(m, open).io++;
      send(m, {
        ask: asked, by: t.worker ? undefined : t.name, end: { kind: 'ahead', open, page, version }, ...(t.call === undefined ? {} : { call: t.call.seq }),
      });
      return true;
    }
    entry.locked = t.name;
    return push(t, { do: 'ask', ask: asked, keep: true }, {
      do: 'page-read', file, page, version, ahead, always: true, ...(fault === undefined ? {} : { fault }),
    });
  },
  'page-read': (m, t, { file, page, version, ahead, fault }) => {
    const reply = t.reply ?? {};
    const bytes = lengthOf(reply.data ?? []);
    if (reply.error === undefined && bytes < pageBytes) shortRead(m, file, { end: page * pageBytes + bytes, version });
    fillPages(m, file, { first: page, count: 1, reply });
    inodeOf(m, file).stale |= 1;
    if (reply.error === undefined || ahead) return true;
    if (fault === 'kernel') return fail(t, 'EFAULT', 'the READ of its buffer\'s page failed');
    if (fault === 'user') return push(t, { do: 'raise', signal: 'BUS', why: 'the READ of its page failed' });
    return fail(t, m.s.generation.readErrorIsEio ? 'EIO' : reply.error, 'the READ of its page failed');
  },
  /** A READ of several pages, of madvise(WILLNEED). */
  'read-many': (m, t, { file, page, pages, version }) => {
    const reply = t.reply ?? {};
    const bytes = lengthOf(reply.data ?? []);
    if (reply.error === undefined && bytes < pages * pageBytes) shortRead(m, file, { end: page * pageBytes + bytes, version });
    fillPages(m, file, { first: page, count: pages, reply });
    inodeOf(m, file).stale |= 1;
    return true;
  },
};

const nowriteWait = (file: string): string => `cached WRITEs of ${file} are at the server (fuse_set_nowrite)`;

function dropRange(m: Machine, t: Thread, given: { readonly file: string; readonly at: number; readonly end: number; readonly whole: boolean }): boolean {
  const { file, at, end } = given;
  const inode = inodeOf(m, file);
  for (const index of cachedPages(inode, pageOf(at), pageOf(end - 1))) {
    const page = inode.pages[index];
    if (!page) continue;
    if (page.locked !== undefined && page.locked !== t.name) return wait(t, `page ${index} of ${file} is locked, a request for it is at the server`);
    if (!m.s.generation.temporaryPages && inWriteback(m, file, index)) return wait(t, `page ${index} of ${file} is under write-back`);
    const start = index * pageBytes;
    const from = Math.max(at, start);
    const to = Math.min(end, start + pageBytes);
    if (from === start && to === start + pageBytes) inode.pages = without(inode.pages, index);
    else page.bytes = sliced(overlaid(page.bytes, from - start, filled(0, to - from)), 0, pageBytes);
  }
  if (given.whole) {
    for (const mapping of Object.values(m.s.mappings)) {
      if (mapping.file !== file) continue;
      for (const index of Object.keys(mapping.own).map(Number)) {
        if (index * pageBytes >= at) mapping.own = without(mapping.own, index);
      }
    }
  }
  return true;
}
