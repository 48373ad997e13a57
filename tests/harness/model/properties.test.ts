import fc from 'fast-check';
import t from 'tap';
import { generations } from '../../../harness/model/generations.ts';
import { firstState, play } from '../../../harness/model/play.ts';
import { standingsOf } from '../../../harness/model/standing.ts';
import type { ModelState } from '../../../harness/model/state.ts';
import type { Step } from '../../../harness/scenario/types.ts';
import { close, fopenOf, hold, load, mmap, munmap, open, openFlagsOf, order, pread, pwrite, release, sceneOf, server, store } from './scenes.ts';

const K = 1024;
const actor = fc.constantFrom('w1', 'w2', 'm', 'r');
const at = fc.constantFrom(0, 100, 4 * K, 60 * K, 64 * K);
const bytes = fc.constantFrom(1, 100, 4 * K, 8 * K);

const step: fc.Arbitrary<Step> = fc.oneof(
  actor.map((who) => open(who)),
  actor.map((who) => open(who, ['RDWR', 'DIRECT'])),
  actor.map((who) => close(who)),
  fc.tuple(actor, at, bytes).map(([who, from, length]) => pwrite(who, from, length)),
  fc.tuple(actor, at, bytes).map(([who, from, length]) => pread(who, from, length)),
  fc.tuple(actor, fc.constantFrom('shared' as const, 'private' as const)).map(([who, share]) => mmap(who, share)),
  actor.map((who) => munmap(who)),
  fc.tuple(actor, at, bytes).map(([who, from, length]) => load(who, from, length)),
  fc.tuple(actor, at, bytes).map(([who, from, length]) => store(who, from, length)),
  actor.map((who) => order(who, { kind: 'fsync', handle: 'f' })),
  fc.tuple(actor, at).map(([who, size]) => order(who, { kind: 'ftruncate', handle: 'f', bytes: size })),
  fc.constantFrom(['DIRECT_IO', 'PARALLEL_DIRECT_WRITES'], ['DIRECT_IO'], [], ['KEEP_CACHE']).map((flags) => openFlagsOf(...flags)),
  fc.constantFrom('WRITE', 'READ', 'FLUSH').map((opcode) => hold({ opcode })),
  fc.constantFrom({}, { count: 1 }, { count: 2 }, { error: 'EIO' }, { bytes: 10 }).map((more) => release({}, more)),
  fc.constant(server({ kind: 'drop-caches' })),
  fc.constant(server({ kind: 'abort' })),
  fc.constant(server({ kind: 'backing', name: 'b', bytes: 64 * K, fill: 'B' })),
  fc.constantFrom(['PASSTHROUGH'], ['PASSTHROUGH', 'DIRECT_IO', 'PARALLEL_DIRECT_WRITES'], ['PASSTHROUGH', 'KEEP_CACHE'])
    .map((flags) => server({ kind: 'open-flags', file: 'f', flags: fopenOf(...flags), backing: 'b' })),
  at.map((from) => server({ kind: 'invalidate', file: 'f', at: from, bytes: 0 })),
  at.map((size) => server({ kind: 'size', file: 'f', bytes: size })),
  actor.map((who) => server({ kind: 'kill', actor: who, signal: 'KILL' })),
  actor.map((who) => order(who, { kind: 'dup', handle: 'f', copy: 'g' })),
  actor.map((who) => close(who, 'g')),
  fc.tuple(actor, fc.constantFrom(['APPEND'], ['DIRECT'], [])).map(([who, flags]) => order(who, { kind: 'setfl', handle: 'f', flags })),
  fc.tuple(actor, bytes).map(([who, length]) => order(who, { kind: 'read', handle: 'f', bytes: length })),
  fc.tuple(actor, bytes).map(([who, length]) => order(who, { kind: 'write', handle: 'f', bytes: length, fill: 'P' })),
  fc.tuple(actor, fc.constantFrom('END' as const, 'DATA' as const)).map(([who, whence]) => order(who, { kind: 'lseek', handle: 'f', at: 0, whence })),
  fc.tuple(actor, at, bytes).map(([who, from, length]) => order(who, { kind: 'fallocate', handle: 'f', at: from, bytes: length, mode: ['PUNCH_HOLE', 'KEEP_SIZE'] })),
  fc.tuple(actor, at, bytes).map(([who, from, length]) => order(who, { kind: 'sendfile', handle: 'f', at: from, bytes: length })),
  fc.tuple(actor, bytes).map(([who, length]) => order(who, { kind: 'copy', handle: 'f', to: 'f', at: 0, toAt: 32 * K, bytes: length })),
  fc.tuple(actor, fc.constantFrom('aio' as const, 'uring' as const), fc.constantFrom('read' as const, 'write' as const), at, bytes)
    .map(([who, through, io, from, length]) => order(who, { kind: 'submit', handle: 'f', through, io, at: from, bytes: length, fill: 'U' })),
  actor.map((who) => order(who, { kind: 'reap' })),
  fc.tuple(actor, fc.constantFrom('DONTNEED' as const, 'WILLNEED' as const, 'POPULATE_WRITE' as const))
    .map(([who, advice]) => order(who, { kind: 'madvise', mapping: 'f', advice })),
  fc.tuple(actor, at, bytes).map(([who, from, length]) => order(who, { kind: 'pwrite', handle: 'f', at: from, bytes: length, rwf: [], from: 'f' })),
  fc.tuple(actor, at, bytes).map(([who, from, length]) => order(who, { kind: 'pread', handle: 'f', at: from, bytes: length, rwf: [], to: 'f' })),
  actor.map((who) => order(who, { kind: 'msync', mapping: 'f', flags: ['SYNC'] })),
  actor.map((who) => order(who, { kind: 'exit' })),
);

const scene = fc.record({
  init: fc.subarray(['DIRECT_IO_ALLOW_MMAP', 'PASSTHROUGH', 'ASYNC_DIO', 'WRITEBACK_CACHE', 'ASYNC_READ', 'ATOMIC_O_TRUNC', 'AUTO_INVAL_DATA']),
  generation: fc.constantFrom(...generations),
  steps: fc.array(step, { maxLength: 30 }),
});

/** Plays what can be played: an actor in a call does nothing else. */
function playAll(state: ModelState, steps: readonly Step[]): ModelState {
  return steps.reduce((now, next) => {
    if (next.kind === 'order' && !['idle', 'returned'].includes(standingsOf(now).get(next.actor)?.kind ?? '')) return now;
    const mapping = next.kind === 'order' && 'mapping' in next.call && next.call.kind !== 'mmap' ? next.call.mapping : undefined;
    const id = mapping === undefined || next.kind !== 'order' ? undefined : now.processes[next.actor]?.mappings[mapping];
    if (mapping !== undefined && (id === undefined || !now.mappings[id])) return now;
    const before = JSON.stringify(now);
    const played = play(now, next);
    if (JSON.stringify(now) !== before) throw new Error('play changed its input');
    checkCounters(played.state);
    return played.state;
  }, state);
}

function checkCounters(state: ModelState): void {
  for (const inode of Object.values(state.inodes)) {
    const cached = Object.values(state.opens).filter((open) => open.mode === 'cached').length;
    const writing = Object.values(state.threads).filter((thread) => thread.io?.counted === true).length + state.aios.filter((aio) => aio.counted).length;
    const uncached = writing + Object.values(state.opens).filter((open) => open.mode === 'uncached').length;
    if (inode.counter !== cached - uncached) throw new Error(`counter ${inode.counter}, ${cached} cached, ${uncached} in flight`);
    if (cached > 0 && uncached > 0) throw new Error('parallel writes beside caching mode');
    if (inode.lock.writer !== undefined && inode.lock.readers.length > 0) throw new Error('a writer beside readers');
  }
}

/** Opens the file of every actor that has none, so that scenes do something. */
const opened = ['w1', 'w2', 'm', 'r'].map((who) => open(who));

t.test('whatever is played, counters are what is open and in flight, and input stays as it is', async () => {
  fc.assert(fc.property(scene, ({ init, generation, steps }) => {
    playAll(firstState(sceneOf({ init }), generation), [...opened, ...steps]);
  }), { numRuns: Number(process.env['RUNS'] ?? 300) });
});

t.test('after everything is closed the inode is neutral', async () => {
  fc.assert(fc.property(scene, ({ init, generation, steps }) => {
    const played = playAll(firstState(sceneOf({ init }), generation), [...opened, ...steps]);
    played.server.rules = [];
    let state = played;
    for (let round = 0; round < 60; round++) state = play(state, release({})).state;
    for (const who of ['w1', 'w2', 'm', 'r']) state = play(state, server({ kind: 'kill', actor: who, signal: 'KILL' })).state;
    for (let round = 0; round < 20; round++) state = play(state, release({})).state;
    const inode = state.inodes['f'];
    if (inode?.counter !== 0 || inode.waiters.length > 0 || Object.keys(state.opens).length > 0 || inode.lock.writer !== undefined || inode.nowrite > 0) {
      throw new Error(JSON.stringify({ inode: { ...inode, pages: undefined }, opens: state.opens, threads: state.threads, parked: state.server.parked, writebacks: state.writebacks }));
    }
  }), { numRuns: Number(process.env['RUNS'] ?? 300) });
});

t.test('the same steps give the same state', async () => {
  fc.assert(fc.property(scene, ({ init, generation, steps }) => {
    const once = playAll(firstState(sceneOf({ init }), generation), [...opened, ...steps]);
    const twice = playAll(firstState(sceneOf({ init }), generation), [...opened, ...steps]);
    return JSON.stringify(once) === JSON.stringify(twice) && JSON.stringify(structuredClone(once)) === JSON.stringify(once);
  }), { numRuns: 100 });
});
