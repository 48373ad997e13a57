import { execa } from 'execa';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { runRecordSchema } from '../../../harness/results/run-record.ts';
import { diorama, leftWith, processesWith, readText, root, runJson } from './run-diorama.ts';

/** Starts a run and waits until its guests are up. */
async function startRun(results: string): Promise<{ pid: number; ended: Promise<number | undefined> }> {
  const child = execa(join(root, 'diorama'), ['run', '--results', results, '--jobs', '1', '--fresh'], { reject: false, stdin: 'ignore' });
  for (let looks = 0; (await processesWith(`path=${results}`)).length === 0; looks += 1) {
    if (looks > 12_000) throw new Error('no guest was started within 20 minutes');
    await new Promise((done) => setTimeout(done, 100));
  }
  return { pid: child.pid ?? 0, ended: child.then((result) => result.exitCode ?? undefined) };
}

async function theRun(results: string): Promise<{ dir: string; record: ReturnType<typeof runRecordSchema.parse> }> {
  const name = (await readdir(results)).find((entry) => /^\d{4}-/.test(entry)) ?? '';
  return { dir: join(results, name), record: runRecordSchema.parse(JSON.parse(await readText(results, name, 'run.json'))) };
}

async function nothingLeft(t: Test, results: string): Promise<void> {
  t.same(await leftWith(results), [], 'no process is left');
  const { dir } = await theRun(results);
  const parts = (await readdir(dir, { recursive: true })).filter((file) => file.includes('.part-'));
  t.same(parts, [], 'no half-written file is left');
}

await t.test('Ctrl-C during a scene ends with 130, an interrupted record, and no process', async (t) => {
  const results = t.testdir();
  const run = await startRun(results);
  process.kill(run.pid, 'SIGINT');
  t.equal(await run.ended, 130);
  await nothingLeft(t, results);
  const { record } = await theRun(results);
  t.equal(record.status, 'interrupted');
  t.equal(record.error?.code, 'interrupted');
});

await t.test('a run that is killed leaves valid files and no guest, and the next run is unharmed', async (t) => {
  const results = t.testdir();
  const run = await startRun(results);
  process.kill(run.pid, 'SIGKILL');
  await run.ended;
  t.same(await leftWith(`path=${results}`), [], 'its guests ended with it');
  const { record, dir } = await theRun(results);
  t.equal(record.status, 'running');
  const shown = await diorama(['show', dir]);
  t.equal(shown.exitCode, 0, shown.stderr);
  t.match(shown.stdout, /it is running, or was killed/);
  const next = await runJson(results, ['--scenario', 'parallel-writes-meet']);
  t.equal(next.exitCode, 0, next.stderr);
});

await t.test('a command in the shell has the server mounted, and its exit code is ours', async (t) => {
  const ended = await diorama(['shell', 'head -c 4 /mnt/direct; exit 7']);
  t.equal(ended.exitCode, 7, ended.stderr);
  t.equal(ended.stdout, 'dddd');
});
