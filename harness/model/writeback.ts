import { addPage, inodeOf, newId, openOf, type Machine } from './machine.ts';
import { putIo } from './put-file.ts';
import { send } from './requests.ts';
import { joined, lengthOf, sliced } from './runs.ts';
import { pageBytes, type Inode, type Thread, type Writeback } from './state.ts';

/** Sends pages that were dirty, as one WRITE with FUSE_WRITE_CACHE; false where no open file can carry it (fuse_write_file_get()). */
export function writeBack(m: Machine, t: Thread, given: { readonly inode: Inode; readonly pages: readonly number[] }): boolean {
  const { inode, pages } = given;
  const open = inode.writers.at(-1);
  for (const index of pages) (inode.pages[index] ?? addPage(inode, index, undefined)).dirty = false;
  if (open === undefined) {
    inode.asError = 'EIO';
    inode.wbError = { seq: inode.wbError.seq + 1, errno: 'EIO' };
    return false;
  }
  openOf(m, open).io++;
  m.s.writebacks.push({
    id: newId(m), file: inode.name, page: pages[0] ?? 0, pages: pages.length, open, by: t.name, sent: false,
    data: joined(...pages.map((index) => inode.pages[index]?.bytes ?? [])),
  });
  sendQueued(m, inode);
  return true;
}

/** fuse_flush_writepages(): sends what waits, unless a truncate or fsync is going on. What lies past the end is cut off. */
export function sendQueued(m: Machine, inode: Inode): void {
  for (;;) {
    const next = inode.nowrite > 0 ? undefined : m.s.writebacks.find((entry) => entry.file === inode.name && !entry.sent);
    if (!next) return;
    next.sent = true;
    sendOne(m, inode, next);
  }
}

function sendOne(m: Machine, inode: Inode, entry: Writeback): void {
  const at = entry.page * pageBytes;
  const bytes = Math.min(lengthOf(entry.data), inode.size - at);
  if (bytes <= 0) {
    m.s.writebacks = m.s.writebacks.filter((one) => one !== entry);
    putIo(m, entry.open);
    return;
  }
  const sender = m.s.threads[entry.by];
  send(m, {
    ask: { opcode: 'WRITE', file: inode.name, open: entry.open, at, bytes, data: sliced(entry.data, 0, bytes) },
    by: m.s.generation.namesWriteback && sender?.worker === false ? entry.by : undefined,
    end: { kind: 'writeback', id: entry.id }, cached: true, ...(sender?.call === undefined ? {} : { call: sender.call.seq }),
  });
}

/** WRITEs of dirty pages that are at the server (fi->writectr). */
export function writesInFlight(m: Machine, inode: Inode): boolean {
  return m.s.writebacks.some((entry) => entry.file === inode.name && entry.sent);
}

export function inodeDirty(m: Machine, file: string): number[] {
  const inode = inodeOf(m, file);
  return Object.entries(inode.pages).filter(([, page]) => page.dirty).map(([index]) => Number(index)).sort((a, b) => a - b);
}
