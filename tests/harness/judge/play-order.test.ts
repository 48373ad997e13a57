import fc from 'fast-check';
import t from 'tap';
import { playOrder, type KnownScene } from '../../../harness/judge/play-order.ts';

const scenes: readonly KnownScene[] = [
  { scene: 'a', steps: 5, ms: 100, functions: ['open', 'read'] },
  { scene: 'b', steps: 5, ms: 300, functions: ['open', 'write'] },
  { scene: 'c', steps: 5, ms: 200, functions: ['open', 'write', 'mmap'] },
  { scene: 'd', steps: 5, ms: 900, functions: ['open'], failed: true },
  { scene: 'e', steps: 5 },
  { scene: 'f', steps: 5, ms: 400, functions: ['open'] },
];
const order = (changed: readonly string[] | undefined): string => playOrder(scenes, changed).map(({ scene, reason }) => `${scene.scene}:${reason}`).join(' ');

t.test('failures, then who ran the change and is most particular, then who is unknown, then the rest, longest first', async (t) => {
  t.equal(order(['write', 'mmap']), 'd:failed c:changed b:changed e:unknown f:rest a:rest');
  t.equal(order(['read']), 'd:failed a:changed e:unknown f:rest b:rest c:rest');
  t.equal(order(['open']), 'd:failed a:changed c:changed b:changed f:changed e:unknown', 'all alike: the shortest first');
  t.equal(order(['nobody']), 'd:failed e:unknown f:rest b:rest c:rest a:rest');
  t.equal(order([]), 'd:failed f:rest e:rest b:rest c:rest a:rest', 'the same code: e has 5 steps as all others, so their mean');
  t.equal(order(undefined), order([]), 'anything may have changed');
});

t.test('every scene is played once, whatever is known', async () => {
  const scene = fc.record({ scene: fc.string(), steps: fc.nat(9), ms: fc.nat(), failed: fc.boolean(), functions: fc.subarray(['a', 'b', 'c']) }, { requiredKeys: ['scene', 'steps'] });
  fc.assert(fc.property(fc.array(scene), fc.option(fc.subarray(['a', 'b', 'c', 'd']), { nil: undefined }), (all, changed) => {
    const names = (list: readonly KnownScene[]): string => list.map((one) => one.scene).sort().join('\n');
    return names(playOrder(all, changed).map((row) => row.scene)) === names(all);
  }));
});
