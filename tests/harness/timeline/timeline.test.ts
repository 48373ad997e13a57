import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import t from 'tap';
import { timelineOf, type Timeline, type TimelineRow } from '../../../harness/timeline/timeline.ts';
import { readScenario } from '../../../harness/scenario/read-scenario.ts';
import type { Scenario } from '../../../harness/scenario/types.ts';
import { overtaken } from '../report/make-run.ts';

const file = (name: string): string => readFileSync(join(import.meta.dirname, '../report/evidence', overtaken, name), 'utf8');
const scene: Scenario = readScenario(file('scenario.yaml'), 'scenario.yaml');
const trace = file('trace');
const rowsOf = (timeline: Timeline): TimelineRow[] => timeline.rows.flatMap((row) => (row.kind === 'row' ? [row] : []));

/** Every column of every row is covered once, by a bar of its own or by one from above. */
function coveredOnce(timeline: Timeline): boolean {
  const rows = rowsOf(timeline);
  return timeline.actors.every((actor) => {
    let free = 0;
    return rows.every((row, index) => {
      const bar = row.bars.get(actor);
      if (bar) {
        if (index < free) return false;
        free = index + bar.rows;
      }
      return index < free;
    }) && free === rows.length;
  });
}

t.test('a wait is one bar from the step that began it to the one that ended it', async (t) => {
  const timeline = timelineOf(scene, { trace, step: 7, actor: 'w2' });
  const rows = rowsOf(timeline);
  t.strictSame(timeline.actors, ['w1', 'w2', 'm']);
  t.equal(rows.length, 9);
  t.strictSame(rows[5]?.bars.get('m'), { kind: 'waits', lines: ['mmap', 'waits for caching mode (fuse_file_cached_io_open)'], rows: 3, parted: false });
  t.match(rows[4]?.bars.get('w1'), { kind: 'held', rows: 3 });
  t.match(rows[8]?.bars.get('m'), { kind: 'call', lines: ['returned 0'] });
  t.ok(coveredOnce(timeline));
});

t.test('the step where they part is marked, and the call that parted', async (t) => {
  const [parted, ...more] = rowsOf(timelineOf(scene, { trace, step: 7, actor: 'w2' })).filter((row) => row.parted);
  t.strictSame(more, []);
  t.equal(parted?.steps[0]?.number, 7);
  t.match(parted?.bars.get('w2'), { kind: 'held', parted: true });
  t.strictSame(parted?.holds, ['WRITE of w1', 'WRITE of w2']);
});

t.test('an actor that should have gone on has a bar of its own from the step where it did not', async (t) => {
  const rows = rowsOf(timelineOf(scene, { trace, step: 7, actor: 'm' }));
  t.match(rows[5]?.bars.get('m'), { rows: 1, parted: false });
  t.match(rows[6]?.bars.get('m'), { rows: 2, parted: true, lines: ['still waits for caching mode (fuse_file_cached_io_open)'] });
});

t.test('of a long scene the rows around the parted step are shown, and those where what is under way there began', async (t) => {
  const idle = Array.from({ length: 60 }, () => '  - w2: {fstat: f}').join('\n');
  const long = readScenario(file('scenario.yaml').replace('  - w2: {pwrite', `${idle}\n  - w2: {pwrite`), 'scenario.yaml');
  const shifted = trace.split('\n').filter(Boolean).map((line) => line.replace(/"step":(\d+)/, (_, step: string) => `"step":${Number(step) > 6 ? Number(step) + 60 : step}`));
  const at = shifted.findIndex((line) => line.includes('"step":67'));
  const stats = Array.from({ length: 60 }, (_, index) => [`"e":"step","step":${7 + index}`, `"e":"call","step":${7 + index},"who":"w2","call":"fstat","off":0,"len":0`, `"e":"return","step":${7 + index},"who":"w2","call":"fstat","ret":0`, `"e":"rest","step":${7 + index}`].map((body) => `{"n":0,"t":1,${body}}`)).flat();
  const text = [...shifted.slice(0, at), ...stats, ...shifted.slice(at)].map((line, index) => `${line.replace(/"n":\d+/, `"n":${index + 2}`)}\n`).join('');
  const timeline = timelineOf(long, { trace: text, step: 67, actor: 'w2' });
  t.equal(timeline.damage, undefined);
  const numbers = timeline.rows.map((row) => (row.kind === 'gap' ? `${row.steps} not shown` : row.steps[0]?.number));
  t.strictSame(numbers, ['4 not shown', 5, 6, '52 not shown', 59, 60, 61, 62, 63, 64, 65, 66, 67, 68, 69]);
});

t.test('a trace that was cut anywhere gives rows whose bars cover every column once', async () => {
  fc.assert(fc.property(fc.nat({ max: trace.length }), fc.integer({ min: 0, max: 12 }), fc.constantFrom('w1', 'w2', 'm', undefined), (length, step, actor) =>
    coveredOnce(timelineOf(scene, { trace: trace.slice(0, length), step, actor }))));
});

t.test('a trace of a guest that ended in the middle shows the call that it ended in', async (t) => {
  const cut = trace.slice(0, trace.indexOf('\n', trace.indexOf('"step":6,"who":"m","call"')) + 1);
  const rows = rowsOf(timelineOf(scene, { trace: cut, step: 6, actor: undefined }));
  t.match(rows.at(-1)?.bars.get('m'), { kind: 'runs', lines: ['mmap', 'never came to rest'] });
});
