import { completeAio } from './completions.ts';
import { cacheBit, endUncached, fopen, modeInWords, startUncached } from './io-mode.ts';
import { cachedPages, fail, inodeOf, inWriteback, negotiated, openOf, pageOf, push, updateAfterWrite, wait, type Handlers, type Machine } from './machine.ts';
import { dropLock } from './moves-locks.ts';
import type { Op } from './ops.ts';
import { send } from './requests.ts';
import { joined, lengthOf, sliced } from './runs.ts';
import { pageBytes, type Aio, type Inode, type Io, type OpenFile, type Thread } from './state.ts';

type Kind = 'direct-write' | 'direct-locked' | 'direct-unlock' | 'direct-write-end' | 'direct-io' | 'direct-flush-wait' | 'direct-chunk' | 'direct-answer'
  | 'direct-read-end' | 'aio-end' | 'aio-wait';

export function ioOf(t: Thread): Io {
  if (!t.io) throw new Error(`${t.name} moves no bytes`);
  return t.io;
}

/** Direct io of files with FOPEN_DIRECT_IO, and fuse_direct_io() for all (fs/fuse/file.c, 6.12.107). */
export const directMoves: Handlers<Kind> = {
  /** fuse_dio_lock(): section 4 of docs/io-modes.md, in the order of the code. */
  'direct-write': (m, t) => {
    const io = ioOf(t);
    const inode = inodeOf(m, io.file);
    const why = whyExclusive({ io, inode, open: openOf(m, io.open) });
    io.exclusive = why !== undefined;
    t.rule = why === undefined ? 'shared: a parallel direct write inside the file' : `exclusive: ${why}`;
    return push(
      t, { do: 'lock', file: io.file, mode: io.exclusive ? 'exclusive' : 'shared' }, { do: 'direct-locked' }, { do: 'direct-unlock', always: true },
    );
  },
  'direct-locked': (m, t) => {
    const io = ioOf(t);
    const inode = inodeOf(m, io.file);
    if (io.exclusive === false) {
      const past = io.at + io.bytes > inode.size;
      if (past || startUncached(inode) !== undefined) {
        t.rule = `exclusive: ${past ? 'it ends past the end of the file' : modeInWords(inode)}`;
        io.exclusive = true;
        return push(t, { do: 'unlock', file: io.file }, { do: 'lock', file: io.file, mode: 'exclusive' }, { do: 'direct-locked' });
      }
      io.counted = true;
    }
    if (io.append) io.at = inode.size;
    return io.bytes === 0 ? true : push(t, { do: 'direct-io' }, { do: 'direct-write-end', always: true });
  },
  'direct-write-end': (m, t) => {
    const io = ioOf(t);
    const inode = inodeOf(m, io.file);
    updateAfterWrite(m, inode, io.at + io.done, io.done);
    const submission = asyncIo(m, io) && m.s.generation.asyncInvalidate === 'submission';
    const again = m.s.generation.invalidateAfterWrite && (submission || (io.done > 0 && !asyncIo(m, io)));
    return again && t.error === undefined ? push(t, { do: 'invalidate', file: io.file, from: pageOf(io.at), to: pageOf(io.at + io.bytes - 1) }) : true;
  },
  'direct-unlock': (m, t) => {
    const io = ioOf(t);
    const inode = inodeOf(m, io.file);
    const aio = aioOf(m, io);
    if (io.counted && aio && !aio.result && asyncIo(m, io)) aio.counted = true;
    else if (io.counted) endUncached(inode);
    io.counted = false;
    dropLock(inode, t.name);
    return true;
  },
  /** fuse_direct_io(): flush, wait, invalidate, then request after request. */
  'direct-io': (m, t) => {
    const io = ioOf(t);
    const aio = aioOf(m, io);
    const inode = inodeOf(m, io.file);
    if (io.bytes === 0) return true;
    if (aio && !io.write && usesDirectIO(m, io)) {
      if (io.at >= inode.size) return true;
      if (negotiated(m, 'ASYNC_DIO')) {
        const most = m.s.maxPages * pageBytes;
        io.bytes = Math.min(io.bytes, Math.ceil((inode.size - io.at) / most) * most);
      }
    }
    const end = io.at + io.bytes;
    const direct = (openOf(m, io.open).fopen & fopen.direct) !== 0;
    const flushes = direct && (m.s.generation.flushWithoutAllowMmap || negotiated(m, 'DIRECT_IO_ALLOW_MMAP'));
    const { file } = io;
    const flush: readonly Op[] = flushes
      ? [{ do: 'write-out', file, at: io.at, end }, { do: 'wait-writeback', file, at: io.at, end }, { do: 'check-errors', file }] : [];
    const drop: readonly Op[] = direct && io.write ? [{ do: 'invalidate', file, from: pageOf(io.at), to: pageOf(end - 1) }] : [];
    return push(t, ...flush, { do: 'direct-flush-wait' }, ...drop, { do: 'direct-chunk' }, ...(io.write ? [] : [{ do: 'direct-read-end', always: true } as const]));
  },
  /** fuse_range_is_writeback() (filemap_range_has_writeback() in 7.3) and fuse_sync_writes(), a read under the inode lock. */
  'direct-flush-wait': (m, t) => {
    const io = ioOf(t);
    const { file } = io;
    const first = pageOf(io.at);
    const final = pageOf(io.at + io.bytes - 1);
    const inode = inodeOf(m, file);
    const busy = m.s.generation.lockedPagesCount
      && cachedPages(inode, first, final).some((page) => inode.pages[page]?.dirty === true || inode.pages[page]?.locked !== undefined);
    if (!busy && !inWriteback(m, file, first, final)) return true;
    if (io.write) return push(t, { do: 'sync-writes', file });
    return push(t, { do: 'lock', file, mode: 'exclusive' }, { do: 'sync-writes', file }, { do: 'unlock', file, always: true });
  },
  'direct-chunk': (m, t) => {
    const io = ioOf(t);
    const aio = aioOf(m, io);
    if (aio && asyncIo(m, io)) {
      sendAll(m, t, { io, aio });
      const grows = io.write && io.at + io.bytes > inodeOf(m, io.file).size;
      return grows ? push(t, { do: 'aio-wait' }) : true;
    }
    const bytes = chunkBytes(m, io);
    if (bytes <= 0) return true;
    const at = io.at + io.done;
    const faultin: readonly Op[] = io.buffer === undefined
      ? [] : [{ do: 'faultin', mapping: io.buffer, at: io.done, bytes, write: !io.write, free: io.counted === true }];
    return push(
      t, ...faultin,
      {
        do: 'ask', keep: true,
        ask: { opcode: io.write ? 'WRITE' : 'READ', file: io.file, open: io.open, at, bytes, ...(io.write ? { data: sliced(io.data, io.done, bytes) } : {}) },
      },
      { do: 'direct-answer' },
    );
  },
  'direct-answer': (m, t) => {
    const io = ioOf(t);
    const asked = chunkBytes(m, io);
    const { error, bytes, data = [] } = t.reply ?? {};
    if (error !== undefined) return fail(t, error, `its request was answered ${error}`);
    const moved = io.write ? bytes ?? 0 : lengthOf(data);
    io.done += moved;
    if (!io.write) io.data = joined(io.data, data);
    return moved === asked && io.done < io.bytes ? push(t, { do: 'direct-chunk' }) : true;
  },
  'direct-read-end': (m, t) => {
    inodeOf(m, ioOf(t).file).stale |= 1;
    return true;
  },
  /** An extending asynchronous write is waited for (fuse_direct_IO()). */
  'aio-wait': (m, t) => {
    const io = ioOf(t);
    const result = aioOf(m, io)?.result;
    if (!result) return wait(t, 'it extends the file, so its submission waits for the answers');
    if ('errno' in result) return fail(t, result.errno);
    io.done = result.value;
    return true;
  },
  'aio-end': (m, t) => {
    const io = ioOf(t);
    const aio = aioOf(m, io);
    if (aio && !aio.submitted) {
      if (t.error === undefined || io.done > 0) aio.bytes = io.done;
      else aio.error = t.error;
      aio.submitted = true;
      completeAio(m, aio);
    }
    t.error = undefined;
    t.value = 1;
    return true;
  },
};

/** fuse_dio_wr_exclusive_lock(): why a write runs alone; undefined where it is shared. */
function whyExclusive(given: { readonly io: Io; readonly inode: Inode; readonly open: OpenFile }): string | undefined {
  const { io, inode, open } = given;
  if ((open.fopen & fopen.parallel) === 0) return 'its file was not opened with PARALLEL_DIRECT_WRITES';
  if (io.append) return 'it appends';
  if (cacheBit(inode)) return modeInWords(inode);
  return io.at + io.bytes > inode.size ? `it ends past the end of the file (${inode.size})` : undefined;
}

export function aioOf(m: Machine, io: Io): Aio | undefined {
  return m.s.aios.find((aio) => aio.id === io.aio);
}

/** An asynchronous kiocb that fuse_direct_IO() gets; 6.12 asks for O_DIRECT. */
function usesDirectIO(m: Machine, io: Io): boolean {
  return io.aio !== undefined && (!m.s.generation.asyncNeedsODirect || io.direct);
}

function asyncIo(m: Machine, io: Io): boolean {
  return usesDirectIO(m, io) && negotiated(m, 'ASYNC_DIO');
}

/** fc->max_write for writes, and fc->max_pages for both; fc->max_read is without limit in the stage. */
function chunkBytes(m: Machine, io: Io): number {
  const most = Math.min(m.s.maxPages * pageBytes, io.write ? m.s.maxWrite : Infinity);
  return Math.min(io.bytes - io.done, most);
}

/** fuse_async_req_send(): all of its requests at once. */
function sendAll(m: Machine, t: Thread, given: { readonly io: Io; readonly aio: Aio }): void {
  const { io, aio } = given;
  while (io.done < io.bytes) {
    const bytes = chunkBytes(m, io);
    const at = io.at + io.done;
    aio.left++;
    aio.bytes += bytes;
    send(m, {
      ask: { opcode: io.write ? 'WRITE' : 'READ', file: io.file, open: io.open, at, bytes, ...(io.write ? { data: sliced(io.data, io.done, bytes) } : {}) },
      by: t.worker ? undefined : t.name, end: { kind: 'aio', id: aio.id }, ...(t.call === undefined ? {} : { call: t.call.seq }),
    });
    io.done += bytes;
  }
  aio.submitted = true;
  io.done = 0;
  completeAio(m, aio);
}
