import fc from 'fast-check';
import t from 'tap';
import { compareRuns, type RunComparison } from '../../../harness/judge/compare-runs.ts';
import { ownSide } from '../../../harness/judge/side-of-run.ts';
import type { PlayedScene } from '../../../harness/results/run-record.ts';
import type { VerdictKind } from '../../../harness/judge/verdict.ts';
import type { RunRecord } from '../../../harness/results/run-record.ts';
import { measured, record, row, seriesRecord, variant } from './records.ts';

const compared = (before: RunRecord, after: RunRecord, callNs = 0, togetherNs = 500_000): RunComparison =>
  compareRuns(before, after, { beforeSide: ownSide(before), afterSide: ownSide(after), bounds: { callNs, togetherNs } });
const words = (found: RunComparison): Record<string, string> => Object.fromEntries(found.scenes.map(({ scene, word, by }) => [scene, by === undefined ? word : `${word} by ${by}`]));
const otherKernel = { base: { ...variant, id: 'v9', treeId: 'tree9' } };

t.test('each scene gets its word, and the sentence counts them', async (t) => {
  const before = record([
    row('breaks', 'pass'), row('mended', 'fail: step 1'), row('other', 'fail: step 1'), row('stays', 'pass'), row('leaves', 'pass'), row('listed', 'fail: step 1'),
    row('issue', 'known: K1', { verdict: { kind: 'known', reason: 'K1', issue: 'K1' } }), row('unclear', 'pass'), row('skipped', 'skip: needs X'),
    row('swapped', 'known', { verdict: { kind: 'known', reason: 'K1', issue: 'K1' } }),
  ]);
  const after = record([
    row('breaks', 'hang: it hangs'), row('mended', 'pass'), row('other', 'fail: step 2'), row('stays', 'pass'), row('comes', 'fail: step 3'),
    row('listed', 'known', { verdict: { kind: 'known', reason: 'K7: step 1', issue: 'K7' } }),
    row('issue', 'known', { verdict: { kind: 'known', reason: 'K1', issue: 'K1' } }), row('unclear', 'error: no witness'), row('skipped', 'skip: needs X'),
    row('swapped', 'known', { verdict: { kind: 'known', reason: 'K2', issue: 'K2' } }),
  ]);
  const found = compared(before, after);
  t.same(words(found), {
    breaks: 'regression', comes: 'new', issue: 'known', leaves: 'gone', listed: 'known', mended: 'fix', other: 'changed', skipped: 'same', stays: 'same', swapped: 'changed', unclear: 'error',
  });
  t.equal(found.summary, '1 regression, 1 could not be judged, 2 changed, 1 fixed, 1 gone, 1 new, 2 known, 2 of 11 scenes the same');
  t.equal(found.exitCode, 1);
  t.match(found.scenes.find(({ scene }) => scene === 'other'), { before: { reason: 'step 1' }, after: { reason: 'step 2' } }, 'both reasons are there');
});

t.test('a run against itself is the same, whatever its verdicts, and swapping the runs swaps the words', async (t) => {
  const kind = fc.constantFrom<VerdictKind>('pass', 'fail', 'splat', 'hang', 'crash', 'known', 'skip', 'error');
  const rows = fc.uniqueArray(fc.record({ scene: fc.stringMatching(/^[a-e]$/), kind, reason: fc.constantFrom('', 'x', 'y') }), { selector: ({ scene }) => scene })
    .map((some) => some.map((one) => row(one.scene, `${one.kind}: ${one.reason}`)));
  const opposite: Record<string, string> = { new: 'gone', gone: 'new', error: 'error', same: 'same' };
  t.doesNotThrow(() => fc.assert(fc.property(rows, rows, (some, others) => {
    const self = compared(record(some), record(some));
    const regressed = self.scenes.some(({ word }) => !['same', 'known', 'error'].includes(word));
    if (regressed || self.splats.length > 0 || self.circumstances.differences.length > 0) throw new Error(JSON.stringify(self));
    const there = words(compared(record(some), record(others)));
    const back = words(compared(record(others), record(some)));
    for (const [scene, word] of Object.entries(there)) {
      const awaited = opposite[word];
      if (awaited !== undefined && back[scene] !== awaited && back[scene] !== 'known') throw new Error(`${scene}: ${word}, ${back[scene]}`);
    }
    // Nothing that passed may fail without being a regression.
    for (const { before, after, word } of compared(record(some), record(others)).scenes) {
      if (before?.kind === 'pass' && after && !['pass', 'error'].includes(after.kind) && word !== 'regression') throw new Error(word);
    }
  })));
});

t.test('line numbers and addresses change no reason between two kernels, and do on the same one', async (t) => {
  const at = (line: number, console: number): string => `splat: the kernel said: kernel BUG at fs/fuse/dir.c:${line}! (console line ${console})`;
  t.same(words(compared(record([row('s', at(1824, 3))]), record([row('s', at(1830, 4))], otherKernel))), { s: 'same' });
  t.same(words(compared(record([row('s', at(1824, 3))]), record([row('s', at(1830, 3))]))), { s: 'changed' });
  t.same(words(compared(record([row('s', at(1, 3))]), record([row('s', 'splat: the kernel said: kernel BUG at fs/fuse/file.c:1! (console line 3)')], otherKernel))), { s: 'changed' });
});

t.test('a complaint that came is a regression also where the verdict stays, and one that went is none', async (t) => {
  const known = (splats: readonly string[]): PlayedScene => row('s', 'known: K3', { splats: [...splats] });
  const bug = 'kernel BUG at fs/fuse/dir.c:1824!';
  const came = compared(record([known([bug])]), record([known([bug, 'refcount_t: underflow; use-after-free.'])]));
  t.same(words(came), { s: 'regression by splat' });
  t.equal(came.exitCode, 1);
  t.same(came.splats, [{ scene: 's', title: 'refcount_t: underflow; use-after-free.', before: 0, after: 1 }]);
  const went = compared(record([known([bug, bug])]), record([known([bug])]));
  t.same(went.splats, [{ scene: 's', title: bug, before: 2, after: 1 }]);
  t.equal(went.exitCode, 0);
  t.same(compared(record([known([bug])]), record([known(['kernel BUG at fs/fuse/dir.c:1999!'])], otherKernel)).splats, []);
  t.same(compared(record([row('s', 'pass', { splats: undefined })]), record([row('s', 'pass', { splats: ['x'] })])).splats, [], 'what was not kept is not compared');
});

t.test('what several calls at once take has a threshold of its own', (t) => {
  const together = (ns: number): PlayedScene => row('m', 'pass', { measures: [{ ...measured('pwrite', 1000), writers: 1 }, { ...measured('pwrite', ns), writers: 4 }] });
  const [before, after] = [record([together(4_000_000)]), record([together(4_000_600)])];
  t.same(words(compared(before, after)), { m: 'same' });
  t.same(words(compared(before, after, 0, 600)), { m: 'same' });
  t.same(words(compared(before, after, 1000, 599)), { m: 'regression by latency' });
  t.end();
});

t.test('a latency that differs by one nanosecond differs, unless the threshold is one', async (t) => {
  const costing = (...values: readonly number[]): PlayedScene => row('m', 'pass', { measures: values.map((value, index) => ({ ...measured('pread', value), mode: `mode ${index}` })) });
  const slower = compared(record([costing(1000, 5)]), record([costing(1001, 5)]));
  t.same(slower.latency, { compared: 2, bounds: { callNs: 0, togetherNs: 500_000 }, changes: [{ scene: 'm', name: 'pread, mode 0', beforeNs: 1000, afterNs: 1001, word: 'slower' }] });
  t.same(words(slower), { m: 'regression by latency' });
  t.same(words(compared(record([costing(1000, 5)]), record([costing(1001, 5)]), 1)), { m: 'same' });
  const faster = compared(record([costing(1000)]), record([costing(999, 7)]));
  t.same(faster.latency.changes.map(({ word }) => word), ['faster', 'new']);
  t.equal(faster.exitCode, 0);
  t.same(compared(record([costing(1, 2)]), record([costing(1)])).latency.changes, [{ scene: 'm', name: 'pread, mode 1', beforeNs: 2, word: 'gone' }]);
  const otherQemu = compared(record([costing(1000)]), record([costing(2000)], { qemu: '10.0.0' }));
  t.equal(otherQemu.exitCode, 0, 'another QEMU counts other times');
  t.equal(otherQemu.latency.changes.length, 1, 'and they are shown all the same');
  t.equal(compared(record([costing(1)]), record([{ ...costing(2), programId: 'p2' }])).exitCode, 0, 'and so does another program');
});

t.test('rules are lost and gained by what was tried, not by what was only skipped', async (t) => {
  const before = record([row('a', 'pass', { covers: ['mmap.enters', 'open.cached'] }), row('b', 'skip: no', { covers: ['open.dax'] })]);
  const after = record([row('a', 'error: no witness', { covers: ['mmap.enters', 'open.cached'] }), row('b', 'fail: x', { covers: ['open.dax', 'mmap.enters'] })]);
  t.same(compared(before, after).coverage, { before: 2, after: 2, lost: ['open.cached'], gained: ['open.dax'] });
});

t.test('guest, config and compiler make it like for like; anything else is named', async (t) => {
  const run = record([row('s', 'pass')]);
  const differs = (given: Partial<RunRecord>): [boolean, string[]] => {
    const { circumstances } = compared(run, record([row('s', 'pass')], given));
    return [circumstances.likeForLike, circumstances.differences.map(({ what, before, after }) => `${what}: ${before} | ${after}`)];
  };
  t.same(differs({}), [true, []]);
  t.same(differs({ guest: 'smp', guestId: 'g2' }), [false, ['guest: deterministic | smp']]);
  t.same(differs({ guestId: 'g2' }), [false, ['guest: deterministic (g1) | deterministic (g2)']], 'another guest of the same name');
  t.same(differs({ guestId: undefined, configId: undefined }), [true, []], 'of an older run only the names are known');
  t.same(differs({ config: 'default+lockdep', configId: 'c2' })[0], false);
  t.same(differs({ base: { ...variant, compiler: 'gcc 14' } }), [false, [`compiler: ${variant.compiler} | gcc 14`]]);
  t.same(differs({ base: undefined })[0], false, 'a run that ended before its kernel was built');
  t.same(differs({ qemu: '10.0', libfuse: '3.18', model: 'v2' }), [true, ['qemu: 7.2.1 | 10.0', 'libfuse: 3.17.2 | 3.18', 'model: undefined | v2']]);
  t.same(differs(otherKernel)[1], ['tree: tree1 | tree9']);
  const scenes = compared(record([row('a', 'pass'), row('b', 'pass')]), record([row('a', 'pass', { scenarioId: 'y2' }), row('b', 'pass')]));
  t.match(scenes.circumstances, { likeForLike: true, differences: [{ what: 'scenes', before: '2 played in both', after: '1 of them changed: a' }] });
});

t.test('the side that counts is the patched one of a series, unless another is asked for', async (t) => {
  const before = record([row('s', 'pass')]);
  const after = seriesRecord([row('s', 'fail: step 1')]);
  t.equal(compared(before, after).exitCode, 1);
  t.equal(compareRuns(before, after, { beforeSide: 'base', afterSide: 'base', bounds: { callNs: 0, togetherNs: 0 } }).exitCode, 0);
  t.match(compared(before, after).circumstances.differences, [{ what: 'tree' }, { what: 'series', before: undefined, after: 'v3.mbox, 1 patch' }]);
});

t.test('a later run that did not end in order, or shares no scene, is never called free of regressions with 0', async (t) => {
  const good = record([row('a', 'pass'), row('b', 'pass')]);
  const failed = compared(good, record([], { status: 'failed', base: undefined, kernel: undefined, libfuse: undefined, qemu: undefined, stages: [] }));
  t.match(failed, { exitCode: 69, summary: 'nothing was compared: no scene was played by both runs; the later run did not end in order (failed)' });
  t.match(compared(good, record([row('a', 'pass')], { status: 'interrupted' })), { exitCode: 69, summary: 'no regression, 1 gone, 1 of 2 scenes the same; the later run did not end in order (interrupted)' });
  t.match(compared(good, record([row('a', 'fail: x')], { status: 'interrupted' })), { exitCode: 1 });
  t.match(compared(good, record([row('x', 'pass')])), { exitCode: 69, summary: 'nothing was compared: no scene was played by both runs' });
  t.match(compared(record([]), record([])), { exitCode: 69, summary: 'nothing was compared: neither run played a scene' });
  t.match(compared(good, record([row('a', 'error: no witness'), row('b', 'pass')])), { exitCode: 69 });
  t.match(compared(record([row('a', 'error: no witness'), row('b', 'pass')]), good), { exitCode: 0 });
});

t.test('a run of an older diorama has less to compare, and is compared all the same', async (t) => {
  const { traceId, programId, scenarioId, splats, covers, ...old } = row('s', 'pass');
  void [traceId, programId, scenarioId, splats, covers];
  const found = compared(record([old], { guestId: undefined, configId: undefined }), record([row('s', 'fail: x')]));
  t.match(found, { exitCode: 1, coverage: undefined, splats: [], latency: { compared: 0 } });
  t.notOk('trace' in (found.scenes[0] ?? {}), 'nobody says anything about traces');
});

t.test('stages are paired in their order, with both times', async (t) => {
  const build = (ms: number) => ({ stage: 'build', label: `b${ms}`, ms, reused: false });
  const found = compared(record([], { stages: [build(1)] }), record([], { stages: [build(10), build(20)] }));
  t.same(found.stages, [
    { stage: 'build', label: 'b10', before: { ms: 1, reused: false }, after: { ms: 10, reused: false } },
    { stage: 'build', label: 'b20', after: { ms: 20, reused: false } },
  ]);
});
