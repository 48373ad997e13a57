import { execFileSync, spawn } from 'node:child_process';
import { existsSync, lstatSync, mkdirSync, readFileSync, readdirSync, renameSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildSync } from 'esbuild';
import t from 'tap';
import { listRuns } from '../../../harness/results/list-runs.ts';
import { pruneRuns, type Pruned } from '../../../harness/results/prune-runs.ts';
import { makeRunDirectory } from '../../../harness/results/run-directory.ts';
import { idOf, store } from './stored.ts';

const { signal } = new AbortController();
const prune = (results: string, given: Partial<Parameters<typeof pruneRuns>[1]> = {}): Promise<Pruned> =>
  pruneRuns(results, { keep: { kind: 'newest', count: 2 }, force: false, dryRun: false, signal, ...given });
const removed = (pruned: Pruned): string[] => pruned.removed.map(({ run }) => run.name);
const runsIn = (results: string): string[] => readdirSync(results).filter((name) => /^\d{4}-/.test(name)).sort();

t.test('old runs go, the newest stay, and what is freed is what they took', async (t) => {
  const results = t.testdir({});
  for (let nth = 0; nth < 5; nth += 1) store(results, nth);
  const dry = await prune(results, { dryRun: true });
  t.equal(runsIn(results).length, 5, 'a dry run removes nothing');
  const took = Number(execFileSync('du', ['-s', '--block-size=1', join(results, idOf(0))], { encoding: 'utf8' }).split('\t')[0]);
  const pruned = await prune(results);
  t.same(removed(pruned), [2, 1, 0].map(idOf));
  t.same(removed(pruned), removed(dry));
  t.equal(pruned.bytes, 3 * took);
  t.equal(dry.bytes, pruned.bytes);
  t.equal(pruned.left, 2);
  t.same(runsIn(results), [3, 4].map(idOf));
  t.equal((await listRuns(results)).recordsRead, 0, 'the index knows of it');
  t.same(removed(await prune(results)), [], 'a second time there is nothing to do');
});

t.test('one that is running, the one that latest points at and the baseline of one that stays are kept', async (t) => {
  const results = t.testdir({});
  for (let nth = 0; nth < 6; nth += 1) store(results, nth, nth === 5 ? { baseline: idOf(1) } : nth === 1 ? { baseline: idOf(0) } : {});
  const running = await makeRunDirectory(results, { command: [], config: 'default', guest: 'deterministic', seed: 1 });
  const old = join(results, idOf(2), 'run.json');
  writeFileSync(old, JSON.stringify({ ...running.record, id: idOf(2), started: '2020-01-01T00:00:00.000Z' }));
  execFileSync('ln', ['-sfn', idOf(3), join(results, 'latest')]);
  const first = await prune(results, { dryRun: true });
  t.same(first.spared.map(({ run, why }) => [run.name, why]), [
    [idOf(3), 'latest points at it'], [idOf(1), `it is the baseline of ${idOf(5)}`], [idOf(2), 'it is running'],
  ]);
  t.same(removed(first), [idOf(4), idOf(0)], 'the baseline of a run that is only kept as a baseline goes');
  t.same(removed(await prune(results, { force: true })), [idOf(4), idOf(1), idOf(0)]);
  t.same(runsIn(results), [idOf(2), idOf(3), idOf(5), running.record.id].sort());
});

t.test('days count from when a run began', async (t) => {
  const results = t.testdir({});
  const ago = (days: number): string => new Date(Date.now() - days * 86_400_000).toISOString();
  store(results, 1, { started: ago(10) });
  store(results, 2, { started: ago(1) });
  store(results, 3, { started: 'once upon a time' });
  t.same(removed(await prune(results, { keep: { kind: 'days', days: 5 } })), [idOf(1)]);
  t.same(removed(await prune(results, { keep: { kind: 'newest', count: 0 } })), [idOf(2)], 'what has no date stays');
});

t.test('in a directory full of traps nothing goes but runs of diorama\'s making', async (t) => {
  const outside = t.testdir({ precious: { file: 'data' }, results: { mine: { file: 'data' }, 'notes.txt': 'data', torn: { 'run.json': '{' }, '.hidden': {} } });
  const results = join(outside, 'results');
  for (let nth = 0; nth < 3; nth += 1) store(results, nth);
  symlinkSync('../precious', join(results, '2026-01-01T000000-ffff'));
  symlinkSync('../../precious', join(results, idOf(0), 'link'));
  symlinkSync(join(outside, 'precious'), join(results, '.prune-2026-01-01T000000-ffff-00000000'));
  store(results, 4);
  renameSync(join(results, idOf(4)), join(results, 'copy-of-a-run'));
  store(join(outside, 'precious'), 5);
  symlinkSync(join(outside, 'precious', idOf(5)), join(results, idOf(5)));
  const pruned = await prune(results, { keep: { kind: 'newest', count: 1 } });
  t.same(removed(pruned), [1, 0].map(idOf));
  t.same(pruned.spared.map(({ run, why }) => [run.name, why]), [['copy-of-a-run', `it is a copy: its run is ${idOf(4)}`]]);
  t.same(pruned.foreign, ['.hidden', '2026-01-01T000000-ffff', idOf(5), 'mine', 'notes.txt', 'torn']);
  t.ok(existsSync(join(results, idOf(2))));
  t.ok(existsSync(join(results, 'copy-of-a-run/base')));
  t.equal(readFileSync(join(outside, 'precious/file'), 'utf8'), 'data');
  t.ok(existsSync(join(outside, 'precious', idOf(5), 'run.json')));
  t.ok(lstatSync(join(results, '.prune-2026-01-01T000000-ffff-00000000')).isSymbolicLink());
  t.same(await prune(join(outside, 'nowhere')), { removed: [], spared: [], failed: [], foreign: [], left: 0, bytes: 0 });
});

t.test('one that is killed in the middle leaves every run whole or gone, and the next removes the rest', async (t) => {
  const dir = t.testdir({});
  const program = join(dir, 'prunes.mjs');
  buildSync({ entryPoints: [join(import.meta.dirname, 'prunes.ts')], outfile: program, bundle: true, platform: 'node', format: 'esm', packages: 'external', logLevel: 'error' });
  let halves = 0;
  for (let kill = 0; kill < 6; kill += 1) {
    const results = join(dir, `results-${kill}`);
    for (let nth = 0; nth < 8; nth += 1) {
      const id = store(results, nth);
      for (let scene = 0; scene < 40; scene += 1) mkdirSync(join(results, id, `base/scene-${scene}/deep`), { recursive: true });
    }
    const child = spawn(process.execPath, [program, results], { stdio: 'ignore' });
    const ended = new Promise((done) => child.once('exit', done));
    while (child.exitCode === null && runsIn(results).length > 7 - kill) await new Promise((done) => setImmediate(done));
    child.kill('SIGKILL');
    await ended;
    for (const name of runsIn(results)) t.equal(readdirSync(join(results, name, 'base')).length, 41, `${name} is whole`);
    if (readdirSync(results).some((name) => name.startsWith('.prune-'))) halves += 1;
    t.same((await listRuns(results)).runs.map(({ name }) => name), runsIn(results).reverse(), 'half a run is no run');
    await prune(results, { keep: { kind: 'newest', count: 1 } });
    t.same(readdirSync(results).sort(), [idOf(7), 'index.jsonl'].sort(), 'nothing is left');
  }
  t.ok(halves > 0, 'it was killed while it removed');
});
