import t from 'tap';
import { findGeneration } from '../../../harness/model/generations.ts';
import { ordersOf } from '../../../harness/model/orders.ts';
import { hold, mmap, open, pwrite, release, sceneOf } from './scenes.ts';

const generation = findGeneration('6.12.64');
if (!generation) throw new Error('no generation');
const scene = sceneOf({ init: ['DIRECT_IO_ALLOW_MMAP'] });
const setup = [open('w1'), open('w2'), open('m'), hold({ opcode: 'WRITE' })];
const sessions = new Map([
  ['w1', [pwrite('w1', 0, 4096)]], ['w2', [pwrite('w2', 4096, 4096)]], ['m', [mmap('m')]], ['server', [release({ opcode: 'WRITE' }), release({ opcode: 'WRITE' })]],
]);
const orders = ordersOf({ setup, sessions, scene, generation });

t.equal(orders.cut, false, 'a small graph is covered whole');
t.equal(orders.covered, orders.edges, 'every transition is taken');
t.ok(orders.paths.length > 1 && orders.paths.length < 60, `fewer paths than the 60 interleavings: ${orders.paths.length}`);
t.same(ordersOf({ setup, sessions, scene, generation }), orders, 'the same given, the same paths');
t.ok(orders.paths.every((path) => path.length <= 5), 'no path takes a step twice');
t.equal(ordersOf({ setup, sessions, scene, generation, mostPaths: 1 }).cut, true, 'it says when it was cut');

t.test('a session whose actor is in a call waits for its answer', (t) => {
  const stuck = ordersOf({ setup, sessions: new Map([['w1', [pwrite('w1', 0, 4096), pwrite('w1', 0, 4096)]]]), scene, generation });
  t.equal(stuck.paths.length, 1);
  t.equal(stuck.paths[0]?.length, 1, 'the second write of a held actor never comes');
  t.end();
});
