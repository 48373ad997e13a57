import type { Outcome, RequestMatch, ServerAction } from '../scenario/types.ts';
import { contentAt } from './answers.ts';
import { without } from './completions.ts';
import { hasPassthrough, inWriteback, pageOf, threadOf, type Machine } from './machine.ts';
import { abortConnection, releaseParked } from './requests.ts';
import { byteOf, filled, lengthOf, overlaid, resized, shown } from './runs.ts';
import { attr } from './state.ts';

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
      if (!hasPassthrough(m)) return { kind: 'fails', errno: 'EPERM' };
      server.backings[action.name] = { id: server.nextBacking++, bytes: filled(byteOf(action.fill), action.bytes), registered: true };
      return { kind: 'returns' };
    }
    case 'backing-close': {
      if (!hasPassthrough(m)) return { kind: 'fails', errno: 'EPERM' };
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
function invalidate(m: Machine, action: Extract<ServerAction, { kind: 'invalidate' }>): Outcome | 'undecided' {
  const inode = m.s.inodes[action.file];
  if (m.s.server.gone) return 'undecided';
  if (!inode?.known) return { kind: 'fails', errno: 'ENOENT' };
  inode.attrVersion = ++m.s.attrVersion;
  inode.stale = attr.all;
  const last = action.bytes === 0 ? Infinity : pageOf(action.at + action.bytes - 1);
  let busy = false;
  for (const [key, page] of Object.entries(inode.pages)) {
    const index = Number(key);
    if (index < pageOf(action.at) || index > last) continue;
    if (page.locked !== undefined || page.dirty || (!m.s.generation.temporaryPages && inWriteback(m, action.file, index))) busy = true;
    else inode.pages = without(inode.pages, index);
  }
  return busy ? 'undecided' : { kind: 'returns' };
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

