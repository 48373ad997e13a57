import { buildSync } from 'esbuild';
import { execFileSync, spawn } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readFileSync, readdirSync, readlinkSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { readRun } from '../../../harness/results/read-run.ts';
import { makeRunDirectory, writeWhole } from '../../../harness/results/run-directory.ts';
import { runRecordSchema } from '../../../harness/results/run-record.ts';

const begun = { command: ['run'], config: 'default', guest: 'deterministic', seed: 1 };
const recordIn = (dir: string): unknown => JSON.parse(readFileSync(join(dir, 'run.json'), 'utf8'));

t.test('a run has a valid record from its first moment on, and latest points at it', async (t) => {
  const results = join(t.testdir({}), 'deep/results');
  const first = await makeRunDirectory(results, begun);
  t.match(runRecordSchema.parse(recordIn(first.dir)), { status: 'running', scenes: [] });
  t.equal(readlinkSync(join(results, 'latest')), first.record.id);
  const second = await makeRunDirectory(results, begun);
  t.equal(readlinkSync(join(results, 'latest')), second.record.id);
  t.strictSame(readdirSync(results).sort(), [first.record.id, second.record.id, 'latest'].sort());
});

t.test('changes that come at once are all in the record, none of them lost', async (t) => {
  const run = await makeRunDirectory(join(t.testdir({}), 'results'), begun);
  await Promise.all(Array.from({ length: 40 }, (_, index) =>
    run.addScene({ scene: `s${index}`, side: 'base', verdict: { kind: 'pass', reason: '' }, ms: index, dir: `base/s${index}` })));
  await run.update({ status: 'done', summary: 'x', exitCode: 0 });
  const record = runRecordSchema.parse(recordIn(run.dir));
  t.equal(record.scenes.length, 40);
  t.equal(record.status, 'done');
  t.strictSame(readdirSync(run.dir), ['run.json']);
});

t.test('a run that is killed at any moment leaves a valid record', async (t) => {
  const dir = t.testdir({});
  const program = join(dir, 'keeps-updating.mjs');
  buildSync({ entryPoints: [join(import.meta.dirname, 'keeps-updating.ts')], outfile: program, bundle: true, platform: 'node', format: 'esm', packages: 'external', logLevel: 'error' });
  let most = 0;
  for (let kill = 0; kill < 5; kill += 1) {
    const results = join(dir, `results-${kill}`);
    const child = spawn(process.execPath, [program, results], { stdio: 'ignore' });
    const ended = new Promise((done) => child.once('exit', done));
    while (!existsSync(join(results, 'latest'))) await new Promise((done) => setTimeout(done, 2));
    await new Promise((done) => setTimeout(done, kill * 27 + Math.random() * 20));
    child.kill('SIGKILL');
    await ended;
    const { record } = await readRun(results, 'latest');
    t.equal(record.status, 'running');
    most = Math.max(most, record.scenes.length);
    t.match(await makeRunDirectory(results, begun), { record: { status: 'running' } }, 'the next run is unharmed');
  }
  t.ok(most > 1, 'it was killed while it wrote');
});

t.test('a write that fails is told to who asked for it, and the next one is written', async (t) => {
  const run = await makeRunDirectory(join(t.testdir({}), 'results'), begun);
  const kept = readFileSync(join(run.dir, 'run.json'));
  rmSync(run.dir, { recursive: true });
  await t.rejects(run.update({ summary: 'lost' }), { blame: 'machine', code: 'program-failed', message: /run\.json: cannot be written: ENOENT/ });
  mkdirSync(run.dir);
  writeFileSync(join(run.dir, 'run.json'), kept);
  await run.update({ exitCode: 0 });
  t.match(recordIn(run.dir), { summary: 'lost', exitCode: 0 });
});

/** Mounts a file system of 64 KiB; false where none may be mounted. */
function mountSmallDisk(dir: string): boolean {
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'diorama-test', dir], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

async function fillDisk(t: Test, disk: string): Promise<void> {
  const run = await makeRunDirectory(join(disk, 'results'), begun);
  await t.rejects(run.update({ summary: 'x'.repeat(100_000) }), { blame: 'machine', code: 'disk-full', message: /run\.json: cannot be written: ENOSPC/ });
  t.match(runRecordSchema.parse(recordIn(run.dir)), { status: 'running' });
  t.strictSame(readdirSync(run.dir), ['run.json'], 'nothing half-written takes the rest of the room');
  await t.rejects(writeWhole(join(run.dir, 'trace'), Buffer.alloc(100_000)), { code: 'disk-full' });
  t.notOk(existsSync(join(run.dir, 'trace')));
  await run.update({ summary: 'short', status: 'failed' });
  t.match(recordIn(run.dir), { status: 'failed', summary: 'short' });
}

t.test('a full disk is told as one, and the record as it was stays whole', async (t) => {
  const disk = t.testdir({});
  if (!mountSmallDisk(disk)) {
    t.pass('', { skip: 'no tmpfs may be mounted here' });
    return;
  }
  try {
    await fillDisk(t, disk);
  } finally {
    execFileSync('umount', ['-l', disk]);
  }
});

t.test('results that cannot be written are the machine\'s fault', async (t) => {
  const dir = t.testdir({ file: 'text' });
  await t.rejects(makeRunDirectory(join(dir, 'file/results'), begun), { blame: 'machine', code: 'program-failed' });
  mkdirSync(join(dir, 'taken/latest/inside'), { recursive: true });
  await t.rejects(makeRunDirectory(join(dir, 'taken'), begun), { blame: 'machine', message: /latest: cannot be written/ });
  t.notOk(readdirSync(join(dir, 'taken')).some((name) => name.startsWith('.latest')));
});

t.test('a file is written whole, with its mode', async (t) => {
  const file = join(t.testdir({}), 'repro.sh');
  await writeWhole(file, '#!/bin/sh\n', 0o755);
  t.equal(execFileSync(file, { encoding: 'utf8' }), '');
  chmodSync(file, 0o444);
  await writeWhole(file, 'new');
  t.equal(readFileSync(file, 'utf8'), 'new');
});

t.test('a run is read by its id, by latest, and by its directory', async (t) => {
  const results = join(t.testdir({}), 'results');
  const { dir, record } = await makeRunDirectory(results, begun);
  for (const name of [record.id, 'latest', dir]) t.strictSame(await readRun(results, name), { dir: name === dir ? dir : join(results, record.id), record });
});

t.test('what is no run is told, with what is wrong', async (t) => {
  const results = t.testdir({
    torn: { 'run.json': '{"format": "diorama ru' }, empty: { 'run.json': '' }, list: { 'run.json': '[]' }, none: {},
    other: { 'run.json': JSON.stringify({ format: 'diorama run 2' }) }, latest: t.fixture('symlink', 'gone'),
  });
  const file = (name: string): string => join(results, name, 'run.json');
  await t.rejects(readRun(results, 'torn'), { code: 'bad-file', message: `${file('torn')}: not a run of this diorama: it is no JSON` });
  await t.rejects(readRun(results, 'empty'), { code: 'bad-file', message: `${file('empty')}: not a run of this diorama: it is no JSON` });
  await t.rejects(readRun(results, 'list'), { code: 'bad-file', message: `${file('list')}: not a run of this diorama: the whole: expected a map, found an empty list` });
  await t.rejects(readRun(results, 'other'), { code: 'bad-file', message: `${file('other')}: not a run of this diorama: format: expected diorama run 1` });
  for (const name of ['none', 'latest', 'no-such-run', join(results, 'x/y')]) await t.rejects(readRun(results, name), { code: 'bad-usage' });
});
