import { execFileSync } from 'node:child_process';
import { appendFileSync, chmodSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { listRuns, type RunList } from '../../../harness/results/list-runs.ts';
import { makeRunDirectory } from '../../../harness/results/run-directory.ts';
import { record, row, seriesRecord } from '../judge/records.ts';
import { idOf, startOf, store } from './stored.ts';

const names = ({ runs }: RunList): string[] => runs.map(({ name }) => name);

t.test('a list that was made before reads no record again, and after a change only the one that changed', async (t) => {
  const results = t.testdir({});
  for (let nth = 0; nth < 200; nth += 1) store(results, nth);
  const first = await listRuns(results);
  t.equal(first.recordsRead, 200);
  t.strictSame(names(first), Array.from({ length: 200 }, (_, nth) => idOf(199 - nth)), 'newest first');
  const second = await listRuns(results);
  t.equal(second.recordsRead, 0);
  t.same(second.runs, JSON.parse(JSON.stringify(first.runs)));
  const file = join(results, idOf(7), 'run.json');
  writeFileSync(`${file}.part`, JSON.stringify(record([row('s', 'fail: x')], { id: idOf(7), exitCode: 1 })));
  renameSync(`${file}.part`, file);
  rmSync(join(results, idOf(8)), { recursive: true });
  store(results, 200);
  const third = await listRuns(results);
  t.equal(third.recordsRead, 2);
  t.equal(third.runs.length, 200);
  t.same(third.runs.find(({ name }) => name === idOf(7))?.base, { fail: 1 });
  t.equal((await listRuns(results)).recordsRead, 0);
  t.notOk(readFileSync(join(results, 'index.jsonl'), 'utf8').includes(idOf(8)));
});

t.test('an index that is damaged, forged, of another kind or in the way changes nothing but the work', async (t) => {
  const results = t.testdir({});
  for (let nth = 0; nth < 5; nth += 1) store(results, nth);
  const right = JSON.stringify((await listRuns(results)).runs);
  const index = join(results, 'index.jsonl');
  const text = readFileSync(index, 'utf8');
  const damages: readonly (readonly [what: string, content: string, reads: number])[] = [
    ['empty', '', 5], ['cut short', text.slice(0, text.length / 2), 3], ['forged counts', text.replaceAll('"pass":1', '"pass":9'), 5],
    ['no JSON', `{{{\n${text}`, 0], ['zeros', '\0'.repeat(10_000), 5], ['other things', '[]\n{}\nnull\n7\n"x"\n', 5], ['lines twice', text + text, 0],
    ['another key', text.replaceAll(/"key":"\d+/g, '"key":"1'), 5],
  ];
  for (const [what, content, reads] of damages) {
    writeFileSync(index, content);
    const list = await listRuns(results);
    t.equal(JSON.stringify(list.runs), right, what);
    t.equal(list.recordsRead, reads, what);
    t.equal((await listRuns(results)).recordsRead, 0, `${what}: it is whole again`);
  }
  rmSync(index);
  mkdirSync(join(index, 'in'), { recursive: true });
  t.equal(JSON.stringify((await listRuns(results)).runs), right, 'a directory of that name');
  rmSync(index, { recursive: true });
  execFileSync('mkfifo', [index]);
  t.equal(JSON.stringify((await listRuns(results)).runs), right, 'a fifo, which would never end');
  t.notOk(readdirSync(results).some((name) => name.startsWith('.index')), 'no half-written index is left');
});

t.test('an index that is a link is replaced, and what it pointed at is left', async (t) => {
  const results = t.testdir({ results: {}, precious: 'data' });
  const home = join(results, 'results');
  store(home, 1);
  symlinkSync('../precious', join(home, 'index.jsonl'));
  t.equal((await listRuns(home)).runs.length, 1);
  t.equal(readFileSync(join(results, 'precious'), 'utf8'), 'data');
});

t.test('lists that are made at once agree, and leave one whole index', async (t) => {
  const results = t.testdir({});
  for (let nth = 0; nth < 60; nth += 1) store(results, nth);
  const lists = await Promise.all(Array.from({ length: 8 }, () => listRuns(results)));
  for (const list of lists) t.equal(JSON.stringify(list.runs), JSON.stringify(lists[0]?.runs));
  t.equal((await listRuns(results)).recordsRead, 0);
  t.strictSame(readdirSync(results).filter((name) => name.includes('index')), ['index.jsonl']);
});

t.test('where nothing can be written there is no index, and the list is right', { skip: process.getuid?.() === 0 ? 'root may write everywhere' : false }, async (t) => {
  const results = t.testdir({});
  store(results, 1);
  chmodSync(results, 0o555);
  t.equal((await listRuns(results)).runs.length, 1);
  chmodSync(results, 0o755);
});

t.test('what is no run is no run, and a record that is broken is named', async (t) => {
  const outside = t.testdir({ results: { prove: { x: 'y' }, empty: {}, file: 'text', torn: { 'run.json': '{"format"' }, linked: {} }, elsewhere: {} });
  const results = join(outside, 'results');
  const id = store(results, 1);
  store(join(outside, 'elsewhere'), 2);
  symlinkSync(join(outside, 'elsewhere', idOf(2)), join(results, 'a-link'));
  symlinkSync(join(outside, 'elsewhere', idOf(2), 'run.json'), join(results, 'linked/run.json'));
  mkdirSync(join(results, 'fifo'));
  execFileSync('mkfifo', [join(results, 'fifo/run.json')]);
  const list = await listRuns(results);
  t.strictSame(names(list), [id]);
  t.match(list.broken, [{ name: 'torn', why: /torn\/run\.json: not a run of this diorama: it is no JSON/ }]);
  t.same(await listRuns(join(outside, 'nowhere')), { runs: [], broken: [], recordsRead: 0 });
  await t.rejects(listRuns(join(results, 'file')), { code: 'bad-usage', message: /cannot be listed/ });
});

t.test('each run is told in short: its counts on both sides, how it ended, and what the series did', async (t) => {
  const results = t.testdir({});
  const series = seriesRecord([row('a', 'fail: x'), row('b', 'pass'), row('c', 'known: K1')]);
  store(results, 1, { ...series, id: idOf(1), started: startOf(1), baseline: 'x', bytes: 7 });
  store(results, 2, { scenes: [], status: 'failed', base: undefined, kernel: undefined, exitCode: 3, error: { blame: 'kernel', code: 'build-failed', message: 'm' } });
  const { runs } = await listRuns(results);
  t.match(runs, [
    { name: idOf(2), status: 'failed', exitCode: 3, base: {}, error: { code: 'build-failed' }, kernel: undefined },
    { status: 'done', series: { label: 'v3.mbox', patches: 1 }, base: { pass: 3 }, patched: { fail: 1, pass: 1, known: 1 }, bySeries: { regression: 2, same: 1 }, baseline: 'x', bytes: 7 },
  ]);
});

t.test('records of older and of newer dioramas are listed', async (t) => {
  const results = t.testdir({});
  store(results, 1);
  const file = join(results, idOf(1), 'run.json');
  const { configId, guestId, ...old } = JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown>;
  void [configId, guestId];
  writeFileSync(file, JSON.stringify({ ...old, fromTheFuture: { deep: [1] } }));
  t.match((await listRuns(results)).runs, [{ name: idOf(1), base: { pass: 1 }, guestId: undefined }]);
});

t.test('a run that goes on says so, and one whose process is gone was killed', async (t) => {
  const results = t.testdir({});
  const mine = await makeRunDirectory(results, { command: [], config: 'default', guest: 'deterministic', seed: 1 });
  t.match((await listRuns(results)).runs, [{ status: 'running' }]);
  const file = join(mine.dir, 'run.json');
  const written = JSON.parse(readFileSync(file, 'utf8')) as { process: Record<string, unknown> };
  const status = async (process: Record<string, unknown> | undefined): Promise<string | undefined> => {
    writeFileSync(file, JSON.stringify({ ...written, process }));
    appendFileSync(file, '\n');
    return (await listRuns(results)).runs[0]?.status;
  };
  const { process: own } = written;
  t.equal(await status({ ...own, start: '1' }), 'killed', 'its PID is somebody else\'s now');
  t.equal(await status({ ...own, pid: 4_194_305 }), 'killed', 'no such process');
  t.equal(await status({ ...own, boot: 'another' }), 'killed', 'the machine was started again');
  t.equal(await status({ ...own, host: 'elsewhere', pid: 4_194_305 }), 'running', 'another machine\'s cannot be asked after');
  t.equal(await status(undefined), 'running', 'nor can that of an older diorama');
  execFileSync('touch', ['-d', '2 days ago', file]);
  t.equal((await listRuns(results)).runs[0]?.status, 'killed', 'until it was silent for a day');
});
