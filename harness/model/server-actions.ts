import type { Outcome, RequestMatch, ServerAction } from '../scenario/types.ts';
import { contentAt } from './answers.ts';
import { without } from './completions.ts';
import { hasPassthrough, inWriteback, newId, pageOf, threadOf, type Machine } from './machine.ts';
import { abortConnection, releaseParked } from './requests.ts';
import { runThreads } from './run-threads.ts';
import { byteOf, filled, lengthOf, overlaid, resized, shown } from './runs.ts';
import { attr } from './state.ts';
import { workerThread } from './worker-thread.ts';

/** What fuse_backing_open() says of what is no regular file (fs/fuse/passthrough.c, 6.9 to 6.12; backing.c, 7.3). */
const refusals = { directory: 'EISDIR', closed: 'EBADF', device: 'EINVAL' } as const;

/** What a server step comes to. */
export interface Acted {
  /** `undecided` where the model cannot say. */
  readonly result?: Outcome | 'undecided';
  readonly released?: number;
}

/** What a server step does. */
export function act(m: Machine, action: ServerAction): Acted {
  if (action.kind === 'release') {
    return { released: releaseParked(m, action.match, action) };
  }
  const result = actOther(m, action);
  return result === undefined ? {} : { result };
}

function actOther(m: Machine, action: Exclude<ServerAction, { kind: 'release' }>): Outcome | 'undecided' | undefined {
  const { server } = m.s;
  switch (action.kind) {
    case 'hold':
      server.rules.push(action.match);
      return undefined;
    case 'unhold':
      server.rules = server.rules.filter((rule) => !same(rule, action.match));
      return undefined;
    case 'open-flags': {
      const file = server.files[action.file];
      if (file) Object.assign(file, { fopen: action.flags, backing: action.backing });
      return undefined;
    }
    case 'size': {
      const file = server.files[action.file];
      if (file) file.bytes = resized(file.bytes, action.bytes);
      return undefined;
    }
    case 'change': {
      const file = server.files[action.file];
      if (file) file.bytes = overlaid(file.bytes, action.at, filled(byteOf(action.fill), action.bytes));
      return undefined;
    }
    case 'content': {
      const bytes = contentAt(m, action, action.at, action.bytes);
      return { kind: 'returns', value: lengthOf(bytes), ...(lengthOf(bytes) === 0 ? {} : { sees: shown(bytes) }) };
    }
    case 'backing': {
      if (!hasPassthrough(m)) return { kind: 'fails', errno: m.s.generation.rawBit7 === 'passthrough' ? 'EPERM' : 'ENOTTY' };
      if (action.unprivileged === true) return { kind: 'fails', errno: 'EPERM' };
      if (action.flags !== undefined) return { kind: 'fails', errno: 'EINVAL' };
      if (action.of !== undefined) return { kind: 'fails', errno: refusals[action.of] };
      // s_stack_depth of the mount is max_stack_depth (process_init_reply()).
      if (action.file !== undefined) return { kind: 'fails', errno: 'ELOOP' };
      server.backings[action.name] = { id: server.nextBacking++, bytes: filled(byteOf(action.fill), action.bytes), registered: true };
      return { kind: 'returns' };
    }
    case 'backing-close': {
      if (!hasPassthrough(m)) return { kind: 'fails', errno: m.s.generation.rawBit7 === 'passthrough' ? 'EPERM' : 'ENOTTY' };
      if (typeof action.name === 'number' && action.name <= 0) return { kind: 'fails', errno: 'EINVAL' };
      const backing = server.backings[action.name];
      if (!backing?.registered) return { kind: 'fails', errno: 'ENOENT' };
      backing.registered = false;
      return { kind: 'returns' };
    }
    case 'invalidate':
      return invalidate(m, action);
    case 'abort':
    case 'die':
      abortConnection(m);
      return undefined;
    case 'kill': {
      if (action.signal === 'USR1') return undefined;
      const { process } = threadOf(m, action.actor);
      for (const t of Object.values(m.s.threads)) if (t.process === process && !t.worker && t.life === 'alive') t.killed = true;
      return undefined;
    }
    case 'drop-caches':
      dropCaches(m);
      return undefined;
  }
}

function same(a: RequestMatch, b: RequestMatch): boolean {
  return (['opcode', 'by', 'file', 'handle', 'at', 'bytes'] as const).every((key) => a[key] === b[key]);
}

/** fuse_reverse_inval_inode(): attributes are stale, pages of the range go. Dirty or locked ones make the server itself wait. */
/** fuse_reverse_inval_inode(): it may wait for pages, so it goes its own way, as the stage's notifier does (guests/stage/server.c). */
function invalidate(m: Machine, action: Extract<ServerAction, { kind: 'invalidate' }>): Outcome | 'undecided' {
  const inode = m.s.inodes[action.file];
  if (m.s.server.gone) return 'undecided';
  if (!inode?.known) return { kind: 'fails', errno: 'ENOENT' };
  inode.attrVersion = ++m.s.attrVersion;
  inode.stale = attr.all;
  const to = action.bytes === 0 ? Number.MAX_SAFE_INTEGER : pageOf(action.at + action.bytes - 1);
  const name = `notifier~${newId(m)}`;
  m.s.threads[name] = workerThread({ name, process: 'server', todo: [{ do: 'invalidate', file: action.file, from: pageOf(action.at), to }] });
  runThreads(m);
  return m.s.threads[name] ? { kind: 'waits' } : { kind: 'returns' };
}

/** drop_pagecache_sb() and the shrinkers: clean pages that nobody maps; inodes that nobody has open. */
function dropCaches(m: Machine): void {
  for (const inode of Object.values(m.s.inodes)) {
    for (const [key, page] of Object.entries(inode.pages)) {
      const index = Number(key);
      const busy = page.dirty || page.locked !== undefined || page.mapped.some((id) => m.s.mappings[id]) || (!m.s.generation.temporaryPages && inWriteback(m, inode.name, index));
      if (!busy) inode.pages = without(inode.pages, index);
    }
    const open = Object.values(m.s.opens).some((one) => one.file === inode.name) || Object.values(m.s.mappings).some((one) => one.file === inode.name);
    if (!open && Object.keys(inode.pages).length === 0) inode.known = false;
  }
}

