import { fail, inodeOf, openOf, processOf, push, threadOf, updateAfterWrite, wait, type Handlers, type Machine } from './machine.ts';
import { ioOf } from './moves-direct.ts';
import type { Op } from './ops.ts';
import { joined, lengthOf } from './runs.ts';
import { attr, pageBytes, type Mapping, type Thread } from './state.ts';

type Kind = 'fsync' | 'check-file-error' | 'fallocated' | 'seek' | 'sought' | 'copied' | 'splice-chunk' | 'spliced' | 'reap' | 'fork' | 'finish' | 'die' | 'forget-error';

/** fsync, fallocate, lseek, copy_file_range, splice; and what ends calls and processes. */
export const inodeMoves: Handlers<Kind> = {
  /** fuse_fsync(): all under the inode lock. */
  fsync: (m, t, { open, datasync }) => {
    const { file } = openOf(m, open);
    const end = Number.MAX_SAFE_INTEGER;
    return push(
      t, { do: 'lock', file, mode: 'exclusive' }, { do: 'write-out', file, at: 0, end }, { do: 'wait-writeback', file, at: 0, end },
      { do: 'sync-writes', file }, { do: 'check-file-error', open }, { do: 'flush-times', file },
      { do: 'ask', ask: { opcode: 'FSYNC', file, open, more: { datasync: datasync ? 1 : 0 } } }, { do: 'unlock', file, always: true },
    );
  },
  /** file_check_and_advance_wb_err(). */
  'check-file-error': (m, t, { open: id }) => {
    const open = openOf(m, id);
    const inode = inodeOf(m, open.file);
    const fresh = inode.wbError.seq > open.seenError;
    open.seenError = inode.wbError.seq;
    inode.asError = undefined;
    return fresh ? fail(t, inode.wbError.errno, 'an earlier write-back failed') : true;
  },
  fallocated: (m, t, { file, at, bytes, mode }) => {
    const inode = inodeOf(m, file);
    inode.sizeUnstable = false;
    const old = inode.size;
    const hole: readonly Op[] = m.s.generation.holesDropPages && !mode.includes('KEEP_SIZE') && at + bytes > old ? [{ do: 'drop-range', file, at: old, end: at + bytes }] : [];
    if (!mode.includes('KEEP_SIZE')) updateAfterWrite(m, inode, at + bytes, bytes);
    inode.stale |= attr.modify | attr.blocks | attr.size;
    const zeroes = mode.includes('PUNCH_HOLE') || mode.includes('ZERO_RANGE');
    return push(t, ...hole, ...(zeroes ? [{ do: 'drop-range', file, at, end: at + bytes } as const] : []));
  },
  seek: (m, t, { open: id, at, whence }) => {
    const open = openOf(m, id);
    const { file } = open;
    const asked: readonly Op[] = whence === 'END'
      ? [{ do: 'refresh', file, bits: attr.size, stat: true }] : [{ do: 'ask', ask: { opcode: 'LSEEK', file, open: id, at, more: { whence } } }];
    return push(t, { do: 'lock', file, mode: 'exclusive' }, ...asked, { do: 'unlock', file, always: true }, { do: 'sought', open: id, add: whence === 'END' ? at : 0 });
  },
  sought: (m, t, { open, add }) => {
    t.value = (t.reply?.bytes ?? t.value ?? 0) + add;
    openOf(m, open).position = t.value;
    return true;
  },
  copied: (m, t, { file, at }) => {
    const bytes = t.reply?.bytes ?? 0;
    const inode = inodeOf(m, file);
    t.value = bytes;
    updateAfterWrite(m, inode, at + bytes, bytes);
    if (bytes === 0) return true;
    const from = Math.floor(at / pageBytes) * pageBytes;
    return push(t, { do: 'drop-range', file, at: from, end: Math.ceil((at + bytes) / pageBytes) * pageBytes });
  },
  /** A right kernel asks the server where the file is DIRECT_IO (K7), a pipe's worth (16 pages) at a time. */
  'splice-chunk': (m, t) => {
    const io = ioOf(t);
    const bytes = Math.min(io.bytes - io.done, 16 * pageBytes, m.s.maxPages * pageBytes);
    if (bytes <= 0) return true;
    return push(t, { do: 'ask', keep: true, ask: { opcode: 'READ', file: io.file, open: io.open, at: io.at + io.done, bytes } }, { do: 'spliced' });
  },
  spliced: (_m, t) => {
    const io = ioOf(t);
    const { error, data = [] } = t.reply ?? {};
    if (error !== undefined) return fail(t, error);
    io.data = joined(io.data, data);
    io.done += lengthOf(data);
    return lengthOf(data) > 0 && io.done < io.bytes ? push(t, { do: 'splice-chunk' }) : true;
  },
  reap: (m, t) => {
    const aio = m.s.aios.find((entry) => entry.owner === t.name);
    if (!aio) return push(t, { do: 'undecided', why: 'nothing was submitted' });
    if (!aio.result) return wait(t, 'its oldest submitted request is not done', { killable: true });
    m.s.aios = m.s.aios.filter((entry) => entry !== aio);
    if ('errno' in aio.result) return fail(t, aio.result.errno);
    t.value = aio.result.value;
    return true;
  },
  /** dup_mm() and dup_fd(): the child shares the open files, and its mappings hold them too. */
  fork: (m, t, { child }) => {
    const parent = processOf(m, t);
    const process = m.s.processes[threadOf(m, child).process];
    if (!process) return true;
    process.handles = { ...parent.handles };
    process.lost = [...parent.lost];
    for (const open of [...Object.values(parent.handles), ...parent.lost]) openOf(m, open).refs++;
    for (const mapping of Object.values(m.s.mappings).filter((entry) => entry.process === parent.name)) copyMapping(m, mapping, process);
    threadOf(m, child).life = 'alive';
    return true;
  },
  finish: (m, t) => {
    if (!t.killed) return true;
    const siblings = Object.values(m.s.threads).filter((one) => one.process === t.process && one !== t && !one.worker && one.life === 'alive');
    if (siblings.length > 0) {
      t.life = 'dead';
      return true;
    }
    return push(t, ...exitOps(m, t));
  },
  die: (m, t) => {
    t.life = 'dead';
    processOf(m, t).gone = true;
    return true;
  },
  'forget-error': (_m, t) => {
    t.error = undefined;
    return true;
  },
};

/** What a process that ends does with its files: mappings go first (exit_mm()), then descriptors in order (exit_files()). */
export function exitOps(m: Machine, t: Thread): readonly Op[] {
  const process = processOf(m, t);
  const forget: Op = { do: 'forget-error', always: true };
  const mappings = Object.values(m.s.mappings).filter((entry) => entry.process === process.name);
  const opens = [...process.lost, ...Object.values(process.handles)];
  process.handles = {};
  process.lost = [];
  return [
    forget,
    ...mappings.map((mapping): Op => ({ do: 'unmap', mapping: mapping.id, from: 0, to: Number.MAX_SAFE_INTEGER, always: true })),
    ...opens.flatMap((open): Op[] => [{ do: 'flush', open, always: true }, forget, { do: 'put', open, always: true }]),
    { do: 'die', always: true },
  ];
}

function copyMapping(m: Machine, mapping: Mapping, process: { readonly name: string; mappings: Record<string, number> }): void {
  const id = m.s.nextId++;
  m.s.mappings[id] = { ...mapping, id, process: process.name, ranges: mapping.ranges.map(([from, to]) => [from, to]), own: { ...mapping.own } };
  process.mappings[mapping.name] = id;
  if (mapping.open !== undefined) openOf(m, mapping.open).refs++;
  for (const page of Object.values(inodeOf(m, mapping.file).pages)) {
    if (page.mapped.includes(mapping.id) && !mapping.shared) page.mapped.push(id);
  }
}
