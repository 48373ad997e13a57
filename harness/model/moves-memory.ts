import { fopen } from './io-mode.ts';
import { addPage, fail, inodeOf, inWriteback, mappingOf, newId, openOf, pageOf, processOf, push, wait, writebackCache, type Handlers, type Machine } from './machine.ts';
import { mmapHeldByAnother } from './moves-locks.ts';
import { writes } from './moves-open.ts';
import type { Op } from './ops.ts';
import { filled, joined, lengthOf, overlaid, sliced, type Runs } from './runs.ts';
import { pageBytes, type Inode, type Mapping, type Thread } from './state.ts';

type Kind = 'map' | 'mapped' | 'unmap' | 'touch' | 'faultin' | 'will-need';
type Touch = Extract<Op, { do: 'touch' }>;

const allPages = { from: 0, to: Number.MAX_SAFE_INTEGER } as const;
/** fault_around_bytes (mm/memory.c): a read fault maps what is cached around it. */
const aroundPages = 16;

/** Mappings and what is done through them. */
export const memoryMoves: Handlers<Kind> = {
  /** fuse_file_mmap(): section 3 of docs/io-modes.md, in the order of the code. */
  map: (m, t, op) => {
    const open = openOf(m, op.open);
    const inode = inodeOf(m, open.file);
    const { generation } = m.s;
    const mapped: Op = { ...op, do: 'mapped' };
    if (open.directory) return fail(t, 'ENODEV');
    if (open.passthrough !== undefined) return push(t, mapped);
    if (inode.backing !== undefined) return fail(t, 'ENODEV', `the inode is in passthrough mode (${inode.backing})`);
    if ((open.fopen & fopen.direct) === 0) {
      const late = !generation.directOpenCounted && open.flags.includes('DIRECT');
      return push(t, ...(late ? [{ do: 'enter-mapped', open: op.open } as const] : []), mapped);
    }
    if (op.shared && !m.s.init.includes('DIRECT_IO_ALLOW_MMAP')) return fail(t, 'ENODEV', 'a shared mapping of a DIRECT_IO file needs DIRECT_IO_ALLOW_MMAP');
    const drop: Op = { do: 'invalidate', file: open.file, ...allPages };
    if (!op.shared && !generation.privateMmapEnters) return push(t, drop, mapped);
    // The second time is what a right kernel does with pages that were read while it waited (K6).
    return push(t, drop, { do: 'enter-mapped', open: op.open }, drop, mapped);
  },
  mapped: (m, t, op) => {
    const open = openOf(m, op.open);
    const process = processOf(m, t);
    const backing = open.passthrough;
    const id = newId(m);
    const length = Math.ceil(op.bytes / pageBytes) * pageBytes;
    m.s.mappings[id] = {
      id, process: t.process, name: op.name, file: open.file, open: backing === undefined ? op.open : undefined, backing, shared: op.shared,
      mayWrite: !op.shared || writes(open.flags), at: op.at, flushes: backing === undefined && (op.shared || (open.fopen & fopen.direct) === 0),
      writable: op.prot.includes('WRITE'), readable: op.prot.length > 0, ranges: [[0, length]], own: {},
    };
    process.mappings[op.name] = id;
    if (backing !== undefined) return true;
    open.refs++;
    const inode = inodeOf(m, open.file);
    if (op.shared && writes(open.flags) && !inode.writers.includes(op.open)) inode.writers.push(op.open);
    return true;
  },
  /** fuse_vma_close(), then the VMA's reference of the open file goes. */
  unmap: (m, t, { mapping: id, from, to }) => {
    const mapping = mappingOf(m, id);
    const { file, open, flushes } = mapping;
    mapping.ranges = mapping.ranges.flatMap(([start, end]): [number, number][] => {
      const kept: [number, number][] = [[start, Math.min(end, from)], [Math.max(start, to), end]];
      return kept.filter(([a, b]) => b > a);
    });
    for (const [index, page] of Object.entries(inodeOf(m, file).pages)) {
      const at = Number(index) * pageBytes - mapping.at;
      if (at >= from && at < to) page.mapped = page.mapped.filter((one) => one !== id);
    }
    const flush: readonly Op[] = flushes ? [{ do: 'write-inode-now', file }, { do: 'forget-error', always: true }] : [];
    if (mapping.ranges.length > 0) return push(t, ...flush);
    m.s.mappings = Object.fromEntries(Object.entries(m.s.mappings).filter(([key]) => Number(key) !== id));
    return push(t, ...flush, ...(open === undefined ? [] : [{ do: 'put', open, always: true } as const]));
  },
  /** Loads and stores, byte by byte as the CPU does: page after page. */
  touch: (m, t, op) => {
    if (mmapHeldByAnother(m, t) && op.kernel === undefined) {
      t.wait = { why: 'whether a fault needs mmap_lock depends on the VMA lock', killable: true, undecided: true };
      return false;
    }
    return touch(m, t, op);
  },
  /** pin_user_pages_fast() of a buffer that is a mapping. Who keeps others out of caching mode must not wait for their mmap_lock (K1). */
  faultin: (m, t, { mapping, at, bytes, write, free }) => {
    if (!free && mmapHeldByAnother(m, t)) return wait(t, 'its buffer must be faulted in under mmap_lock', { place: 'mmap-lock', killable: true });
    return push(t, { do: 'touch', mapping, at, end: at + bytes, kernel: true, ...(write ? { fill: -1 } : {}) });
  },
  /** madvise(MADV_WILLNEED): force_page_cache_ra(), io_pages (32) at a time. */
  'will-need': (m, t, { mapping: id, next }) => {
    const mapping = mappingOf(m, id);
    if (mapping.open === undefined) return true;
    const inode = inodeOf(m, mapping.file);
    const last = Math.min(pageOf(mapping.at + Math.max(...mapping.ranges.map(([, end]) => end)) - 1), pageOf(Math.max(0, inode.size - 1)));
    let first = next;
    while (first <= last && inode.pages[first]) first++;
    if (first > last || inode.size === 0) return true;
    let pages = 0;
    while (first + pages <= last && pages < Math.min(32, m.s.maxPages) && !inode.pages[first + pages]) {
      addPage(inode, first + pages, t.name);
      pages++;
    }
    const { file, open } = mapping;
    return push(
      t, { do: 'ask', keep: true, ask: { opcode: 'READ', file, open, at: first * pageBytes, bytes: pages * pageBytes } },
      { do: 'read-many', file, open, page: first, pages, version: m.s.attrVersion }, { do: 'will-need', mapping: id, next: first + pages },
    );
  },
};

function touch(m: Machine, t: Thread, given: Touch): boolean {
  const mapping = m.s.mappings[given.mapping];
  if (!mapping) return bad(t, given, 'SEGV', 'nothing is mapped there any more');
  const inode = inodeOf(m, mapping.file);
  const write = given.fill !== undefined;
  let { at } = given;
  while (at < given.end) {
    const from = at;
    const index = pageOf(mapping.at + from);
    const end = Math.min(given.end, (index + 1) * pageBytes - mapping.at);
    if (!mapping.ranges.some(([start, stop]) => from >= start && from < stop)) return bad(t, given, 'SEGV', 'nothing is mapped there');
    if (write ? !mapping.writable : !mapping.readable) return bad(t, given, 'SEGV', 'the mapping does not allow it');
    const spot = { mapping, inode, index, offset: mapping.at + from - index * pageBytes, bytes: end - from };
    const verdict = mapping.backing === undefined ? touchPage(m, t, { ...spot, given: { ...given, at: from } }) : touchBacking(m, t, { ...spot, given });
    if (verdict !== 'done') return verdict;
    at = end;
  }
  if (given.kernel === undefined) t.value = lengthOf(t.seen ?? []) || t.value;
  return true;
}

interface Spot {
  readonly mapping: Mapping;
  readonly inode: Inode;
  readonly index: number;
  readonly offset: number;
  readonly bytes: number;
  readonly given: Touch;
}

function touchPage(m: Machine, t: Thread, spot: Spot): boolean | 'done' {
  const { mapping, inode, index, given } = spot;
  const write = given.fill !== undefined;
  const own = mapping.own[index];
  if (own) {
    if (write) mapping.own[index] = filledInto(own, spot);
    else collect(t, given, sliced(own, spot.offset, spot.bytes));
    return 'done';
  }
  const page = inode.pages[index];
  const here = page?.uptodate === true && page.mapped.includes(mapping.id);
  if (!here || (write && !page.dirty)) {
    if (!here && index >= Math.ceil(inode.size / pageBytes)) return bad(t, given, 'BUS', 'past the end of the file');
    if (page?.locked !== undefined) return wait(t, `page ${index} of ${inode.name} is locked, a request for it is at the server`, { killable: true });
    if (!page?.uptodate) {
      const fault = given.kernel ? 'kernel' : 'user';
      return push(t, { do: 'read-page', file: inode.name, open: mapping.open ?? 0, page: index, ahead: false, fault }, given);
    }
    // fuse_page_mkwrite() waits until the page is written back; of a private mapping it is not asked.
    if (write && mapping.shared && inWriteback(m, inode.name, index)) return wait(t, `page ${index} of ${inode.name} is under write-back`);
  }
  if (!page) return 'done';
  if (!write) {
    mapAround(inode, mapping, index);
    collect(t, given, sliced(page.bytes, spot.offset, spot.bytes));
    return 'done';
  }
  if (!mapping.shared) {
    mapping.own[index] = filledInto(page.bytes, spot);
    return 'done';
  }
  if (!page.mapped.includes(mapping.id)) page.mapped.push(mapping.id);
  page.dirty = true;
  if (writebackCache(m)) inode.timesDirty = true;
  page.bytes = filledInto(page.bytes, spot);
  return 'done';
}

function touchBacking(m: Machine, t: Thread, spot: Spot): boolean | 'done' {
  const { mapping, index, given } = spot;
  const backing = m.s.server.backings[mapping.backing ?? ''];
  if (!backing || index >= Math.ceil(lengthOf(backing.bytes) / pageBytes)) return bad(t, given, 'BUS', 'past the end of the backing file');
  const at = index * pageBytes + spot.offset;
  const own = mapping.own[index];
  if (given.fill === undefined) {
    const seen = own ? sliced(own, spot.offset, spot.bytes) : sliced(backing.bytes, at, spot.bytes);
    collect(t, given, joined(seen, filled(0, spot.bytes - lengthOf(seen))));
    return 'done';
  }
  if (!mapping.shared) {
    const base = own ?? joined(sliced(backing.bytes, index * pageBytes, pageBytes));
    mapping.own[index] = filledInto(joined(base, filled(0, pageBytes - lengthOf(base))), spot);
    return 'done';
  }
  const inside = Math.min(spot.bytes, lengthOf(backing.bytes) - at);
  if (given.fill >= 0 && inside > 0) backing.bytes = overlaid(backing.bytes, at, filled(given.fill, inside));
  return 'done';
}

/** A fill of -1 only makes the page writable: the bytes come later. */
function filledInto(bytes: Runs, spot: Spot): Runs {
  const fill = spot.given.fill ?? -1;
  return fill < 0 ? bytes : overlaid(bytes, spot.offset, filled(fill, spot.bytes));
}

function collect(t: Thread, given: Touch, bytes: Runs): void {
  if (given.collect) t.seen = joined(t.seen ?? [], bytes);
}

function mapAround(inode: Inode, mapping: Mapping, index: number): void {
  const first = Math.floor(index / aroundPages) * aroundPages;
  for (let one = first; one < first + aroundPages; one++) {
    const page = inode.pages[one];
    const at = one * pageBytes - mapping.at;
    const inside = mapping.ranges.some(([start, stop]) => at >= start && at < stop);
    const ready = page?.uptodate === true && (page.locked === undefined || one === index);
    if (inside && ready && !page.mapped.includes(mapping.id) && !mapping.own[one]) page.mapped.push(mapping.id);
  }
}

function bad(t: Thread, given: Touch, signal: string, why: string): true {
  return given.kernel ? fail(t, 'EFAULT', why) : push(t, { do: 'raise', signal, why });
}
