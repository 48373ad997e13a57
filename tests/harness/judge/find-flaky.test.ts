import t from 'tap';
import { findFlaky } from '../../../harness/judge/find-flaky.ts';
import type { PlayedScene, RunRecord } from '../../../harness/results/run-record.ts';
import { record, row, seriesRecord, variant } from './records.ts';

const run = (id: string, scene: PlayedScene, given: Partial<RunRecord> = {}): RunRecord => record([scene], { id, started: `2026-11-22T01:02:0${id}.000Z`, ...given });

t.test('the same kernel, guest and program with another verdict or trace is flaky, and every outcome is counted with its runs', async (t) => {
  const [flaky, ...more] = findFlaky([
    run('1', row('s', 'pass')), run('2', row('s', 'fail: step 3', { traceId: 't2' })), run('3', row('s', 'pass')), run('4', row('s', 'pass', { traceId: 't3' })),
    run('5', row('steady', 'fail: x')), run('6', row('steady', 'fail: x')),
  ]);
  t.same(more, []);
  t.match(flaky, {
    scene: 's', release: '6.12.107', guest: 'deterministic', plays: 4, verdicts: { pass: 3, fail: 1 }, traces: 3,
    outcomes: [{ verdict: 'pass', traceId: 't1', count: 2, runs: ['1', '3'] }, { verdict: 'fail', reason: 'step 3', count: 1, runs: ['2'] }, { verdict: 'pass', traceId: 't3', count: 1, runs: ['4'] }],
  });
});

t.test('whatever else was different is no flake', async (t) => {
  const differing: readonly (readonly [PlayedScene, Partial<RunRecord>])[] = [
    [row('s', 'fail: x'), { base: { ...variant, id: 'v2' } }], [row('s', 'fail: x'), { base: { ...variant, template: 'x' } }], [row('s', 'fail: x'), { guest: 'smp' }],
    [row('s', 'fail: x'), { guestId: 'g2' }], [row('s', 'fail: x'), { libfuse: '4' }], [row('s', 'fail: x'), { qemu: '10' }], [row('s', 'fail: x'), { model: 'v2' }],
    [row('s', 'fail: x', { programId: 'p2' }), {}], [row('s', 'fail: x', { scenarioId: 'y2' }), {}], [row('s', 'fail: x', { programId: undefined }), {}],
    [row('s', 'error: it was interrupted', { traceId: 't2' }), { status: 'interrupted' }], [row('s', 'fail: x'), { base: undefined }],
  ];
  for (const [scene, given] of differing) t.same(findFlaky([run('1', row('s', 'pass')), run('2', scene, given)]), [], JSON.stringify([scene.verdict, given]));
  t.equal(findFlaky([run('1', row('s', 'pass')), run('2', row('s', 'fail: x'))]).length, 1);
  t.equal(findFlaky([run('1', row('s', 'pass')), run('2', row('s', 'error: x'))]).length, 1, 'an error of a finished run is an outcome too');
  t.same(findFlaky([]), []);
});

t.test('the two sides of a series are different kernels', async (t) => {
  t.same(findFlaky([seriesRecord([row('s', 'fail: x', { traceId: 't2' })])]), []);
});
