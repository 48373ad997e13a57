import t from 'tap';
import { disagreements } from '../../../harness/model/agree.ts';
import { expandOrders, wholeOf } from '../../../harness/model/expand-orders.ts';
import { findGeneration } from '../../../harness/model/generations.ts';
import { writtenFor } from '../../../harness/model/scene-for.ts';
import { readScenario } from '../../../harness/scenario/read-scenario.ts';

const generation = findGeneration(writtenFor);
if (!generation) throw new Error('no generation');

const head = `protects: a sentence of words
source: nowhere
server: {init: [DIRECT_IO_ALLOW_MMAP]}
files: {f: {size: 16K, open: [DIRECT_IO, PARALLEL_DIRECT_WRITES]}}
actors: {w: , m: }
`;
const two = `${head}steps:
  - w: {open: f}
  - m: {open: f}
  - hold: {opcode: WRITE, file: f}
sessions:
  writer:
    - w: {pwrite: f, at: 0, bytes: 4K, fill: A}
    - release: w
  mapper:
    - m: {mmap: f, bytes: 8K}
`;
const [scene, ...others] = expandOrders(readScenario(two, 'two.yaml'));
if (!scene) throw new Error('no scene');
const labels = [...new Set(scene.steps.map((step) => step.label ?? ''))];

t.test('sessions become orders of their own, each on a file of its own', async (t) => {
  // The mmap before the write, while it is at the server, and after its answer.
  t.equal(labels.length, 3);
  t.strictSame(scene.files.map((file) => file.name), ['f', 'f-2', 'f-3']);
  t.strictSame(others, [], 'few orders are one scene, by its own name');
  t.equal(scene.name, 'two');
  t.equal(scene.sessions, undefined);
  t.strictSame(scene.steps.map((step) => step.number), scene.steps.map((_, index) => index + 1));
});

t.test('in one of them the mmap waits for the write and goes on with its answer', async (t) => {
  const waits = scene.steps.filter((step) => step.kind === 'order' && step.call.kind === 'mmap' && step.expect.get('m')?.kind === 'waits');
  t.equal(waits.length, 1);
  const releases = scene.steps.filter((step) => step.kind === 'server' && step.action.kind === 'release' && step.expect.get('m')?.kind === 'returns');
  t.equal(releases.length, 1);
});

t.test('every order leaves the stage as it found it: nothing held, mapped or open', async (t) => {
  for (const label of labels) {
    const kinds = scene.steps.filter((step) => step.label === label).map((step) => (step.kind === 'order' ? step.call.kind : step.action.kind));
    t.equal(kinds.filter((kind) => kind === 'open').length, kinds.filter((kind) => kind === 'close').length, label);
    t.equal(kinds.filter((kind) => kind === 'mmap').length, kinds.filter((kind) => kind === 'munmap').length, label);
    t.equal(kinds.filter((kind) => kind === 'hold').length, kinds.filter((kind) => kind === 'unhold').length, label);
  }
});

t.test('what it says of every step is what the model says of the whole', async (t) => {
  t.strictSame(disagreements(scene, generation).map((one) => one.message), []);
});

t.test('a scene without sessions stays as it is', async (t) => {
  const plain = readScenario(two.slice(0, two.indexOf('sessions:')), 'plain.yaml');
  t.strictSame(expandOrders(plain), [plain]);
});

t.test('many orders are several scenes, so that none takes long', async (t) => {
  const longer = two.replace('    - release: w\n', '    - release: w\n    - w: {pwrite: f, at: 4K, bytes: 4K, fill: B}\n    - release: w\n').replace('bytes: 8K}\n', 'bytes: 8K}\n    - m: {load: f, at: 0, bytes: 8K}\n    - m: {munmap: f}\n    - m: {close: f}\n');
  const parts = expandOrders(readScenario(longer, 'longer.yaml'));
  t.ok(parts.length > 1);
  t.strictSame(parts.map(({ name }) => name), parts.map((_, index) => `longer.${index + 1}`));
  t.strictSame(parts.filter(({ steps }) => steps.length > 200).map(({ name }) => name), []);
  t.strictSame(parts.map(({ name }) => wholeOf(name)), parts.map(() => 'longer'));
});

t.test('too many orders are an error that says what to do', async (t) => {
  const many = `${two}${['a', 'b', 'c'].map((name) => `  ${name}:\n${`    - change: {file: f, at: 0, bytes: 1K, fill: ${name}}\n`.repeat(4)}`).join('')}`;
  t.throws(() => expandOrders(readScenario(many, 'many.yaml')), /more than 100 orders that make a difference; take steps out of a session/);
});

t.test('what the model is to say must not be said, and what ends the cast is refused', async (t) => {
  const mistakes: readonly (readonly [string, RegExp])[] = [
    ['    - w: {pread: f, bytes: 4K}\n      expect: returns\n', /of a scene with sessions the model says what every step comes to/],
    ['    - w: exit\n', /exit leaves another cast for the next order/],
    ['    - kill: w\n', /kill leaves nothing as it was for the next order/],
    ['    - release: {handle: 1}\n', /a 'handle' is another number in every order/],
    ['    - parallel:\n        - w: {pread: f, bytes: 4K}\n        - m: {pread: f, bytes: 4K}\n', /a scene with sessions has no parallel blocks/],
  ];
  for (const [step, message] of mistakes) t.throws(() => readScenario(`${two}  more:\n${step}`, 'wrong.yaml'), message, step);
});
