import fc from 'fast-check';
import t from 'tap';
import { playOrder, type KnownScene } from '../../../harness/judge/play-order.ts';

const ran: Readonly<Record<string, readonly string[]>> = { a: ['open', 'read'], b: ['open', 'write'], c: ['open', 'write', 'mmap'], d: ['open'], f: ['open'] };
const scenes: readonly KnownScene[] = [
  { scene: 'a', steps: 5, ms: 100 }, { scene: 'b', steps: 5, ms: 300 }, { scene: 'c', steps: 5, ms: 200 },
  { scene: 'd', steps: 5, ms: 900, failed: true }, { scene: 'e', steps: 5 }, { scene: 'f', steps: 5, ms: 400 },
];
const order = (changed: readonly string[]): string => {
  const known = scenes.map((scene) => ({ ...scene, ...(ran[scene.scene] && { ran: (ran[scene.scene] ?? []).filter((name) => changed.includes(name)) }) }));
  return playOrder(known).map(({ scene, reason }) => `${scene.scene}:${reason}`).join(' ');
};

t.test('failures, then who ran the change and is most particular, then who is unknown, then the rest, longest first', async (t) => {
  t.equal(order(['write', 'mmap']), 'd:failed c:changed b:changed e:unknown f:rest a:rest');
  t.equal(order(['read']), 'd:failed a:changed e:unknown f:rest b:rest c:rest');
  t.equal(order(['open']), 'd:failed a:changed c:changed b:changed f:changed e:unknown', 'all alike: the shortest first');
  t.equal(order([]), 'd:failed e:unknown f:rest b:rest c:rest a:rest');
});

t.test('a scene without a figure is taken for as long as others of its steps', async (t) => {
  const known = [...scenes.map((scene) => ({ ...scene, failed: false, ran: [] })), { scene: 'g', steps: 1, ran: [] }];
  t.equal(playOrder(known).map(({ scene }) => scene.scene).join(''), 'dfebcag', 'e has 5 steps of 76 ms, g one');
});

t.test('every scene is played once, whatever is known', async () => {
  const scene = fc.record({ scene: fc.string(), steps: fc.nat(9), ms: fc.nat(), failed: fc.boolean(), ran: fc.subarray(['a', 'b', 'c']) }, { requiredKeys: ['scene', 'steps'] });
  fc.assert(fc.property(fc.array(scene), (all) => {
    const names = (list: readonly KnownScene[]): string => list.map((one) => one.scene).sort().join('\n');
    return names(playOrder(all).map((row) => row.scene)) === names(all);
  }));
});
