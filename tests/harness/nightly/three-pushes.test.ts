import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { root } from '../engine/run-diorama.ts';
import { kernelRemote } from './moving-remote.ts';
import { cellsOf, nightlyIn } from './nightly-runs.ts';

const canary = readFileSync(join(root, 'tests/canaries/overtaking-write.patch'), 'utf8');
const scene = 'write-does-not-overtake-mmap';

await t.test('a mainline with three pushes (good, canary, revert) is clean, one regression with commit and scene, fixed', async (t) => {
  const remote = await kernelRemote('three-pushes');
  t.teardown(() => remote.remove());
  const nightly = nightlyIn(t.testdir(), [
    'kernels:', `  mainline: {git: ${remote.path}, branch: ${remote.branch}}`, `scenarios: [${scene}, parallel-writes-meet, plain-direct-writes-never-meet]`,
  ]);
  const index = (): string => nightly.index();

  const good = await nightly.run();
  t.equal(good.exitCode, 0, good.stderr);
  t.match(good.stdout, /^mainline .*clean$/m);
  t.match(good.night?.cells['mainline'], { kind: 'played', change: { scenes: 3, regressions: [], fixed: [], still: [], unjudged: [] } });
  t.match(index(), /<h1 class="good">No regression\.<\/h1>/);

  const bad = remote.push(`fuse: let writes pass <b>${String(process.pid)}</b>`, { patch: canary });
  const broken = await nightly.run();
  t.equal(broken.exitCode, 1, broken.stderr);
  t.match(broken.stdout, /^mainline .*1 regression$/m);
  t.match(broken.night?.cells['mainline'], { kind: 'played', change: { regressions: [{ scene, was: 'pass', is: 'fail' }], fixed: [], still: [], unjudged: [] }, commits: { relation: 'ahead', count: 1, fuse: 1, commits: [{ id: bad }] } });
  t.match(broken.stdout, new RegExp(`regression +${scene} pass -> fail: .*overtook m's mmap`));
  t.match(broken.stdout, new RegExp(`with one commit: ${bad.slice(0, 12)} "fuse: let writes pass`));
  t.match(index(), /<h1 class="bad">1 regression\.<\/h1>/);
  t.match(index(), new RegExp(`${scene} pass -&gt; fail`));
  t.match(index(), /let writes pass &lt;b&gt;/);
  t.notMatch(index(), /<b>/, 'the subject of a commit stays text');

  const mend = remote.push('Revert "fuse: let writes pass"', { patch: canary, reverse: true });
  const mended = await nightly.run();
  t.equal(mended.exitCode, 0, mended.stderr);
  t.match(mended.stdout, /^mainline .*fixed$/m);
  t.match(mended.night?.cells['mainline'], { change: { regressions: [], fixed: [{ scene, was: 'fail', is: 'pass' }], still: [] }, commits: { count: 1, commits: [{ id: mend }] } });
  t.same(cellsOf(index()), [['good: fixed'], ['bad: 1 regression'], ['good: clean']], 'the newest night first');
  for (const [, href = ''] of index().matchAll(/<a class="word" href="([^"]+)"/g)) t.match(readFileSync(join(nightly.results, decodeURIComponent(href)), 'utf8'), /^<!doctype html>/i, 'every cell leads to a report');

  const began = performance.now();
  const nothing = await nightly.run();
  t.equal(nothing.exitCode, 0, nothing.stderr);
  t.match(nothing.stdout, /^nothing new since /);
  t.ok(performance.now() - began < 30_000, 'in seconds');
  t.equal(nothing.nights, 3, 'it is no night');
});

await t.test('of several commits at once the range is named, and bisect names the one', async (t) => {
  const remote = await kernelRemote('bisect');
  t.teardown(() => remote.remove());
  const nightly = nightlyIn(t.testdir(), ['kernels:', `  mainline: {git: ${remote.path}, branch: ${remote.branch}}`, `scenarios: [${scene}]`, 'bisect: true']);
  t.equal((await nightly.run()).exitCode, 0);
  // Commits that change nothing cost no build.
  remote.push('one that changes nothing', {});
  const bad = remote.push('fuse: let writes pass', { patch: canary });
  const last = remote.push(`another that changes nothing (${String(process.pid)})`, {});
  const broken = await nightly.run();
  t.equal(broken.exitCode, 1, broken.stderr);
  t.match(broken.night?.cells['mainline'], { kind: 'played', commits: { from: remote.first, to: last, relation: 'ahead', count: 3, fuse: 1, bisected: [{ scene, commit: { id: bad } }] } });
  t.match(broken.stdout, new RegExp(`among 3 commits, ${remote.first.slice(0, 12)}\\.\\.${last.slice(0, 12)}, 1 of them touches FUSE`));
  t.match(broken.stdout, new RegExp(`bisect of ${scene}: ${bad.slice(0, 12)} "fuse: let writes pass"`));

  remote.reset(remote.first);
  const rebased = await nightly.run();
  t.equal(rebased.exitCode, 0, rebased.stderr);
  t.match(rebased.night?.cells['mainline'], { change: { fixed: [{ scene }] }, commits: { relation: 'rebased' } });
});

await t.test('a mainline that no longer builds is 3 with the commit and the line of the compiler; one that builds again is told', async (t) => {
  const remote = await kernelRemote('builds');
  t.teardown(() => remote.remove());
  const nightly = nightlyIn(t.testdir(), ['kernels:', `  mainline: {git: ${remote.path}, branch: ${remote.branch}}`, `scenarios: [${scene}]`]);
  t.equal((await nightly.run()).exitCode, 0);
  const text = remote.text('fs/fuse/file.c');
  const bad = remote.push(`fuse: typing mistake (${String(process.pid)})`, { files: { 'fs/fuse/file.c': text.replace('#include "fuse_i.h"\n', '#include "fuse_i.h"\nstatic imt nothing;\n') } });
  const broken = await nightly.run();
  t.equal(broken.exitCode, 3, broken.stderr);
  t.match(broken.night?.cells['mainline'], { kind: 'failed', why: 'does not build', blame: 'kernel', again: false, commits: { commits: [{ id: bad }] } });
  t.match(broken.stdout, /fs\/fuse\/file\.c:\d+:\d+: error: unknown type name 'imt'/);
  t.match(broken.stdout, new RegExp(`with one commit: ${bad.slice(0, 12)} "fuse: typing mistake`));
  remote.push('Revert "fuse: typing mistake"', { files: { 'fs/fuse/file.c': text } });
  const mended = await nightly.run();
  t.equal(mended.exitCode, 0, mended.stderr);
  t.match(mended.stdout, /^mainline .*no longer: does not build$/m);
  t.same(cellsOf(nightly.index()), [['good: no longer: does not build'], ['bad: does not build'], ['good: clean']]);
});
