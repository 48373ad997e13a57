import { createHash } from 'node:crypto';
import t from 'tap';
import { sceneFacts } from '../../../harness/results/scene-facts.ts';

const sha = (text: string): string => createHash('sha256').update(text).digest('hex');

t.test('the facts of a scene are what its files are', async (t) => {
  const dir = t.testdir({ trace: 'a trace', program: 'a program', 'scenario.yaml': 'yaml', console: 'fuse: init (API version 7.41)\nBUG: KASAN: slab-use-after-free in x\n' });
  t.same(sceneFacts(dir), { traceId: sha('a trace'), programId: sha('a program'), scenarioId: sha('yaml'), splats: ['BUG: KASAN: slab-use-after-free in x'] });
});

t.test('what a guest puts on its console stays text, and its record stays small', async (t) => {
  const lines = Array.from({ length: 10_000 }, (_, index) => `BUG: \u001b[31mforged\u001b[0m <script>${index}</script>\u0007${'y'.repeat(2000)}`);
  const { splats = [] } = sceneFacts(t.testdir({ console: Buffer.from(lines.join('\n'), 'latin1') }));
  t.equal(splats.length, 40);
  t.match(splats[0], /^BUG: forged <script>0<\/script>y+…$/);
  t.ok(splats.every((title) => title.length <= 300));
});

t.test('a file that is not there leaves its fact out', async (t) => {
  t.same(sceneFacts(t.testdir({})), {});
  t.same(Object.keys(sceneFacts(t.testdir({ console: '' }))), ['splats']);
});
