import { execa } from 'execa';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { findKnownIssues } from '../../../harness/engine/find-known-issues.ts';
import { compareVersions, type KnownIssue } from '../../../harness/judge/known-issues.ts';
import { verdictsOf } from '../../../harness/results/verdicts-of.ts';
import { diorama, readText, root, runJson, verdicts } from './run-diorama.ts';

const canaries = join(root, 'tests/canaries');

await t.test('every scene passes on stock 6.12 or shows a known issue, and a second run builds and boots nothing and gives the same traces', async (t) => {
  const results = t.testdir();
  const first = await runJson(results, ['--fresh']);
  t.equal(first.exitCode, 0, first.stderr);
  const files = (await readdir(join(root, 'tests/scenarios'))).map((file) => file.replace('.yaml', '')).sort();
  t.ok(files.length >= 10, 'there are at least ten scenes');
  // A scene of many orders is played in parts, `name.1`, `name.2` …
  const names = first.record.scenes.map(({ scene }) => scene);
  t.same([...new Set(names.map((name) => name.replace(/\.\d+$/, '')))].sort(), files, 'every scene was played');
  const shown = new Map(first.record.scenes.flatMap(({ scene, verdict }) => (verdict.issue === undefined ? [] : [[scene, verdict.issue]])));
  // Only virtiofs offers DAX.
  const word = (name: string): string => (shown.has(name) ? 'known' : name === 'dax-files-have-no-mode' ? 'skip' : 'pass');
  t.same(verdicts(first.record), names.map((name) => `${name} base: ${word(name)}`).sort());
  const version = first.record.kernel?.version ?? '';
  const has = (issue: KnownIssue): boolean => compareVersions(version, issue.from) >= 0 && (issue.until === undefined || compareVersions(version, issue.until) < 0);
  const ids = (await findKnownIssues(root)).filter((issue) => issue.model === undefined && has(issue)).map((issue) => issue.id);
  t.same([...new Set(shown.values())].sort(), ids.sort(), 'every issue that this kernel has shows');

  const second = await runJson(results, ['--fresh']);
  t.equal(second.exitCode, 0, second.stderr);
  const costly = new Set(['build', 'template', 'set', 'libfuse', 'stage']);
  const made = second.record.stages.filter((stage) => costly.has(stage.stage) && !stage.reused);
  t.same(made, [], 'nothing was made a second time');
  t.notOk(second.record.scenes.some(({ reused }) => reused === true), 'everything was played a second time');
  for (const name of names) {
    const trace = await readText(first.dir, 'base', name, 'trace');
    if (word(name) === 'pass') t.match(trace, /"e":"end"/);
    t.equal(await readText(second.dir, 'base', name, 'trace'), trace, `the trace of ${name} is the same to the byte`);
  }
});

await t.test('the overtaking canary is a regression of its scene alone, and the reason names the write and the waiter', async (t) => {
  const results = t.testdir();
  const beside = ['first-mmap-waits-for-writers', 'parallel-writes-meet', 'plain-direct-writes-never-meet', 'write-does-not-overtake-mmap'].flatMap((name) => ['--scenario', name]);
  const run = await runJson(results, ['--series', join(canaries, 'overtaking-write.patch'), ...beside]);
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

await t.test('a lock round trip more in the direct write path is an exact difference of every write that takes it, and of nothing else', async (t) => {
  const run = await runJson(t.testdir(), ['--series', join(canaries, 'slower/needless-lock.patch'), '--scenario', 'cost-of-each-operation']);
  t.equal(run.exitCode, 1, run.stderr);
  const [scene] = verdictsOf(run.record);
  const differences = (scene?.costs ?? []).map(({ operation, mode, baseNs, patchedNs }) => ({ operation: operation.split(' ')[0], mode, more: patchedNs - baseNs }));
  t.ok(differences.length >= 4);
  t.same(differences.filter(({ operation, mode }) => operation !== 'pwrite' || mode === 'cached'), [], 'direct writes alone are slower');
  t.equal(new Set(differences.map(({ more }) => more)).size, 1, 'all by the same instructions');
  t.match(run.record.summary, /^1 regression, 1 of them a scene that is slower/);
});

await t.test('a canary that only changes a comment leaves everything the same', async (t) => {
  const run = await runJson(t.testdir(), ['--series', join(canaries, 'same-comment-only.patch')]);
  t.equal(run.exitCode, 0, run.stderr);
  t.match(run.record.summary, /^no regression, (\d+) of \1 scenes the same$/);
  t.same(verdictsOf(run.record).flatMap(({ costs }) => costs ?? []), [], 'and no operation costs one instruction more or less');
});
