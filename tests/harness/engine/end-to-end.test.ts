import { execa } from 'execa';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { diorama, readText, root, runJson, verdicts } from './run-diorama.ts';

const canaries = join(root, 'tests/canaries');

await t.test('every scene passes on stock 6.12, and a second run builds and boots nothing and gives the same traces', async (t) => {
  const results = t.testdir();
  const first = await runJson(results, []);
  t.equal(first.exitCode, 0, first.stderr);
  const names = (await readdir(join(root, 'tests/scenarios'))).map((file) => file.replace('.yaml', '')).sort();
  t.ok(names.length >= 10, 'there are at least ten scenes');
  t.same(verdicts(first.record), names.map((name) => `${name} base: pass`));

  const second = await runJson(results, []);
  t.equal(second.exitCode, 0, second.stderr);
  const costly = new Set(['build', 'template', 'libfuse', 'stage']);
  const made = second.record.stages.filter((stage) => costly.has(stage.stage) && !stage.reused);
  t.same(made, [], 'nothing was made a second time');
  for (const name of names) {
    const trace = await readText(first.dir, 'base', name, 'trace');
    t.match(trace, /"e":"end"/);
    t.equal(await readText(second.dir, 'base', name, 'trace'), trace, `the trace of ${name} is the same to the byte`);
  }
});

await t.test('the overtaking canary is one regression, and its reason names the write and the waiter', async (t) => {
  const results = t.testdir();
  const run = await runJson(results, ['--series', join(canaries, 'overtaking-write.patch')]);
  t.equal(run.exitCode, 1, run.stderr);
  const bad = run.record.scenes.filter(({ verdict }) => verdict.kind !== 'pass');
  t.same(bad.map(({ scene, side, verdict }) => [scene, side, verdict.kind]), [['write-does-not-overtake-mmap', 'patched', 'fail']]);
  t.match(bad[0]?.verdict.reason, /w2's pwrite of 4K at 4K reached the server .* it overtook m's mmap/);
  t.match(run.record.summary, /^1 regression, /);
  const shown = await diorama(['show', run.dir]);
  t.match(shown.stdout, /write-does-not-overtake-mmap +pass +fail +regression/);
  const repro = await execa(join(run.dir, 'patched/write-does-not-overtake-mmap/repro.sh'), ['--results', join(results, 'again')], { reject: false });
  t.equal(repro.exitCode, 1, 'repro.sh shows it again');
  t.match(repro.stdout, /here they part/);
});

await t.test('a canary that only changes a comment leaves everything the same', async (t) => {
  const run = await runJson(t.testdir(), ['--series', join(canaries, 'comment-only.patch')]);
  t.equal(run.exitCode, 0, run.stderr);
  t.match(run.record.summary, /^no regression, (\d+) of \1 scenes the same$/);
});
