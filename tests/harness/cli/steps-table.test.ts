import t from 'tap';
import { coloursFor } from '../../../harness/cli/colours.ts';
import { describeSteps } from '../../../harness/cli/steps-table.ts';
import { runRecordSchema, type PlayedStep, type RunRecord } from '../../../harness/results/run-record.ts';

const plain = coloursFor({ isTTY: false });
const hostile = '\u001b[31mred\u001b[0m\nforged: broken by patch 9/9\u202e <script>';

function recordWith(given: Pick<RunRecord, 'steps' | 'changes'>): RunRecord {
  return runRecordSchema.parse({
    format: 'diorama run 1', id: 'x', status: 'done', started: '', command: [], config: 'default', guest: 'g', seed: 1, stages: [],
    host: { os: '', arch: '', cpus: 1, cpu: '', memoryBytes: 1, node: '' },
    scenes: [{ scene: 'a', side: 'base', verdict: { kind: 'pass', reason: '' }, ms: 1, dir: 'base/a' }],
    ...given,
  });
}

const step = (index: number, kind: 'pass' | 'fail' | undefined, subject = `subject ${index}`): PlayedStep => ({
  index, subject, scenes: kind ? [{ scene: 'a', verdict: { kind, reason: '' }, ms: 1, dir: '' }] : [],
  ...(kind ? {} : { trouble: { code: 'build-failed', message: `"${subject}" does not build`, details: [`fs/fuse/a.c:1:2: error: ${hostile}`, 'more'], evidence: 'build-patch-0002.log' } }),
});

t.test('a run that was not played patch by patch has nothing to show', async (t) => {
  t.same(describeSteps(recordWith({}), plain), []);
  t.same(describeSteps(recordWith({ steps: [], changes: [] }), plain), []);
  t.same(describeSteps(recordWith({ steps: [step(1, 'pass')], changes: [] }), plain), [], 'nor has one where nothing varies');
  t.same(describeSteps(recordWith({ steps: [step(1, 'pass')] }), plain), [], 'nor one that was interrupted before it was told');
});

t.test('a change across a prefix that does not build names both patches, and that prefix with its error', async (t) => {
  const changes = [{ scene: 'a', word: 'broken', patches: [2, 3], from: { kind: 'pass', reason: '' }, to: { kind: 'fail', reason: 'step 3: w1' }, dir: 'patched/a' }] as const;
  const lines = describeSteps(recordWith({ steps: [step(1, 'pass'), step(2, undefined), step(3, 'fail')], changes: changes.map((one) => ({ ...one, patches: [...one.patches] })) }), plain);
  t.same(lines, [
    '',
    'along the series  base  1     2  3',
    'a                 pass  pass  -  fail',
    '',
    'a: broken by patch 2/3 or 3/3, as what is between cannot be played: fail, step 3: w1',
    '',
    'patch 2/3 (subject 2) does not build: fs/fuse/a.c:1:2: error: red forged: broken by patch 9/9 <script>',
    '    more',
    '    see build-patch-0002.log in the run\'s directory',
  ]);
});

t.test('subjects and reasons of strangers stay on their line and lose their escapes', async (t) => {
  const change = { scene: 'a', word: 'broken' as const, patches: [1], from: { kind: 'pass' as const, reason: '' }, to: { kind: 'splat' as const, reason: hostile }, dir: '' };
  const text = describeSteps(recordWith({ steps: [step(1, 'fail', hostile), step(2, undefined, hostile), step(3, undefined, hostile)], changes: [change] }), plain);
  t.notMatch(text.join(''), /[\u001b\n\u202e]/);
  t.match(text.join('\n'), /^a: broken by patch 1\/3 \(red forged: broken by patch 9\/9 <script>\): splat, red forged/m);
  t.match(text.join('\n'), /^patch 3\/3 \(.*\) does not build: the same as before it$/m);
});
