import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { readNightlyState, type Cell, type Night } from '../../../harness/nightly/night-state.ts';
import { diorama, root, type Ended } from '../engine/run-diorama.ts';
import { kernelRemote } from './moving-remote.ts';

const canary = readFileSync(join(root, 'tests/canaries/overtaking-write.patch'), 'utf8');
const scene = 'write-does-not-overtake-mmap';

await t.test('a mainline with three pushes (good, canary, revert) is clean, one regression with commit and scene, fixed', async (t) => {
  const remote = await kernelRemote('three-pushes');
  t.teardown(() => remote.remove());
  const dir = t.testdir();
  const results = join(dir, 'nights');
  const config = join(dir, 'nightly.yaml');
  writeFileSync(config, [
    'kernels:', `  mainline: {git: ${remote.path}, branch: ${remote.branch}}`,
    `scenarios: [${scene}, parallel-writes-meet, plain-direct-writes-never-meet]`, 'results: nights', '',
  ].join('\n'));
  const night = async (): Promise<Ended & { night: Night; cell: Cell }> => {
    const ended = await diorama(['nightly', '--config', config]);
    const last = (await readNightlyState(results)).nights.at(-1);
    const cell = last?.cells['mainline'];
    if (last === undefined || cell === undefined) throw new Error(`no night: ${ended.stderr}`);
    return { ...ended, night: last, cell };
  };
  const index = (): string => readFileSync(join(results, 'index.html'), 'utf8');

  const good = await night();
  t.equal(good.exitCode, 0, good.stderr);
  t.match(good.stdout, /^mainline .*clean$/m);
  t.match(good.cell, { kind: 'played', change: { scenes: 3, regressions: [], fixed: [], still: [], unjudged: [] } });
  t.match(index(), /<h1 class="good">No regression\.<\/h1>/);

  const bad = remote.push(`fuse: let writes pass <b>${String(process.pid)}</b>`, { patch: canary });
  const broken = await night();
  t.equal(broken.exitCode, 1, broken.stderr);
  t.match(broken.stdout, /^mainline .*1 regression$/m);
  t.match(broken.cell, { kind: 'played', change: { regressions: [{ scene, was: 'pass', is: 'fail' }], fixed: [], still: [], unjudged: [] }, commits: { relation: 'ahead', count: 1, fuse: 1, commits: [{ id: bad }] } });
  t.equal(broken.cell.kind === 'played' ? broken.cell.change.regressions.length : -1, 1, 'exactly one');
  t.match(broken.stdout, new RegExp(`regression +${scene} pass -> fail: .*overtook m's mmap`));
  t.match(broken.stdout, new RegExp(`since one commit: ${bad.slice(0, 12)} "fuse: let writes pass`));
  t.match(index(), /<h1 class="bad">1 regression\.<\/h1>/);
  t.match(index(), new RegExp(`${scene} pass -&gt; fail`));
  t.match(index(), /let writes pass &lt;b&gt;/);
  t.notMatch(index(), /<b>/, 'the subject of a commit stays text');

  const mend = remote.push('Revert "fuse: let writes pass"', { patch: canary, reverse: true });
  const mended = await night();
  t.equal(mended.exitCode, 0, mended.stderr);
  t.match(mended.stdout, /^mainline .*fixed$/m);
  t.match(mended.cell, { change: { regressions: [], fixed: [{ scene, was: 'fail', is: 'pass' }], still: [] }, commits: { count: 1, commits: [{ id: mend }] } });
  const words = [...index().matchAll(/<td class="(\w+)"><a class="word" href="([^"]+)">.*?<\/span> ([^<]*)<\/a>/g)].map(([, tone, , text]) => `${tone ?? ''}: ${text ?? ''}`);
  t.same(words, ['good: fixed', 'bad: 1 regression', 'good: clean'], 'the newest night first');
  for (const [, href = ''] of index().matchAll(/<a class="word" href="([^"]+)"/g)) t.match(readFileSync(join(results, decodeURIComponent(href)), 'utf8'), /^<!doctype html>/i, 'every cell leads to a report');

  const began = performance.now();
  const nothing = await diorama(['nightly', '--config', config]);
  t.equal(nothing.exitCode, 0, nothing.stderr);
  t.match(nothing.stdout, /^nothing new since /);
  t.ok(performance.now() - began < 30_000, 'in seconds');
  t.equal((await readNightlyState(results)).nights.length, 3, 'it is no night');
});
