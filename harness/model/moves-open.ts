import { without } from './completions.ts';
import { enterCaching, fopen, modeInWords, mustWaitForCaching, releaseMode, startUncached } from './io-mode.ts';
import { fail, hasPassthrough, inodeOf, negotiated, newId, openOf, processOf, push, wait, writebackCache, type Handlers, type Machine } from './machine.ts';
import type { Op } from './ops.ts';
import { releaseFile } from './put-file.ts';
import type { OpenFile, Thread } from './state.ts';

type Kind = 'open' | 'open-known' | 'opened' | 'io-open' | 'enter-caching' | 'enter-mapped' | 'open-drop' | 'name-handle' | 'put' | 'release-file' | 'flush';

const allPages = { from: 0, to: Number.MAX_SAFE_INTEGER } as const;

/** Open and close. */
export const openMoves: Handlers<Kind> = {
  open: (_m, t, { file, handle, flags }) => push(t, { do: 'lookup', file, create: flags.includes('CREAT') }, { do: 'open-known', file, handle, flags }),
  /** fuse_open() and fuse_create_open(). */
  'open-known': (m, t, { file, handle, flags }) => {
    const inode = inodeOf(m, file);
    if (inode.known && flags.includes('CREAT') && flags.includes('EXCL')) return fail(t, 'EEXIST');
    const opened: Op = { do: 'opened', file, handle, flags };
    if (!inode.known) return push(t, { do: 'ask', ask: { opcode: 'CREATE', file } }, opened);
    if (inode.directory) {
      if (writes(flags)) return fail(t, 'EISDIR');
      return push(t, { do: 'ask', ask: { opcode: 'OPENDIR', file } }, opened);
    }
    if (m.s.noOpen) {
      t.reply = { error: 'ENOSYS' };
      return push(t, opened);
    }
    const atomic = flags.includes('TRUNC') && negotiated(m, 'ATOMIC_O_TRUNC');
    const ask: Op = { do: 'ask', ask: { opcode: 'OPEN', file, ...(atomic ? { size: 0 } : {}) }, keep: true };
    if (!atomic || !writebackCache(m)) return push(t, ask, opened);
    return push(
      t, { do: 'lock', file, mode: 'exclusive' }, { do: 'set-nowrite', file }, ask, opened,
      { do: 'release-nowrite', file, always: true }, { do: 'unlock', file, always: true },
    );
  },
  opened: (m, t, { file, handle, flags }) => {
    const inode = inodeOf(m, file);
    const reply = t.reply ?? {};
    if (reply.error !== undefined && reply.error !== 'ENOSYS') return fail(t, reply.error, `its OPEN was answered ${reply.error}`);
    if (!inode.known) Object.assign(inode, { known: true, size: reply.size ?? 0, stale: 0 });
    const noOpen = reply.error === 'ENOSYS';
    if (noOpen) m.s.noOpen = true;
    const open: OpenFile = {
      id: newId(m), file, directory: inode.directory, handle: reply.handle, fopen: noOpen ? fopen.keepCache : reply.fopen ?? 0, flags: [...flags],
      refs: 0, io: 0, mode: 'none', passthrough: undefined, counts: !noOpen || m.s.generation.noOpenCounts, position: 0, positionHolder: undefined,
      released: false, seenError: inode.wbError.seq,
    };
    m.s.opens[open.id] = open;
    const named: Op = { do: 'name-handle', open: open.id, handle };
    if (inode.directory) return push(t, named);
    return push(
      t, { do: 'io-open', open: open.id, ...(reply.backing === undefined ? {} : { backing: reply.backing }) }, ...afterOpen(m, open), named,
      { do: 'open-drop', open: open.id, always: true },
    );
  },
  /** fuse_file_io_open() (fs/fuse/iomode.c): section 2 of docs/io-modes.md. Every refusal is EIO. */
  'io-open': (m, t, { open: id, backing }) => {
    const open = openOf(m, id);
    const inode = inodeOf(m, open.file);
    const { generation } = m.s;
    if (!open.counts) return true;
    const direct = (open.fopen & fopen.direct) !== 0;
    const bit7 = (open.fopen & fopen.bit7) !== 0;
    if (generation.rawBit7 === 'cache-io') {
      const cached = bit7 || (!direct && (generation.directOpenCounted || !open.flags.includes('DIRECT')));
      return cached ? push(t, { do: 'enter-caching', open: id }) : true;
    }
    if (inode.backing !== undefined && !bit7) return fail(t, 'EIO', `the inode is in passthrough mode (${inode.backing}) and this open is not`);
    if (!direct && generation.parallelAloneCleared) open.fopen &= ~fopen.parallel;
    if (bit7) return openPassthrough(m, t, { open, backing });
    return direct ? true : push(t, { do: 'enter-caching', open: id });
  },
  'enter-caching': (m, t, { open }) => enter(m, t, openOf(m, open), 'EIO'),
  'enter-mapped': (m, t, { open }) => enter(m, t, openOf(m, open), 'ETXTBSY'),
  /** fuse_sync_release() of a refused open: the RELEASE is waited for. */
  'open-drop': (m, t, { open: id }) => {
    const open = openOf(m, id);
    if (t.error === undefined || open.refs > 0) return true;
    const inode = inodeOf(m, open.file);
    inode.writers = inode.writers.filter((one) => one !== id);
    releaseMode(inode, open);
    m.s.opens = without(m.s.opens, id);
    const { file, handle } = open;
    return handle === undefined ? true : push(t, { do: 'ask', ask: { opcode: 'RELEASE', file, handle }, keep: true, always: true });
  },
  'name-handle': (m, t, { open, handle }) => {
    const process = processOf(m, t);
    const old = process.handles[handle];
    if (old !== undefined) process.lost.push(old);
    process.handles[handle] = open;
    openOf(m, open).refs++;
    return true;
  },
  put: (m, t, { open }) => {
    const file = openOf(m, open);
    file.refs--;
    return file.refs > 0 ? true : push(t, { do: 'release-file', open, always: true });
  },
  /** fuse_release(). */
  'release-file': (m, t, { open: id }) => {
    const open = openOf(m, id);
    if (writebackCache(m) && !open.directory && inodeOf(m, open.file).timesDirty) {
      return push(t, { do: 'write-inode-now', file: open.file }, { do: 'release-file', open: id, always: true });
    }
    releaseFile(m, id, t.worker ? undefined : t.name);
    return true;
  },
  /** fuse_flush(), of every close of a descriptor. */
  flush: (m, t, { open: id }) => {
    const open = openOf(m, id);
    const { file } = open;
    if (open.directory || ((open.fopen & fopen.noFlush) !== 0 && !writebackCache(m))) return true;
    const locked: readonly Op[] = m.s.generation.closeTakesLock
      ? [{ do: 'lock', file, mode: 'exclusive' }, { do: 'sync-writes', file }, { do: 'unlock', file, always: true }] : [];
    return push(t, { do: 'write-inode-now', file }, ...locked, { do: 'check-errors', file }, { do: 'ask', ask: { opcode: 'FLUSH', file, open: id } });
  },
};

export function writes(flags: readonly string[]): boolean {
  return flags.includes('RDWR') || flags.includes('WRONLY');
}

/** What fuse_open() does when the modes agreed, and the VFS after it (handle_truncate()). */
function afterOpen(m: Machine, open: OpenFile): readonly Op[] {
  const { file } = open;
  const inode = inodeOf(m, file);
  const truncates = open.flags.includes('TRUNC');
  const atomic = truncates && negotiated(m, 'ATOMIC_O_TRUNC');
  if (writes(open.flags) && writebackCache(m)) inode.writers.push(open.id);
  const drop: readonly Op[] = (open.fopen & fopen.keepCache) === 0 ? [{ do: 'invalidate', file, ...allPages }] : [];
  if (atomic) return [{ do: 'size-known', file, bytes: 0 }, { do: 'truncate-pages', file, bytes: 0 }];
  if (!truncates) return drop;
  return [...drop, { do: 'lock', file, mode: 'exclusive' }, { do: 'set-size', file, bytes: 0 }, { do: 'unlock', file, always: true }];
}

function openPassthrough(m: Machine, t: Thread, given: { readonly open: OpenFile; readonly backing: string | number | undefined }): boolean {
  const { open, backing } = given;
  if (!hasPassthrough(m)) return fail(t, 'EIO', 'FOPEN_PASSTHROUGH was not negotiated');
  const allowed = fopen.bit7 | fopen.direct | fopen.parallel | fopen.noFlush;
  if ((open.fopen & ~allowed) !== 0) return fail(t, 'EIO', 'FOPEN_PASSTHROUGH came with a flag that it excludes');
  const found = Object.entries(m.s.server.backings).find(([name, entry]) => entry.registered && (name === backing || entry.id === backing));
  if (!found) return fail(t, 'EIO', 'there is no such backing id');
  const inode = inodeOf(m, open.file);
  const error = startUncached(inode, found[0]);
  if (error === 'ETXTBSY') return fail(t, 'EIO', `passthrough beside ${modeInWords(inode)}`);
  if (error === 'EBUSY') return fail(t, 'EIO', `the inode has another backing file, ${inode.backing ?? ''}`);
  if (inode.counter === -1) inode.since = m.step;
  open.mode = 'uncached';
  open.passthrough = found[0];
  return true;
}

/** fuse_file_cached_io_open(). A right kernel also wakes its waiters when a passthrough open comes (K2). */
function enter(m: Machine, t: Thread, open: OpenFile, busy: 'EIO' | 'ETXTBSY'): boolean {
  if (!open.counts) return true;
  const inode = inodeOf(m, open.file);
  if (mustWaitForCaching(inode)) {
    if (!inode.waiters.includes(t.name)) inode.waiters.push(t.name);
    return wait(t, `it enters caching mode and waits for ${-inode.counter} parallel direct writes in flight`, {
      place: 'io-mode', killable: m.s.generation.waitKillable,
    });
  }
  inode.waiters = inode.waiters.filter((name) => name !== t.name);
  const entered = inode.counter === 0;
  if (enterCaching(inode, open) === undefined) {
    if (entered) inode.since = m.step;
    return true;
  }
  return fail(t, busy, `the inode is in passthrough mode (${inode.backing ?? ''})`);
}
