import { appendFileSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { makeEventLog, readEvents } from '../../../harness/results/event-log.ts';
import { makeRunDirectory } from '../../../harness/results/run-directory.ts';

const begun = { command: ['run', '--format', 'jsonl'], config: 'default', guest: 'deterministic', seed: 1 };
const kinds = async (dir: string): Promise<string[]> => (await readEvents(dir)).map(({ event }) => event.kind);

t.test('each event is a line with its time, live and in the file, from before the run had a directory to its end', async (t) => {
  const live: string[] = [];
  const log = makeEventLog((text) => live.push(text));
  log.emit({ kind: 'note', text: 'early' });
  const run = await makeRunDirectory(join(t.testdir({}), 'results'), begun);
  log.began(run);
  log.emit({ kind: 'scene-start', side: 'base', scene: 'a' });
  t.strictSame(readFileSync(join(run.dir, 'events.jsonl'), 'utf8'), live.join(''), 'nothing waits in a buffer');
  await run.update({ status: 'done', summary: '1 of 1 scenes passed', exitCode: 0 });
  log.ended(run.record);
  log.emit({ kind: 'note', text: 'too late' });
  t.strictSame(await kinds(run.dir), ['note', 'run-start', 'scene-start', 'run-end']);
  t.match(JSON.parse(live.at(-1) ?? ''), { time: /^\d{4}-\d\d-\d\dT[\d:.]+Z$/, kind: 'run-end', run: run.record.id, status: 'done', summary: '1 of 1 scenes passed', exitCode: 0 });
});

t.test('a torn last line is left out, and what is no event too', async (t) => {
  const run = await makeRunDirectory(join(t.testdir({}), 'results'), begun);
  const log = makeEventLog();
  log.began(run);
  appendFileSync(join(run.dir, 'events.jsonl'), '[]\nnull\n"x"\n{"kind": "note"}\n{"time": 7, "kind": "note"}\n\n{"time": "2026", "kind": "no');
  t.strictSame(await kinds(run.dir), ['run-start']);
});

t.test('a file that cannot be written stops no run', async (t) => {
  const run = await makeRunDirectory(join(t.testdir({}), 'results'), begun);
  mkdirSync(join(run.dir, 'events.jsonl'));
  const live: string[] = [];
  const log = makeEventLog((text) => live.push(text));
  log.began(run);
  log.emit({ kind: 'note', text: 'x' });
  log.ended(run.record);
  t.equal(live.length, 3);
  rmSync(run.dir, { recursive: true });
  t.strictSame(await readEvents(run.dir), []);
});
