import { join } from 'node:path';
import t from 'tap';
import { columnsOf } from '../../../harness/formats/wrap-text.ts';
import { parseTrace } from '../../../harness/judge/parse-trace.ts';
import { diorama, readText, root } from './run-diorama.ts';

const scene = 'write-does-not-overtake-mmap';

await t.test('test draws both sides, the expectation where they part, and the console where the kernel said it', async (t) => {
  const results = t.testdir();
  const ended = await diorama(['test', scene, '--series', join(root, 'tests/canaries/overtaking-write.patch'), '--results', results]);
  t.equal(ended.exitCode, 1, ended.stderr);
  t.match(ended.stdout, /┃ waits for caching mode[\s\S]*✕ here they part: w2's pwrite[\s\S]*but it must wait for the inode lock/);
  t.notMatch(ended.stdout, /\u001b/, 'no colours without a terminal');
  const drawing = ended.stdout.split('\n').filter((line) => /^ {2,}\d|[┃┊│┌└▐]/.test(line));
  t.ok(drawing.length > 40);
  t.strictSame(drawing.filter((line) => columnsOf(line) > 120), []);

  // fuse.ko says this while the set is made, which then sleeps for 6 s before it stops (SETTLE_USEC in guests/stage/init.c).
  const { events } = parseTrace(await readText(results, 'latest/base', scene, 'trace'));
  const [, ms] = /^ +(-?\d+\.\d{3}) {2}▐ \[.*fuse: init/m.exec(ended.stdout) ?? [];
  t.ok(Number(ms) < -6000 && Number(ms) > -6100, `${ms} ms is 6 s and a little before the scene`);
  const tie = events.find((event) => event.e === 'log');
  t.ok(tie && tie.within < 10_000, 'the clocks are tied to 10 us');

  const shown = await diorama(['show', `latest/${scene}`, '--results', results]);
  t.match(shown.stdout, /✕ here they part/);
  const list = await diorama(['show', `latest/${scene}`, '--results', results, '--verbose']);
  t.match(list.stdout, /^step 7 {2}w2: pwrite of 4K at 4K {3}<- here they part$/m);
});
