import t from 'tap';
import { diorama, readText, runJson, verdicts } from './run-diorama.ts';

const scenes = ['write-does-not-overtake-mmap', 'eight-writers-meet', 'two-first-mmaps-of-one-open-file'];

await t.test('scenes pass on several CPUs in the host\'s time, are played each time, and measure nothing', async (t) => {
  const results = t.testdir();
  const args = ['--guest', 'parallel', '--cpus', '4', ...[...scenes, 'cost-of-writers'].flatMap((name) => ['--scenario', name])];
  const run = await runJson(results, args);
  t.equal(run.exitCode, 0, run.stderr);
  t.same(verdicts(run.record), [...scenes, 'cost-of-writers'].sort().map((name) => `${name} base: pass`));
  t.same(run.record.scenes.filter(({ measures, reused }) => measures !== undefined || reused === true), []);
  t.match(await readText(run.dir, 'base', 'eight-writers-meet', 'repro.sh'), / --guest parallel --cpus 4 /);
  const again = await runJson(results, args);
  t.same(again.record.scenes.filter(({ reused }) => reused === true), []);
});

await t.test('an accelerator is for guests in the host\'s time', async (t) => {
  const results = t.testdir();
  const bad = await diorama(['run', '--accel', 'kvm', '--scenario', 'eight-writers-meet', '--results', results]);
  t.equal(bad.exitCode, 2);
  t.match(bad.stderr, /--accel kvm: guest deterministic is in virtual time, .* only TCG does\ntry: --guest parallel/);
  for (const cpus of ['0', '65', 'two']) t.equal((await diorama(['run', '--cpus', cpus, '--results', results])).exitCode, 2, cpus);
});
