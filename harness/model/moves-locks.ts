import { inodeOf, openOf, processOf, wait, type Handlers, type Machine } from './machine.ts';
import { modeInWords } from './io-mode.ts';
import type { Inode, LockMode, Thread } from './state.ts';

type Kind = 'lock' | 'unlock' | 'mmap-lock' | 'mmap-unlock' | 'position-lock' | 'position-unlock' | 'position-advance';

/** The inode lock (an rwsem), mmap_lock, and f_pos_lock. */
export const lockMoves: Handlers<Kind> = {
  lock: (m, t, { file, mode }) => takeLock(inodeOf(m, file), t, mode),
  unlock: (m, t, { file }) => {
    dropLock(inodeOf(m, file), t.name);
    return true;
  },
  'mmap-lock': (m, t) => {
    const process = processOf(m, t);
    if (process.mmapHolder !== undefined && process.mmapHolder !== t.name) {
      return wait(t, `${process.mmapHolder} of its process holds mmap_lock`, { place: 'mmap-lock', killable: true });
    }
    process.mmapHolder = t.name;
    return true;
  },
  'mmap-unlock': (m, t) => {
    const process = processOf(m, t);
    if (process.mmapHolder === t.name) process.mmapHolder = undefined;
    return true;
  },
  'position-lock': (m, t, { open }) => {
    const file = openOf(m, open);
    if (file.positionHolder !== undefined && file.positionHolder !== t.name) return wait(t, `${file.positionHolder} holds the file's position`);
    file.positionHolder = t.name;
    if (t.io) t.io = { ...t.io, at: file.position, start: file.position };
    return true;
  },
  'position-unlock': (m, t, { open }) => {
    const file = m.s.opens[open];
    if (file?.positionHolder === t.name) file.positionHolder = undefined;
    return true;
  },
  'position-advance': (m, t, { open }) => {
    openOf(m, open).position = (t.io?.at ?? 0) + (t.io?.done ?? 0);
    return true;
  },
};

/**
 * down_read() and down_write() (kernel/locking/rwsem.c, 6.12): who finds others waiting, or a lock that readers share with a writer
 * waiting, queues; the queue is in order, and when a reader is first all readers of it are let in.
 */
function takeLock(inode: Inode, t: Thread, mode: LockMode): boolean {
  const { lock } = inode;
  if (lock.writer === t.name || lock.readers.includes(t.name)) return true;
  if (!lock.queue.some((entry) => entry.thread === t.name)) {
    const free = lock.writer === undefined && lock.queue.length === 0 && (mode === 'shared' || lock.readers.length === 0);
    if (free) {
      if (mode === 'shared') lock.readers.push(t.name);
      else lock.writer = t.name;
      return true;
    }
    lock.queue.push({ thread: t.name, mode });
  }
  const before = lock.writer ?? (lock.readers.length > 0 ? lock.readers.join(', ') : lock.queue[0]?.thread);
  return wait(t, `the inode lock is held by ${before ?? 'nobody'} (${modeInWords(inode)})`, { place: 'inode-lock' });
}

/** up_read() and up_write(): the last owner hands over. */
export function dropLock(inode: Inode, name: string): void {
  const { lock } = inode;
  if (lock.writer === name) lock.writer = undefined;
  lock.readers = lock.readers.filter((reader) => reader !== name);
  const [first] = lock.queue;
  if (lock.writer !== undefined || !first) return;
  if (first.mode === 'exclusive') {
    if (lock.readers.length > 0) return;
    lock.writer = first.thread;
    lock.queue.shift();
  } else {
    lock.readers.push(...lock.queue.filter((entry) => entry.mode === 'shared').map((entry) => entry.thread));
    lock.queue = lock.queue.filter((entry) => entry.mode === 'exclusive');
  }
}

/** Whether a sibling of the thread holds the process's mmap_lock for writing. */
export function mmapHeldByAnother(m: Machine, t: Thread): boolean {
  const holder = processOf(m, t).mmapHolder;
  return holder !== undefined && holder !== t.name;
}
