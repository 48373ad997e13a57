import fc from 'fast-check';
import t from 'tap';
import type { Memory, PlayedCell } from '../../../harness/nightly/night-state.ts';
import { fits, planNight, type Candidate } from '../../../harness/nightly/plan-night.ts';

const last: PlayedCell = { kind: 'played', at: '', ms: 1, run: 'a/1', change: { scenes: 1, regressions: [], fixed: [], still: [], unjudged: [] } };

function candidate(name: string, memory: Memory = {}, fingerprint = 'now'): Candidate {
  return { entry: { name, kernel: name, config: [], guest: 'deterministic' }, memory, fingerprint };
}

function names(candidates: readonly Candidate[]): string[] {
  return candidates.map(({ entry }) => entry.name);
}

t.test('first what the last budget did not reach, then the cheapest, then what is not known', async (t) => {
  const plan = planNight([
    candidate('new'), candidate('dear', { lastMs: 90 }), candidate('cheap', { lastMs: 10 }), candidate('left', { carried: true, lastMs: 500 }), candidate('other'), candidate('left-new', { carried: true }),
  ]);
  t.same(names(plan.play), ['left-new', 'left', 'cheap', 'dear', 'new', 'other']);
});

t.test('unchanged is only what came to an end with the same fingerprint', async (t) => {
  const plan = planNight([
    candidate('same', { fingerprint: 'now', last }), candidate('moved', { fingerprint: 'then', last }), candidate('unjudged', { last }), candidate('never', { fingerprint: 'now' }),
  ]);
  t.same(names(plan.unchanged), ['same']);
  t.same(names(plan.play), ['moved', 'unjudged', 'never']);
});

t.test('nothing is lost or doubled, whatever is remembered', async () => {
  const memory = fc.record({ fingerprint: fc.constantFrom('now', 'then'), lastMs: fc.nat(), carried: fc.boolean() }, { requiredKeys: [] });
  fc.assert(fc.property(fc.array(memory), (memories) => {
    const all = memories.map((one, index) => candidate(String(index), { ...one, ...(index % 2 === 0 ? { last } : {}) }));
    const plan = planNight(all);
    return [...names(plan.play), ...names(plan.unchanged)].sort().join() === names(all).sort().join();
  }));
});

t.test('an entry begins when it fits, or when it is the first of the night', async (t) => {
  t.ok(fits({ lastMs: 10 }, { leftMs: 10, first: false }));
  t.notOk(fits({ lastMs: 11 }, { leftMs: 10, first: false }));
  t.ok(fits({ lastMs: 11 }, { leftMs: 10, first: true }));
  t.ok(fits({}, { leftMs: 1, first: false }), 'nobody knows how long it takes');
  t.notOk(fits({ lastMs: 1 }, { leftMs: 0, first: true }));
});
