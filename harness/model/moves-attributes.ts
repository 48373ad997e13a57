import { fail, inodeOf, push, writebackCache, type Handlers } from './machine.ts';
import { ask } from './requests.ts';
import { attr } from './state.ts';

type Kind = 'ask' | 'lookup' | 'looked-up' | 'refresh' | 'refreshed' | 'set-size' | 'size-set' | 'stable-size' | 'size-known' | 'value' | 'fail' | 'raise' | 'undecided' | 'rule';

const toTheEnd = Number.MAX_SAFE_INTEGER;

/** Requests that a thread waits for, names, and attributes. */
export const attributeMoves: Handlers<Kind> = {
  ask: (m, t, op) => {
    if (!ask(m, t, op.ask)) return false;
    return t.reply?.error !== undefined && !op.keep ? fail(t, t.reply.error, `its ${op.ask.opcode} was answered ${t.reply.error}`) : true;
  },
  /** fuse_lookup(); names are valid for a day, so once is enough. */
  lookup: (m, t, { file, create }) => {
    if (inodeOf(m, file).known) return true;
    return push(t, { do: 'ask', ask: { opcode: 'LOOKUP', file }, keep: true }, { do: 'looked-up', file, create });
  },
  'looked-up': (m, t, { file, create }) => {
    const inode = inodeOf(m, file);
    const { error, size = 0 } = t.reply ?? {};
    if (error !== undefined) return error === 'ENOENT' && create ? true : fail(t, error, 'the name is not there');
    inode.known = true;
    inode.size = size;
    inode.stale = 0;
    return true;
  },
  /** fuse_update_get_attr(): GETATTR when one of the wanted attributes is stale and not the kernel's own. */
  refresh: (m, t, { file, bits, stat }) => {
    const inode = inodeOf(m, file);
    const own = writebackCache(m) ? attr.size | attr.modify : 0;
    if ((bits & inode.stale & ~own) === 0) {
      if (stat) t.value = inode.size;
      return true;
    }
    return push(t, { do: 'ask', ask: { opcode: 'GETATTR', file } }, { do: 'refreshed', file, version: m.s.attrVersion, ...(stat ? { stat } : {}) });
  },
  /** fuse_change_attributes(): ignored when the inode changed while the request was away. */
  refreshed: (m, t, { file, version, stat }) => {
    const inode = inodeOf(m, file);
    const size = writebackCache(m) ? inode.size : t.reply?.size ?? inode.size;
    if (stat) t.value = size;
    if (inode.attrVersion > version || inode.sizeUnstable) return true;
    inode.attrVersion = ++m.s.attrVersion;
    inode.stale = 0;
    const old = inode.size;
    inode.size = size;
    if (old === size || inode.directory) return true;
    const drop = m.s.init.includes('EXPLICIT_INVAL_DATA') ? [] : [{ do: 'invalidate', file, from: 0, to: toTheEnd } as const];
    return push(t, { do: 'truncate-pages', file, bytes: size }, ...drop);
  },
  /** fuse_do_setattr() of ATTR_SIZE; the caller has the inode lock. */
  'set-size': (m, t, { file, bytes, open }) => {
    const inode = inodeOf(m, file);
    inode.sizeUnstable = true;
    return push(
      t,
      { do: 'set-nowrite', file },
      { do: 'ask', ask: { opcode: 'SETATTR', file, size: bytes, ...(open === undefined ? {} : { open }) } },
      { do: 'size-set', file, version: m.s.attrVersion, old: inode.size },
      { do: 'stable-size', file, always: true },
    );
  },
  'size-set': (m, t, { file, version, old }) => {
    const inode = inodeOf(m, file);
    inode.stale = inode.attrVersion > version ? attr.all : 0;
    inode.attrVersion = ++m.s.attrVersion;
    inode.size = t.reply?.size ?? inode.size;
    const allow = { do: 'release-nowrite', file, always: true } as const;
    if (inode.size === old) return push(t, allow);
    return push(t, allow, { do: 'truncate-pages', file, bytes: inode.size }, { do: 'invalidate', file, from: 0, to: toTheEnd });
  },
  'stable-size': (m, t, { file }) => {
    const inode = inodeOf(m, file);
    inode.sizeUnstable = false;
    return t.error === undefined ? true : push(t, { do: 'release-nowrite', file, always: true });
  },
  'size-known': (m, _t, { file, bytes }) => {
    const inode = inodeOf(m, file);
    inode.attrVersion = ++m.s.attrVersion;
    inode.size = bytes;
    inode.stale |= attr.modify | attr.blocks | attr.size;
    return true;
  },
  value: (_m, t, { value }) => {
    t.value = value;
    return true;
  },
  fail: (_m, t, { errno, why }) => fail(t, errno, why),
  raise: (_m, t, { signal, why }) => {
    t.signal = signal;
    t.why = why;
    t.error ??= signal;
    return true;
  },
  undecided: (_m, t, { why }) => {
    t.wait = { why, killable: true, undecided: true };
    t.why = why;
    return false;
  },
  rule: (_m, t, { rule }) => {
    t.rule = rule;
    return true;
  },
};
