import t from 'tap';
import { findGeneration } from '../../../harness/model/generations.ts';
import { predict } from '../../../harness/model/play.ts';
import type { Outcome, Step } from '../../../harness/scenario/types.ts';
import { close, fopenOf, hold, load, mmap, munmap, open, openFlagsOf, order, pread, pwrite, release, sceneOf, server, store, type Setup } from './scenes.ts';

const K = 1024;

/** What becomes of everybody in the last step, and the whole prediction of it. */
function last(name: string, setup: Setup, ...steps: Step[]) {
  const generation = findGeneration(name);
  if (!generation) throw new Error(`no generation ${name}`);
  const prediction = predict(sceneOf(setup, ...steps), generation).at(-1);
  if (!prediction) throw new Error('no step');
  const changes: Record<string, Outcome> = Object.fromEntries(prediction.changes);
  return { ...prediction, changes };
}
const mode = (given: ReturnType<typeof last>, file = 'f') => given.modes.get(file);
const backing: Step = server({ kind: 'backing', name: 'b', bytes: 64 * K, fill: 'B' });
const backed = (...flags: string[]): Step => server({ kind: 'open-flags', file: 'f', flags: fopenOf('PASSTHROUGH', ...flags), backing: 'b' });
const withFlags = (...flags: string[]): Setup => ({ files: [{ open: fopenOf(...flags) }] });
const allow = { init: ['DIRECT_IO_ALLOW_MMAP'] } as const;
const pass = { init: ['PASSTHROUGH'] } as const;

t.test('section 2: what an open does to the mode', (t) => {
  const rows: readonly [name: string, generation: string, flags: string[], openFlags: string[], counter: number][] = [
    ['no flag', '6.12.64', [], ['RDWR'], 1],
    ['KEEP_CACHE', '6.12.64', ['KEEP_CACHE'], ['RDWR'], 1],
    ['O_DIRECT without FOPEN_DIRECT_IO', '6.12.64', [], ['RDWR', 'DIRECT'], 1],
    ['O_DIRECT without FOPEN_DIRECT_IO', 'v2', [], ['RDWR', 'DIRECT'], 0],
    ['DIRECT_IO', '6.12.64', ['DIRECT_IO'], ['RDWR'], 0],
    ['DIRECT_IO and PARALLEL', '6.12.64', ['DIRECT_IO', 'PARALLEL_DIRECT_WRITES'], ['RDWR'], 0],
    ['PARALLEL alone', '6.12.64', ['PARALLEL_DIRECT_WRITES'], ['RDWR'], 1],
    ['PARALLEL alone', 'v2', ['PARALLEL_DIRECT_WRITES'], ['RDWR'], 1],
    ['bit 7 with DIRECT_IO is CACHE_IO', 'v2', ['DIRECT_IO', 'PASSTHROUGH'], ['RDWR'], 1],
  ];
  for (const [name, generation, flags, how, counter] of rows) {
    const seen = last(generation, withFlags(...flags), open('w1', how));
    t.equal(mode(seen)?.counter, counter, `${generation}: ${name}`);
    t.same(seen.changes['w1'], { kind: 'returns' });
  }
  t.end();
});

t.test('section 2: passthrough', (t) => {
  const opened = last('6.12.64', pass, backing, backed(), open('w1'));
  t.same(mode(opened), { counter: -1, cacheBit: false, waiters: [], backing: 'b' });
  t.same(last('6.12.64', {}, openFlagsOf('PASSTHROUGH', 'DIRECT_IO'), open('w1')).changes['w1'], { kind: 'fails', errno: 'EIO' }, 'not negotiated');
  const refused = last('6.12.64', pass, backing, openFlagsOf(), open('w1'), backed(), open('w2'));
  t.same(refused.changes['w2'], { kind: 'fails', errno: 'EIO' }, 'beside caching mode');
  t.same(refused.requests.map((one) => one.opcode), ['OPEN', 'RELEASE'], 'and the server sees RELEASE');
  const direct = last('6.12.64', pass, backing, backed(), open('w1'), openFlagsOf('DIRECT_IO'), open('w2'));
  t.same(direct.changes['w2'], { kind: 'fails', errno: 'EIO' }, 'anything else beside passthrough, without waiting');
  t.same(last('6.12.64', pass, backing, backed('KEEP_CACHE'), open('w1')).changes['w1'], { kind: 'fails', errno: 'EIO' }, 'KEEP_CACHE with it');
  t.same(last('6.12.64', pass, backing, backed(), open('w1'), pread('w1', 0, 4 * K)).changes['w1'], { kind: 'returns', value: 4 * K, sees: 'B*4096' });
  const meets = last('6.12.64', pass, backing, backed('DIRECT_IO', 'PARALLEL_DIRECT_WRITES'), open('w1'), open('w2'), hold({ opcode: 'WRITE' }), pwrite('w1', 0, 4 * K), pwrite('w2', 4 * K, 4 * K));
  t.same(meets.changes, { w2: { kind: 'held' } }, 'DIRECT_IO, PARALLEL and PASSTHROUGH meet at the server (7cc911262835)');
  const after = last('6.12.64', pass, backing, backed(), open('w1'), close('w1'), openFlagsOf(), open('w2'));
  t.same(mode(after), { counter: 1, cacheBit: true, waiters: [], backing: undefined }, 'the last close ends it');
  t.same(last('6.12.64', { init: ['PASSTHROUGH', 'WRITEBACK_CACHE'] }, backing).result, { kind: 'fails', errno: 'EPERM' }, 'not beside writeback cache');
  t.end();
});

t.test('section 2: OPEN answered ENOSYS', (t) => {
  const steps = [hold({ opcode: 'OPEN' }), open('w1'), release({ opcode: 'OPEN' }, { error: 'ENOSYS' })] as const;
  for (const [name, counter] of [['6.12', 0], ['6.12.64', 1], ['v2', 1]] as const) {
    const seen = last(name, {}, ...steps);
    t.same(seen.changes['w1'], { kind: 'returns' });
    t.equal(mode(seen)?.counter, counter, `${name} counts ${counter}`);
  }
  t.same(last('6.12.64', {}, ...steps, open('w2')).requests.filter((one) => one.opcode === 'OPEN'), [], 'no OPEN is sent any more');
  t.same(last('6.12.64', {}, ...steps, close('w1')).requests.map((one) => one.opcode), ['FLUSH'], 'and no RELEASE');
  t.end();
});

t.test('section 3: mmap', (t) => {
  const rows: readonly [name: string, generation: string, setup: Setup, step: Step, outcome: Outcome, counter: number][] = [
    ['shared without leave', '6.12.64', {}, mmap('m'), { kind: 'fails', errno: 'ENODEV' }, 0],
    ['shared and only read without leave', '6.12.64', {}, mmap('m', 'shared', ['READ']), { kind: 'fails', errno: 'ENODEV' }, 0],
    ['shared', '6.12.64', allow, mmap('m'), { kind: 'returns' }, 1],
    ['shared and only read', '6.12.64', allow, mmap('m', 'shared', ['READ']), { kind: 'returns' }, 1],
    ['private', '6.12.64', {}, mmap('m', 'private'), { kind: 'returns' }, 0],
    ['private', 'v2', {}, mmap('m', 'private'), { kind: 'returns' }, 1],
  ];
  for (const [name, generation, setup, step, outcome, counter] of rows) {
    const seen = last(generation, setup, open('m'), step);
    t.same(seen.changes['m'], outcome, `${generation}: ${name}`);
    t.equal(mode(seen)?.counter, counter);
  }
  t.equal(mode(last('6.12.64', allow, open('m'), mmap('m'), mmap('m', 'shared', ['READ'], 'again')))?.counter, 1, 'the second mmap counts no more');
  t.equal(mode(last('6.12.64', withFlags(), open('m'), mmap('m')))?.counter, 1, 'a cached file is counted already');
  const gone = last('6.12.64', pass, backing, openFlagsOf('DIRECT_IO'), open('m'), backed(), open('w1'), mmap('m', 'private'));
  t.same(gone.changes['m'], { kind: 'fails', errno: 'ENODEV' }, 'a plain DIRECT_IO file in passthrough mode');
  const through = last('6.12.64', pass, backing, backed(), open('m'), mmap('m'), close('m'));
  t.equal(mode(through)?.counter, 0, 'a mapping of a backing file does not hold the open file');
  const dirty = last('6.12.64', allow, open('m'), mmap('m'), store('m', 0, 10), open('r'));
  t.match(dirty.requests, [{ opcode: 'OPEN' }, { opcode: 'WRITE', cached: true, at: 0, bytes: 4 * K }], 'dirty pages are flushed before they are dropped');
  t.end();
});

t.test('section 4: which direct writes run alone', (t) => {
  const exclusive: Outcome = { kind: 'waits', where: 'inode-lock' };
  const held: Outcome = { kind: 'held' };
  const start = [open('w1'), open('w2'), open('w2', ['RDWR', 'APPEND'], 'appender'), hold({ opcode: 'WRITE' }), pwrite('w1', 0, 4 * K)] as const;
  const rows: readonly [name: string, generation: string, setup: Setup, before: Step[], step: Step, outcome: Outcome][] = [
    ['shared', '6.12.64', {}, [], pwrite('w2', 0, 4 * K), held],
    ['ends exactly at the end', '6.12.64', {}, [], pwrite('w2', 60 * K, 4 * K), held],
    ['one byte past the end', '6.12.64', {}, [], pwrite('w2', 60 * K, 4 * K + 1), exclusive],
    ['RWF_APPEND', '6.12.64', {}, [], pwrite('w2', 0, 1, 'A', ['APPEND']), exclusive],
    ['O_APPEND', '6.12.64', {}, [], order('w2', { kind: 'pwrite', handle: 'appender', at: 0, bytes: 1, fill: 'B', rwf: [] }), exclusive],
    ['no PARALLEL', '6.12.64', withFlags('DIRECT_IO'), [], pwrite('w2', 0, 4 * K), exclusive],
    ['while an mmap waits', '6.12.64', allow, [open('m'), mmap('m')], pwrite('w2', 0, 4 * K), exclusive],
    ['while an mmap waits', '6.9', allow, [open('m'), mmap('m')], pwrite('w2', 0, 4 * K), exclusive],
    ['while an mmap waits', 'v2', allow, [open('m'), mmap('m')], pwrite('w2', 0, 4 * K), exclusive],
    ['the kernel\'s size decides', '6.12.64', {}, [server({ kind: 'size', file: 'f', bytes: 0 })], pwrite('w2', 0, 4 * K), held],
  ];
  for (const [name, generation, setup, before, step, outcome] of rows) {
    t.same(last(generation, setup, ...start, ...before, step).changes, { w2: outcome }, `${generation}: ${name}`);
  }
  t.end();
});

t.test('section 5: what waits for what', (t) => {
  const writing = [open('w1'), open('m'), hold({ opcode: 'WRITE' }), pwrite('w1', 0, 4 * K)] as const;
  const waits: Outcome = { kind: 'waits', where: 'io-mode' };
  t.same(last('6.12.64', allow, ...writing, mmap('m')).changes, { m: waits });
  t.same(last('6.12.64', allow, ...writing, openFlagsOf(), open('r')).changes, { r: waits }, 'a cached open; its OPEN was answered');
  t.same(last('6.12.64', allow, ...writing, mmap('m'), release({ by: 'w1' })).changes, { w1: { kind: 'returns', value: 4 * K }, m: { kind: 'returns' } });
  t.same(last('6.12.64', { ...allow, ...withFlags('DIRECT_IO') }, ...writing, mmap('m')).changes, { m: { kind: 'returns' } }, 'not for exclusive writes');
  t.same(last('6.12.64', allow, ...writing, mmap('m'), server({ kind: 'abort' })).changes, { w1: { kind: 'fails', errno: 'ECONNABORTED' }, m: { kind: 'returns' } });
  const kill = server({ kind: 'kill', actor: 'm', signal: 'KILL' });
  t.same(last('6.12.64', allow, ...writing, mmap('m'), kill).changes, {}, 'it waits not killable');
  const seed = last('v2', allow, ...writing, mmap('m'), kill);
  t.same(seed.changes['m'], { kind: 'waits', where: 'inode-lock' }, 'in the seed it was killable; its exit flushes the file, behind the writer');
  t.same(mode(seed)?.waiters, [], 'and nobody waits for caching mode any more');
  t.same(last('6.12.64', allow, ...writing, server({ kind: 'kill', actor: 'w1', signal: 'KILL' })).changes, {}, 'the server has read its WRITE');
  t.same(last('6.12.64', allow, ...writing, close('m')).changes, { m: { kind: 'waits', where: 'inode-lock' } }, 'close on 6.12');
  t.same(last('7.3', allow, ...writing, close('m')).changes, { m: { kind: 'returns' } }, 'close on 7.3');
  const passes = last('6.12.64', { init: ['PASSTHROUGH', 'DIRECT_IO_ALLOW_MMAP'] }, backing, ...writing, mmap('m'), backed(), open('r'));
  t.same(passes.changes, { r: { kind: 'returns' }, m: { kind: 'fails', errno: 'ETXTBSY' } }, 'K2: a passthrough open ends the wait');
  t.end();
});

t.test('caching mode ends with the last reference of the open file', (t) => {
  const mapped = [open('m'), mmap('m'), close('m')] as const;
  t.equal(mode(last('6.12.64', allow, ...mapped))?.counter, 1, 'not at close while it is mapped');
  const ended = last('6.12.64', allow, ...mapped, munmap('m'));
  t.equal(mode(ended)?.counter, 0);
  t.match(ended.requests, [{ opcode: 'RELEASE', handle: 1 }]);
  const flushed = last('6.12.64', allow, ...mapped.slice(0, 2), store('m', 0, 1), hold({ opcode: 'WRITE' }), munmap('m'), close('m'));
  t.equal(mode(flushed)?.counter, 1, 'not while its write-back is at the server');
  t.end();
});

t.test('data', (t) => {
  const stale = [open('m'), mmap('m'), load('m', 0, 4 * K), open('w1')] as const;
  t.same(last('6.12.64', allow, ...stale, pwrite('w1', 0, 10, 'W'), load('m', 0, 20)).changes['m'], { kind: 'returns', value: 20, sees: 'W*10 a*10' });
  const parked = [...stale, hold({ opcode: 'WRITE' }), pwrite('w1', 0, 10, 'W'), load('m', 0, 20), release({ opcode: 'WRITE' }), load('m', 0, 20)] as const;
  t.match(last('6.12.64', allow, ...parked).changes['m'], { sees: 'W*10 a*10' }, 'the second invalidation');
  t.match(last('6.12', allow, ...parked).changes['m'], { sees: 'a*20' }, 'before it');
  const unasked = [open('r'), openFlagsOf(), open('w1')] as const;
  const cached = last('6.12.64', {}, ...unasked, pwrite('w1', 100, 8 * K, 'C'), pread('r', 0, 12 * K));
  t.match(cached.changes['r'], { sees: 'a*100 C*8192 a*3996' }, 'write-through');
  t.same(last('6.12.64', allow, open('m'), mmap('m'), order('m', { kind: 'load', mapping: 'f', at: 0, bytes: 1 })).requests, [{ opcode: 'READ', by: 'm', file: 'f', handle: 1, at: 0, bytes: 4 * K }]);
  const short = [open('m'), mmap('m'), server({ kind: 'size', file: 'f', bytes: 4 * K }), order('m', { kind: 'ftruncate', handle: 'f', bytes: 4 * K }), load('m', 8 * K, 1)] as const;
  t.same(last('6.12.64', allow, ...short).changes['m'], { kind: 'raises', signal: 'BUS' });
  const split = last('6.12.64', { maxWrite: 4 * K }, open('w1'), pwrite('w1', 0, 10 * K));
  t.same(split.requests.map((one) => [one.at, one.bytes]), [[0, 4 * K], [4 * K, 4 * K], [8 * K, 2 * K]], 'max_write splits');
  const shortly = last('6.12.64', {}, open('w1'), hold({ opcode: 'WRITE' }), pwrite('w1', 0, 4 * K), release({ by: 'w1' }, { bytes: 100 }));
  t.same(shortly.changes['w1'], { kind: 'returns', value: 100 });
  const flush = last('6.12.64', allow, open('m'), mmap('m'), open('r'), store('m', 0, 1), hold({ opcode: 'WRITE' }), pread('r', 0, 4 * K));
  t.match(flush.changes['r'], { kind: 'waits' }, '6.12 does not say who sent a write-back');
  const named = last('7.3', allow, open('m'), mmap('m'), open('r'), store('m', 0, 1), hold({ opcode: 'WRITE' }), pread('r', 0, 4 * K));
  t.match(named.changes['r'], { kind: 'held' }, '7.3 does');
  t.end();
});

t.test('processes', (t) => {
  const actors = ['w1', { name: 'child', process: 'child', forked: true }, 'w2'];
  const forked = [open('w1'), mmap('w1'), order('w1', { kind: 'fork', child: 'child' }), close('w1'), order('w1', { kind: 'munmap', mapping: 'f' })] as const;
  t.equal(mode(last('6.12.64', { ...allow, actors }, ...forked))?.counter, 1, 'a child holds what it inherited');
  const ended = last('6.12.64', { ...allow, actors }, ...forked, order('child', { kind: 'exit' }));
  t.equal(mode(ended)?.counter, 0);
  t.same(ended.changes, { child: { kind: 'ends' } });
  const killed = last('6.12.64', {}, open('w1'), server({ kind: 'kill', actor: 'w1', signal: 'KILL' }));
  t.same(killed.changes, { w1: { kind: 'ends' } });
  t.same(killed.requests.map((one) => one.opcode), ['FLUSH', 'RELEASE']);
  const parked = last('6.12.64', {}, open('w1'), hold({ opcode: 'WRITE' }), pwrite('w1', 0, 1), server({ kind: 'kill', actor: 'w1', signal: 'KILL' }), release({ opcode: 'WRITE' }));
  t.same(parked.changes, { w1: { kind: 'ends' } }, 'it dies when its WRITE is answered');
  t.end();
});

t.test('asynchronous direct io', (t) => {
  const submit = order('w1', { kind: 'submit', handle: 'f', through: 'aio', io: 'write', at: 0, bytes: 4 * K, fill: 'A' });
  const setup = { init: ['ASYNC_DIO', 'DIRECT_IO_ALLOW_MMAP'] };
  const start = [open('w1', ['RDWR', 'DIRECT']), open('m'), hold({ opcode: 'WRITE' }), submit] as const;
  t.same(last('6.12.64', setup, ...start).changes, { w1: { kind: 'returns', value: 1 } });
  t.same(last('6.12.64', setup, ...start, mmap('m')).changes, { m: { kind: 'waits', where: 'io-mode' } }, 'K5: a right kernel waits for it');
  const reaped = last('6.12.64', setup, ...start, mmap('m'), release({ opcode: 'WRITE' }), order('w1', { kind: 'reap' }));
  t.same(reaped.changes, { w1: { kind: 'returns', value: 4 * K } });
  t.equal(mode(reaped)?.counter, 1);
  t.end();
});

t.test('K7: sendfile of a DIRECT_IO file asks the server', (t) => {
  const send: Step = order('r', { kind: 'sendfile', handle: 'f', at: 0, bytes: 4 * K });
  const change: Step = server({ kind: 'change', file: 'f', at: 0, bytes: 4 * K, fill: 'N' });
  t.match(last('6.12.64', allow, open('m'), open('r'), mmap('m'), load('m', 0, 4 * K), change, send).changes['r'], { sees: 'N*4096' });
  t.end();
});

t.test('a parallel block leaves open what its order decides', (t) => {
  const joined: Step = { ...pwrite('w2', 64 * K, 4 * K), joins: true };
  const both = last('6.12.64', {}, open('w1'), open('w2'), hold({ opcode: 'WRITE' }), pwrite('w1', 64 * K, 4 * K), joined);
  t.equal(both.step, 5);
  t.same(both.changes['w1'], { kind: 'any', of: [{ kind: 'held' }, { kind: 'waits', where: 'inode-lock' }] });
  t.end();
});

t.test('K1: who keeps others out of caching mode does not wait for their mmap_lock', (t) => {
  const actors = [{ name: 'w1', process: 'p', forked: false }, { name: 'm', process: 'p', forked: false }, 'w2'];
  const write = order('w1', { kind: 'pwrite', handle: 'f', at: 0, bytes: 8 * K, rwf: [], from: 'f' });
  const start = [open('w1'), mmap('w1', 'private'), hold({ opcode: 'WRITE' }), write] as const;
  const setup = { ...allow, maxWrite: 4 * K, actors };
  const steps = [...start, mmap('m', 'shared', ['READ'], 'second')] as const;
  t.same(last('6.12.64', setup, ...steps).changes, { m: { kind: 'waits', where: 'io-mode' } });
  t.same(last('6.12.64', setup, ...steps, release({ by: 'w1' })).changes, { w1: { kind: 'held' } }, 'its second WRITE comes');
  t.same(last('6.12.64', setup, ...steps, release({ by: 'w1' }), release({ by: 'w1' })).changes, { w1: { kind: 'returns', value: 8 * K }, m: { kind: 'returns' } });
  const another = last('6.12.64', setup, ...steps, order('m', { kind: 'reap' }));
  t.same(another.undecided.size, 1, 'an order for somebody in a call is the scene\'s mistake, and not decided');
  t.end();
});

t.test('a direct read beside a locked page takes the inode lock on 7.3', (t) => {
  const steps = [
    open('m'), open('r'), open('w1'), mmap('m', 'private'), hold({ opcode: 'READ', by: 'm' }), hold({ opcode: 'WRITE' }), load('m', 0, 1), pwrite('w1', 8 * K, K), pread('r', 0, K),
  ] as const;
  t.match(last('6.12.64', {}, ...steps).changes['r'], { kind: 'returns', value: K });
  t.same(last('7.3', {}, ...steps).changes['r'], { kind: 'waits', where: 'inode-lock' });
  t.end();
});

t.test('a thread without an answer and the connection gone', (t) => {
  const gone = last('6.12.64', allow, open('w1'), open('m'), hold({ opcode: 'WRITE' }), pwrite('w1', 0, K), mmap('m'), server({ kind: 'die' }), pread('w1', 0, K));
  t.same(gone.changes, { w1: { kind: 'fails', errno: 'ENOTCONN' } });
  t.end();
});
