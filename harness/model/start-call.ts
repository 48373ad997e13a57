import type { Call } from '../scenario/types.ts';
import { fopen } from './io-mode.ts';
import { hasPassthrough, newId, openOf, processOf, type Machine } from './machine.ts';
import { exitOps } from './moves-inode.ts';
import { writes } from './moves-open.ts';
import type { Op } from './ops.ts';
import { byteOf, filled, sliced, type Runs } from './runs.ts';
import { attr, pageBytes, type Io, type Mapping, type OpenFile, type Thread } from './state.ts';
import { workerThread } from './worker-thread.ts';

const finish: Op = { do: 'finish', always: true };

/** The moves of a system call. A name that the process has not got is the scene's mistake, and the call is undecided. */
export function opsOf(m: Machine, t: Thread, call: Call): readonly Op[] {
  switch (call.kind) {
    case 'open':
      return [{ do: 'open', file: call.file, handle: call.handle, flags: call.flags }, finish];
    case 'truncate':
      return [
        { do: 'lookup', file: call.file, create: false }, { do: 'lock', file: call.file, mode: 'exclusive' },
        { do: 'set-size', file: call.file, bytes: call.bytes }, { do: 'unlock', file: call.file, always: true }, finish,
      ];
    case 'reap':
      return [{ do: 'reap' }, finish];
    case 'fork':
      return [{ do: 'mmap-lock' }, { do: 'fork', child: call.child }, { do: 'mmap-unlock', always: true }, finish];
    case 'exit':
      for (const other of Object.values(m.s.threads)) if (other.process === t.process && other !== t && !other.worker && other.life === 'alive') other.killed = true;
      t.killed = true;
      return [...(siblings(m, t) ? [finish] : exitOps(m, t))];
    case 'munmap':
    case 'msync':
    case 'mremap':
    case 'mprotect':
    case 'madvise':
    case 'load':
    case 'store': {
      const id = processOf(m, t).mappings[call.mapping];
      const mapping = id === undefined ? undefined : m.s.mappings[id];
      if (mapping) return [...memoryOps(m, mapping, call), finish];
      if (call.kind === 'load' || call.kind === 'store') return [{ do: 'raise', signal: 'SEGV', why: 'nothing is mapped there' }, finish];
      return [{ do: 'undecided', why: `there is no mapping ${call.mapping}` }];
    }
    default: {
      const id = processOf(m, t).handles[call.handle];
      const open = id === undefined ? undefined : m.s.opens[id];
      return open ? [...fileOps(m, t, { open, call }), finish] : [{ do: 'fail', errno: 'EBADF' }, finish];
    }
  }
}

const siblings = (m: Machine, t: Thread): boolean =>
  Object.values(m.s.threads).some((one) => one.process === t.process && one !== t && !one.worker && one.life === 'alive');

type MemoryCall = Extract<Call, { mapping: string }>;
type FileCall = Exclude<Extract<Call, { handle: string }>, { kind: 'open' }>;

function memoryOps(m: Machine, mapping: Mapping, call: Exclude<MemoryCall, { kind: 'mmap' }>): readonly Op[] {
  const { id, file, open } = mapping;
  const length = Math.max(0, ...mapping.ranges.map(([, end]) => end));
  switch (call.kind) {
    case 'load':
      return [{ do: 'touch', mapping: id, at: call.at, end: call.at + call.bytes, collect: true }];
    case 'store':
      return [{ do: 'touch', mapping: id, at: call.at, end: call.at + call.bytes, fill: byteOf(call.fill) }, { do: 'value', value: call.bytes }];
    case 'munmap': {
      const from = call.at ?? 0;
      const to = call.bytes === undefined ? Number.MAX_SAFE_INTEGER : from + Math.ceil(call.bytes / pageBytes) * pageBytes;
      return [{ do: 'mmap-lock' }, { do: 'unmap', mapping: id, from, to }, { do: 'mmap-unlock', always: true }];
    }
    case 'msync':
      // msync(2): only MS_SYNC of a shared mapping does anything (vfs_fsync_range()).
      if (call.flags.some((flag) => flag.includes('ASYNC')) || open === undefined || !mapping.shared || !writes(openOf(m, open).flags)) return [];
      return [{ do: 'fsync', open, datasync: true }];
    case 'mremap': {
      const wanted = Math.ceil(call.bytes / pageBytes) * pageBytes;
      if (wanted <= length) return [{ do: 'mmap-lock' }, ...(wanted < length ? [{ do: 'unmap', mapping: id, from: wanted, to: length } as const] : []), { do: 'mmap-unlock', always: true }];
      mapping.ranges = [...mapping.ranges, [length, wanted]];
      return [{ do: 'mmap-lock' }, { do: 'mmap-unlock', always: true }];
    }
    case 'mprotect': {
      const writable = call.prot.includes('WRITE');
      const allowed = !writable || !mapping.shared || mapping.mayWrite;
      if (allowed) Object.assign(mapping, { writable, readable: call.prot.length > 0 });
      return [{ do: 'mmap-lock' }, ...(allowed ? [] : [{ do: 'fail', errno: 'EACCES' } as const]), { do: 'mmap-unlock', always: true }];
    }
    case 'madvise': {
      const all = { mapping: id, at: 0, end: length } as const;
      if (call.advice === 'WILLNEED') return [{ do: 'will-need', mapping: id, next: Math.floor(mapping.at / pageBytes) }];
      if (call.advice === 'POPULATE_READ') return [{ do: 'touch', ...all, kernel: true }];
      if (call.advice === 'POPULATE_WRITE') return [{ do: 'touch', ...all, kernel: true, fill: -1 }];
      mapping.own = {};
      for (const page of Object.values(m.s.inodes[file]?.pages ?? {})) page.mapped = page.mapped.filter((one) => one !== id);
      return [];
    }
  }
}

function fileOps(m: Machine, t: Thread, given: { readonly open: OpenFile; readonly call: FileCall }): readonly Op[] {
  const { open, call } = given;
  const process = processOf(m, t);
  const { id, file } = open;
  // Whoever is in a call holds the file (fdget()).
  const held = (...ops: readonly Op[]): readonly Op[] => {
    open.refs++;
    return [...ops, { do: 'put', open: id, always: true }];
  };
  switch (call.kind) {
    case 'close':
      process.handles = Object.fromEntries(Object.entries(process.handles).filter(([name]) => name !== call.handle));
      return [{ do: 'flush', open: id }, { do: 'put', open: id, always: true }];
    case 'dup': {
      const old = process.handles[call.copy];
      if (old !== undefined) process.lost.push(old);
      process.handles[call.copy] = id;
      open.refs++;
      return [];
    }
    case 'setfl':
      open.flags = [...open.flags.filter((flag) => !settable.has(flag)), ...call.flags];
      return [];
    case 'fsync':
    case 'fdatasync':
      return held({ do: 'fsync', open: id, datasync: call.kind === 'fdatasync' });
    case 'fstat':
      return held({ do: 'refresh', file, bits: attr.all, stat: true });
    case 'ftruncate':
      if (!writes(open.flags)) return [{ do: 'fail', errno: 'EINVAL' }];
      return held({ do: 'lock', file, mode: 'exclusive' }, { do: 'set-size', file, bytes: call.bytes, open: id }, { do: 'unlock', file, always: true });
    case 'fallocate': {
      const zeroes = call.mode.includes('PUNCH_HOLE') || call.mode.includes('ZERO_RANGE');
      const flush: readonly Op[] = zeroes
        ? [{ do: 'write-out', file, at: call.at, end: Number.MAX_SAFE_INTEGER }, { do: 'wait-writeback', file, at: call.at, end: Number.MAX_SAFE_INTEGER }, { do: 'sync-writes', file }]
        : [];
      if (!writes(open.flags)) return [{ do: 'fail', errno: 'EBADF' }];
      return held(
        { do: 'lock', file, mode: 'exclusive' }, ...flush,
        { do: 'ask', ask: { opcode: 'FALLOCATE', file, open: id, at: call.at, bytes: call.bytes, more: { mode: call.mode.join(' ') } } },
        { do: 'fallocated', file, at: call.at, bytes: call.bytes, mode: call.mode }, { do: 'unlock', file, always: true },
      );
    }
    case 'lseek':
      if ((open.fopen & fopen.unseekable) !== 0) return [{ do: 'fail', errno: 'ESPIPE' }];
      if (call.whence === 'SET' || call.whence === 'CUR') {
        open.position = call.at + (call.whence === 'CUR' ? open.position : 0);
        return [{ do: 'value', value: open.position }];
      }
      return held({ do: 'seek', open: id, at: call.at, whence: call.whence });
    case 'copy':
      return held(...copyOps(m, t, { open, call }));
    case 'mmap': {
      const readable = !open.flags.includes('WRONLY');
      const denied = !readable || (call.share === 'shared' && call.prot.includes('WRITE') && !writes(open.flags));
      if (denied) return [{ do: 'fail', errno: 'EACCES' }];
      const map: Op = { do: 'map', open: id, name: call.mapping, at: call.at, bytes: call.bytes, prot: call.prot, shared: call.share === 'shared' };
      return held({ do: 'mmap-lock' }, map, { do: 'mmap-unlock', always: true });
    }
    case 'sendfile':
    case 'splice': {
      t.io = ioFor({ open, write: false, at: call.at, bytes: call.bytes, data: [], rwf: [] });
      const direct = (open.fopen & fopen.direct) !== 0;
      const own: Op = open.passthrough === undefined || direct ? { do: direct ? 'splice-chunk' : 'cached-copy' } : { do: 'passthrough-read' };
      return held(own, { do: 'io-result', always: true });
    }
    case 'submit':
      return submitOps(m, t, { open, call });
    default: {
      const write = call.kind === 'pwrite' || call.kind === 'write' || call.kind === 'splice-write';
      const atPosition = call.kind === 'read' || call.kind === 'write';
      if (open.directory) return [{ do: 'fail', errno: write ? 'EBADF' : 'EISDIR' }];
      if (write ? !writes(open.flags) : open.flags.includes('WRONLY')) return [{ do: 'fail', errno: 'EBADF' }];
      if (!atPosition && (open.fopen & fopen.unseekable) !== 0) return [{ do: 'fail', errno: 'ESPIPE' }];
      const buffer = bufferOf(m, t, call);
      const data = write ? dataOf(m, buffer, call) : [];
      t.io = ioFor({ open, write, at: 'at' in call ? call.at : open.position, bytes: call.bytes, data, rwf: 'rwf' in call ? call.rwf : [] }, buffer);
      const ops: readonly Op[] = [...ioOps(m, open, write), { do: 'io-result', always: true }];
      if (!atPosition) return held(...ops);
      return held({ do: 'position-lock', open: id }, ...ops, { do: 'position-advance', open: id }, { do: 'position-unlock', open: id, always: true });
    }
  }
}

const settable = new Set(['APPEND', 'DIRECT', 'NONBLOCK']);

/** fuse_file_read_iter() and fuse_file_write_iter(): FOPEN_DIRECT_IO goes before passthrough. */
function ioOps(m: Machine, open: OpenFile, write: boolean): readonly Op[] {
  if ((open.fopen & fopen.direct) !== 0) return [{ do: write ? 'direct-write' : 'direct-io' }];
  if (open.passthrough === undefined || !hasPassthrough(m)) return [{ do: write ? 'cached-write' : 'cached-read' }];
  const { file } = open;
  if (!write) return [{ do: 'passthrough-read' }];
  return [
    { do: 'rule', rule: 'exclusive: writes to a backing file take the inode lock' },
    { do: 'lock', file, mode: 'exclusive' }, { do: 'passthrough-write' }, { do: 'unlock', file, always: true },
  ];
}

interface Moving {
  readonly open: OpenFile;
  readonly write: boolean;
  readonly at: number;
  readonly bytes: number;
  readonly data: Runs;
  readonly rwf: readonly string[];
}

function ioFor(moving: Moving, buffer?: number): Io {
  const { open, write, at, bytes, data, rwf } = moving;
  const append = write && (rwf.includes('APPEND') || (open.flags.includes('APPEND') && !rwf.includes('NOAPPEND')));
  const dsync = write && [...open.flags, ...rwf].some((flag) => flag === 'SYNC' || flag === 'DSYNC');
  return {
    open: open.id, file: open.file, write, at, start: at, bytes, done: 0, data, append, direct: open.flags.includes('DIRECT'), dsync,
    ...(buffer === undefined ? {} : { buffer }),
  };
}

function bufferOf(m: Machine, t: Thread, call: FileCall): number | undefined {
  const name = call.kind === 'pwrite' ? call.from : call.kind === 'pread' ? call.to : undefined;
  return name === undefined || name === 'fresh' ? undefined : processOf(m, t).mappings[name];
}

/** What a write carries: its fill, or what its mapping shows now. */
function dataOf(m: Machine, buffer: number | undefined, call: FileCall & { readonly bytes: number }): Runs {
  const mapping = buffer === undefined ? undefined : m.s.mappings[buffer];
  if (!mapping) return filled(byteOf('fill' in call ? call.fill : undefined), call.bytes);
  const pages = m.s.inodes[mapping.file]?.pages ?? {};
  const server = m.s.server.files[mapping.file]?.bytes ?? [];
  const parts: Runs[] = [];
  for (let done = 0; done < call.bytes;) {
    const at = mapping.at + done;
    const index = Math.floor(at / pageBytes);
    const part = Math.min((index + 1) * pageBytes - at, call.bytes - done);
    const page = mapping.own[index] ?? (pages[index]?.uptodate ? pages[index].bytes : undefined);
    parts.push(page ? sliced(page, at - index * pageBytes, part) : sliced(server, at, part));
    done += part;
  }
  return parts.flat();
}

/** io_submit() does the call in its own thread; io_uring punts it to a worker, whose name nobody knows (no FMODE_NOWAIT in FUSE). */
function submitOps(m: Machine, t: Thread, given: { readonly open: OpenFile; readonly call: Extract<Call, { kind: 'submit' }> }): readonly Op[] {
  const { open, call } = given;
  const write = call.io === 'write';
  const aio = newId(m);
  m.s.aios.push({
    id: aio, owner: t.name, open: open.id, file: open.file, write, at: call.at, bytes: 0, left: 0, submitted: false, error: undefined, shortAt: undefined,
    counted: false, result: undefined,
  });
  open.io++;
  open.refs++;
  const moving = { open, write, at: call.at, bytes: call.bytes, data: write ? filled(byteOf(call.fill), call.bytes) : [], rwf: [] };
  const io: Io = { ...ioFor(moving), aio };
  const ops: readonly Op[] = [...ioOps(m, open, write), { do: 'aio-end', always: true }, { do: 'put', open: open.id, always: true }];
  if (call.through === 'aio') {
    t.io = io;
    return ops;
  }
  const name = `${t.name}~${aio}`;
  m.s.threads[name] = workerThread({ name, process: t.process, todo: ops, io });
  return [{ do: 'value', value: 1 }];
}

function copyOps(m: Machine, t: Thread, given: { readonly open: OpenFile; readonly call: Extract<Call, { kind: 'copy' }> }): readonly Op[] {
  const { open, call } = given;
  const target = processOf(m, t).handles[call.to];
  if (target === undefined) return [{ do: 'fail', errno: 'EBADF' }];
  const to = openOf(m, target).file;
  const { file } = open;
  const writeback = (name: string, at: number): readonly Op[] => [
    { do: 'write-out', file: name, at, end: Number.MAX_SAFE_INTEGER }, { do: 'wait-writeback', file: name, at, end: Number.MAX_SAFE_INTEGER },
    { do: 'check-errors', file: name }, { do: 'sync-writes', file: name },
  ];
  return [
    { do: 'lock', file, mode: 'exclusive' }, ...writeback(file, call.at), { do: 'unlock', file, always: true },
    { do: 'lock', file: to, mode: 'exclusive' }, ...writeback(to, call.toAt),
    { do: 'ask', ask: { opcode: 'COPY_FILE_RANGE', file, open: open.id, at: call.at, bytes: call.bytes, more: { to, toAt: call.toAt } } },
    { do: 'copied', file: to, at: call.toAt }, { do: 'unlock', file: to, always: true },
  ];
}
