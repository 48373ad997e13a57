import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { listRuns } from '../../../harness/results/list-runs.ts';
import { diorama, root, runJson } from './run-diorama.ts';

const overtaking = join(root, 'tests/canaries/overtaking-write.patch');
const scenes = ['write-does-not-overtake-mmap', 'parallel-writes-meet'].flatMap((name) => ['--scenario', name]);

await t.test('a series is held against its own base and, with --baseline, against an earlier run as well', async (t) => {
  const results = t.testdir();
  const first = await runJson(results, [...scenes, '--baseline', 'latest']);
  t.equal(first.exitCode, 0, first.stderr);
  t.match(first.stderr, /no earlier run here has this guest, config and compiler/);
  t.equal(first.record.baseline, undefined);
  for (const row of first.record.scenes) {
    for (const id of [row.traceId, row.programId, row.scenarioId]) t.match(id, /^[0-9a-f]{64}$/);
    t.same(row.splats, []);
    t.ok((row.covers ?? []).length > 0);
  }
  t.match(first.record, { guestId: /^[0-9a-f]{20}$/, configId: /^[0-9a-f]{20}$/, process: { pid: Number } });
  t.ok((first.record.bytes ?? 0) > 10_000);

  const broken = await runJson(results, [...scenes, '--baseline', 'latest', '--series', overtaking]);
  t.equal(broken.exitCode, 1, broken.stderr);
  t.equal(broken.record.baseline, first.record.id);
  const { comparison } = JSON.parse(broken.stdout) as { comparison: unknown };
  t.match(comparison, { exitCode: 1, before: { id: first.record.id, side: 'base' }, after: { side: 'patched' }, circumstances: { likeForLike: true } });

  // The same kernel as the first: what the series broke is of no concern, and no trace differs.
  const again = await diorama(['run', '--results', results, ...scenes, '--baseline', broken.record.id.slice(0, -1)]);
  t.equal(again.exitCode, 0, again.stderr);
  t.match(again.stdout, /against the baseline:[\s\S]*0 of 2 traces differ\nno regression, 2 of 2 scenes the same\nevidence/);
  t.match(await diorama(['runs', '--flaky', '--results', results]), { exitCode: 0, stdout: /^nothing is flaky in 3 runs/ });
  t.match(await diorama(['compare', first.record.id, broken.record.id, '--results', results]), { exitCode: 1, stdout: /write-does-not-overtake-mmap +pass +fail +regression/ });
});

await t.test('a scene that fails on both sides of a series, and passed in the baseline, makes it 1', async (t) => {
  const results = t.testdir();
  const first = await runJson(results, ['--scenario', 'close-waits-for-writers']);
  const wrongModel = ['--scenario', 'close-waits-for-writers', '--model', '7.3', '--series', join(root, 'tests/canaries/same-comment-only.patch')];
  const alone = await runJson(results, wrongModel);
  t.equal(alone.exitCode, 0, 'against its own base nothing regressed');
  const held = await runJson(results, [...wrongModel, '--baseline', first.record.id]);
  t.equal(held.exitCode, 1, held.stderr);
  const { runs } = await listRuns(results);
  t.match(runs[0], { id: held.record.id, exitCode: 1, baseline: first.record.id }, 'its record says so too');
});

await t.test('a baseline that is none is bad usage, before anything is made', async (t) => {
  const results = t.testdir();
  const ended = await diorama(['run', '--results', results, '--baseline', 'nope', '--kernel', 'tar:/no/such.tar']);
  t.equal(ended.exitCode, 2);
  t.match(ended.stderr, /nope: there is no such run/);
  t.same(await readdir(results), []);
});
