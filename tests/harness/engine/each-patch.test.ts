import { execa } from 'execa';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { diorama, leftWith, readText, runJson, startDiorama } from './run-diorama.ts';
import { canary, numbered, revertOf, withLine } from './series-of-canaries.ts';

const scene = 'write-does-not-overtake-mmap';
const scenes = ['--scenario', scene, '--scenario', 'parallel-writes-meet'];
const overtaking = await canary('overtaking-write');

await t.test('a bug in the third of five patches and its repair in the fifth are told, and cost five modules and no kernel', async (t) => {
  // Unlike in any other run: what is in the cache already would not be built.
  const unique = `/* ${process.pid} ${Date.now()} */`;
  const dir = t.testdir({
    series: numbered([withLine('fuse: a comment', unique), await canary('same-early-return'), overtaking, await canary('same-if-else'), revertOf(overtaking)]),
  });
  const run = await runJson(join(dir, 'results'), ['--series', join(dir, 'series'), '--each-patch', ...scenes]);
  t.equal(run.exitCode, 1, run.stderr);
  t.match(run.record.summary, /^no regression, 2 of 2 scenes the same; patch 3\/5 breaks 1 scene, patch 5\/5 mends 1 scene$/);
  t.match(run.record.changes, [
    { scene, word: 'broken', patches: [3], from: { kind: 'pass' }, to: { kind: 'fail', reason: /it overtook m's mmap/ }, dir: `patch-0003/${scene}` },
    { scene, word: 'mended', patches: [5], from: { kind: 'fail' }, to: { kind: 'pass' }, dir: `patched/${scene}` },
  ]);
  t.equal(run.record.changes?.length, 2);
  const steps = run.record.steps ?? [];
  t.same(steps.map((step) => step.scenes.map(({ verdict }) => verdict.kind).join(' ')), ['pass pass', 'pass pass', 'pass fail', 'pass fail', 'pass pass']);
  t.same(run.record.scenes.map(({ side }) => side).sort(), ['base', 'base', 'patched', 'patched'], 'base and whole are as in any other run');

  const builds = run.record.stages.filter(({ stage }) => stage === 'build' || stage === 'config');
  t.same(builds.map(({ label, reused }) => `${label}${reused ? ', reused' : ''}`), [
    'debian:6.12, default, reused', ...[1, 2, 3, 4, 5].map((patch) => `debian:6.12 + patch ${patch}/5, default`),
  ]);
  t.same([...new Set(steps.map(({ variant }) => variant?.vmlinuxId))], [run.record.base?.vmlinuxId], 'all have the vmlinux of the base');
  t.equal(new Set(steps.map(({ variant }) => variant?.id)).size, 5);
  t.same(run.record.stages.filter(({ stage, reused }) => stage === 'template' && !reused), [], 'and its template');
  for (const name of ['patch-0001', 'patch-0002', 'patch-0003', 'patch-0004', 'patched']) {
    const made = (await readText(run.dir, `build-${name}.log`)).split('\n').flatMap((line) => /^ {2}(?:CC|LD|AR)(?: \[M\])? +(\S+)$/.exec(line)?.[1] ?? []);
    t.ok(made.includes('fs/fuse/fuse.ko'), `${name} makes the module`);
    t.same(made.filter((path) => !path.startsWith('fs/fuse/') && path !== 'scripts/module-common.o' && path !== '.module-common.o'), [], `${name} makes nothing else`);
  }

  t.same((await readdir(join(run.dir, 'patch-0003', scene))).sort(), ['console', 'program', 'repro.sh', 'scenario.yaml', 'trace', 'verdict.json']);
  const repro = await execa(join(run.dir, 'patch-0003', scene, 'repro.sh'), ['--results', join(dir, 'again')], { reject: false });
  t.equal(repro.exitCode, 1, repro.stderr);
  t.match(repro.stdout, /here they part/);
  const shown = await diorama(['show', run.dir]);
  t.match(shown.stdout, /along the series +base +1 +2 +3 +4 +5\nwrite-does-not-overtake-mmap +pass +pass +pass +fail +fail +pass\n/);
  t.match(shown.stdout, /^write-does-not-overtake-mmap: broken by patch 3\/5 \(canary: take the inode lock shared .*\): fail, step 7: w2's pwrite/m);
  t.match(shown.stdout, /^write-does-not-overtake-mmap: mended by patch 5\/5 \(Revert "canary: take the inode lock shared /m);
  t.notMatch(shown.stdout, /parallel-writes-meet +pass +pass +pass/, 'what does not vary is not in the table');
});

await t.test('Ctrl-C between two patches ends with 130, an interrupted record and no process, and the next run goes on', async (t) => {
  const patches = [withLine('fuse: a comment', `/* ${process.pid} ${Date.now()} */`), await canary('same-early-return'), overtaking];
  const dir = t.testdir({ series: numbered(patches) });
  const args = ['--series', join(dir, 'series'), '--each-patch', '--scenario', scene];
  const results = join(dir, 'results');
  const started = await startDiorama(['run', '--results', results, ...args], /^build +.*patch 2\/3/m);
  process.kill(started.pid, 'SIGINT');
  const { exitCode, stderr } = await started.ended;
  t.equal(exitCode, 130, stderr);
  t.same(await leftWith(dir), [], 'no process is left');
  const shown = await diorama(['runs', '--results', results, '--json']);
  t.match(JSON.parse(shown.stdout), [{ status: 'interrupted' }]);
  const again = await runJson(results, args);
  t.equal(again.exitCode, 1, again.stderr);
  t.same(again.record.steps?.map(({ scenes }) => scenes[0]?.verdict.kind), ['pass', 'pass', 'fail']);
});

await t.test('a patch that does not compile is told with its place, the others are played, and it is 1', async (t) => {
  const broken = withLine('fuse: break the build', '#include <linux/no-such-header.h>');
  const dir = t.testdir({ series: numbered([await canary('same-early-return'), broken, revertOf(`Subject: [PATCH] fuse: break the build\n\ndiff --git a/fs/fuse/iomode.c b/fs/fuse/iomode.c\n${broken.slice(broken.indexOf('--- a/'))}`)]) });
  const ended = await diorama(['run', '--results', join(dir, 'results'), '--series', join(dir, 'series'), '--each-patch', '--scenario', scene]);
  t.equal(ended.exitCode, 1, ended.stderr);
  t.match(ended.stdout, /^patch 2\/3 \(fuse: break the build\) does not build: fs\/fuse\/iomode\.c:\d+:10: fatal error: linux\/no-such-header\.h: No such file/m);
  t.match(ended.stdout, /^no regression, 1 of 1 scenes the same; patch 2\/3 does not build$/m);
  t.notMatch(ended.stdout, /along the series/, 'no verdict varies');
});

await t.test('a whole that does not build is 3, and the base is played all the same', async (t) => {
  const dir = t.testdir({ series: numbered([withLine('fuse: break the build', '#error "\u001b[31mred"'), overtaking]) });
  const run = await runJson(join(dir, 'results'), ['--series', join(dir, 'series'), '--each-patch', '--scenario', scene]);
  t.equal(run.exitCode, 3, run.stderr);
  t.match(run.record, { status: 'failed', exitCode: 3, error: { code: 'build-failed' }, steps: [{ trouble: { code: 'build-failed' }, scenes: [] }, { trouble: { code: 'build-failed' }, scenes: [] }] });
  t.match(run.record.summary, /; patch 1\/2 does not build, patch 2\/2 does not build$/);
  t.same(run.record.scenes.map(({ side, verdict }) => `${side} ${verdict.kind}`), ['base pass']);
  const shown = await diorama(['show', run.dir]);
  t.match(shown.stdout, /^patch 2\/2 \(canary: .*\) does not build: the same as before it$/m);
  t.notMatch(shown.stdout, /\u001b/);
});

await t.test('a prefix whose module is another one to the byte is not played, and takes its verdicts', async (t) => {
  const dir = t.testdir({ series: numbered([await canary('same-comment-only'), withLine('fuse: say it', '/* it */')]) });
  const series = join(dir, 'series');
  const run = await runJson(join(dir, 'results'), ['--series', series, '--each-patch', '--scenario', scene]);
  t.equal(run.exitCode, 0, run.stderr);
  t.match(run.record.summary, /; no patch changes a verdict$/);
  const [first, last] = run.record.steps ?? [];
  t.match(first, { sameAs: 'base', scenes: [{ scene, verdict: { kind: 'pass' }, dir: `base/${scene}` }] });
  t.match(last, { sameAs: 'patched', scenes: [{ scene, dir: `patched/${scene}` }] }, 'the whole is played, whatever it is');
  t.match(run.stderr, /patch 1\/2: fuse\.ko is that of base to the byte/);
  t.notOk((await readdir(run.dir)).includes('patch-0001'));
});

await t.test('a series that does not apply is 3 as ever, and --each-patch without one is 2', async (t) => {
  const dir = t.testdir({ series: numbered([overtaking, overtaking]) });
  const ended = await diorama(['run', '--results', join(dir, 'results'), '--series', join(dir, 'series'), '--each-patch', '--scenario', scene]);
  t.equal(ended.exitCode, 3, ended.stderr);
  t.match(ended.stderr, /patch 2\/2 .* does not apply: fs\/fuse\/file\.c, hunk 1/);
  for (const args of [['--each-patch'], ['--each-patch', '--fail-fast', '--series', join(dir, 'series')]]) {
    const bad = await diorama(['run', '--results', join(dir, 'none'), ...args]);
    t.equal(bad.exitCode, 2);
    t.match(bad.stderr, /--each-patch (needs a --series|and --fail-fast exclude each other)/);
  }
});
