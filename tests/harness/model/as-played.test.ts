import t from 'tap';
import { asPlayed, playedScene } from '../../../harness/model/as-played.ts';
import { readScenario } from '../../../harness/scenario/read-scenario.ts';
import type { Scenario } from '../../../harness/scenario/types.ts';

const head = (open: string): string => `protects: a sentence of words\nsource: nowhere\nserver: {init: [DIRECT_IO_ALLOW_MMAP]}\nfiles: {f: {size: 16K${open}}}\nactors: {w: , m: }\n`;
const direct = head(', open: [DIRECT_IO, PARALLEL_DIRECT_WRITES]');
const opens = 'steps:\n  - w: {open: f}\n  - m: {open: f}\n';

const plain = `${direct}${opens}`;
const measuring = `${head('')}measure: {modes: {alone: [DIRECT_IO]}, repeat: 3}\n${opens}  - w: {pwrite: f, at: 0, bytes: 4K, fill: A}\n`;
const write = (at: string): string => `    - w: {pwrite: f, at: ${at}, bytes: 4K, fill: A}\n    - release: w\n`;
const mmap = '    - m: {mmap: f, bytes: 8K}\n';
const inOrders = (writer: string, mapper: string): string => `${direct}${opens}  - hold: {opcode: WRITE, file: f}\nsessions:\n  writer:\n${writer}  mapper:\n${mapper}`;
const fewOrders = inOrders(write('0'), mmap);
const manyOrders = inOrders(write('0') + write('4K'), `${mmap}    - m: {load: f, at: 0, bytes: 8K}\n    - m: {munmap: f}\n    - m: {close: f}\n`);
const tooMany = `${fewOrders}${['a', 'b', 'c'].map((name) => `  ${name}:\n${`    - change: {file: f, at: 0, bytes: 1K, fill: ${name}}\n`.repeat(4)}`).join('')}`;

const named = (text: string, file: string): Scenario => readScenario(text, file);
const words = (scene: Scenario | undefined): readonly unknown[] => scene?.steps.map(({ number, label, measured }) => [number, label, measured]) ?? [];

t.test('every scene of a file is found again by the name it was played under, in the copy that a run keeps', async (t) => {
  for (const [name, text] of Object.entries({ plain, measuring, fewOrders, manyOrders, 'my.2': plain, 'my.3': measuring, 'my.4': fewOrders, 'my.5': manyOrders })) {
    const played = asPlayed(named(text, `/home/me/${name}.yaml`));
    t.ok(played.length > (text === manyOrders ? 1 : 0), `${name} is ${played.length} scenes`);
    for (const scene of played) {
      const again = playedScene(named(text, 'results/base/x/scenario.yaml'), scene.name);
      t.equal(again?.name, scene.name);
      t.strictSame(words(again), words(scene), scene.name);
      t.strictSame(again?.steps, scene.steps);
    }
  }
});

t.test('a part that a file does not come to is no scene of it', async (t) => {
  t.equal(playedScene(named(manyOrders, 'scenario.yaml'), 'many.99'), undefined);
  t.equal(playedScene(named(manyOrders, 'scenario.yaml'), 'many'), undefined);
});

t.test('orders that cannot be written out are a mistake of the scene, and name its file', async (t) => {
  t.throws(() => asPlayed(named(tooMany, 'many.yaml')), { blame: 'scene', code: 'bad-scene', message: /^many\.yaml: its sessions have more than 100 orders that make a difference/ });
});
