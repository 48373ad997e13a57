import t from 'tap';
import { disagreements } from '../../../harness/model/agree.ts';
import { expandMeasure } from '../../../harness/model/expand-measure.ts';
import { findGeneration } from '../../../harness/model/generations.ts';
import { writtenFor } from '../../../harness/model/scene-for.ts';
import { readScenario } from '../../../harness/scenario/read-scenario.ts';
import type { Scenario } from '../../../harness/scenario/types.ts';

const generation = findGeneration(writtenFor);
if (!generation) throw new Error('no generation');

const sceneOf = (measure: string): Scenario => expandMeasure(readScenario(`protects: a sentence of words
source: nowhere
measure: ${measure}
files: {f: {size: 64K}}
actors: {w: , x: }
steps:
  - w: {open: f}
  - w: {pwrite: f, at: 0, bytes: 4K, fill: A}
  - x: {open: f}
  - w: {pwrite: f, at: 4K, bytes: 4K, fill: B}
`, 'costs.yaml'));

const modes = '{alone: [DIRECT_IO], shared: [DIRECT_IO, PARALLEL_DIRECT_WRITES]}';
const plain = sceneOf(`{modes: ${modes}, repeat: 3}`);
const many = sceneOf(`{modes: ${modes}, writers: [1, 3], repeat: 2}`);

t.test('the steps are played so often in each mode, on a file of its own that is opened so', async (t) => {
  t.strictSame(plain.files.map(({ name, open }) => [name, open]), [['f', 1], ['f-2', 1 | 64]]);
  const writes = plain.steps.flatMap(({ measured }) => (measured?.operation === 'pwrite' ? [measured.mode] : []));
  t.strictSame(writes, ['alone', 'alone', 'alone', 'shared', 'shared', 'shared']);
  t.strictSame(plain.steps.map(({ number }) => number), plain.steps.map((_, index) => index + 1));
});

t.test('a second call of a kind is another operation, and what closes a round is none', async (t) => {
  t.strictSame([...new Set(plain.steps.map(({ measured }) => measured?.operation))], ['open', 'pwrite', 'open 2', 'pwrite 2', undefined]);
  for (const step of plain.steps.filter(({ measured }) => !measured)) t.match(step, { kind: 'order', call: { kind: 'close' } });
});

t.test('so many actors do at once what w does, each at a place of its own, and nobody else is multiplied', async (t) => {
  t.strictSame(many.actors.map(({ name, process }) => [name, process]), [['w', 'w'], ['w2', 'w2'], ['w3', 'w3'], ['x', 'x']]);
  const three = many.steps.filter(({ measured }) => measured?.operation === 'pwrite 2' && measured.writers === 3).slice(0, 3);
  t.strictSame(three.map((step) => step.kind === 'order' && [step.actor, step.joins, step.call.kind === 'pwrite' && step.call.at]), [['w', false, 4096], ['w2', true, 8192], ['w3', true, 12288]]);
  t.equal(many.steps.filter(({ measured }) => measured?.operation === 'open 2' && measured.writers === 3).length, 4, 'x opens once a round: twice in each mode');
});

t.test('what it says of every step is what the model says of the whole', async (t) => {
  for (const scene of [plain, many]) t.strictSame(disagreements(scene, generation).map((one) => one.message), []);
});
