import fc from 'fast-check';
import t from 'tap';
import { killOrder, type Candidate } from '../../../harness/judge/kill-order.ts';

const scenes: readonly Candidate[] = [
  { scene: 'd', covers: [], steps: 9 }, { scene: 'b', covers: ['wait.mmap'], steps: 9 }, { scene: 'a', covers: [], steps: 9 },
  { scene: 'c', covers: ['write.append', 'mmap.enters'], steps: 9 }, { scene: 'e', covers: [], steps: 9 },
];
const order = (given: Partial<Parameters<typeof killOrder>[1]>): string => killOrder(scenes, { breaks: [], lastKiller: undefined, kills: new Map(), ...given }).map(({ scene }) => scene).join('');

t.test('the scene that saw it last time is first, then those of its rules, then those that see most, then the rest by name', async (t) => {
  t.equal(order({}), 'abcde', 'nothing is known');
  t.equal(order({ kills: new Map([['d', 2], ['c', 5], ['gone', 9]]) }), 'cdabe');
  t.equal(order({ breaks: ['mmap.enters', 'open.dax'], kills: new Map([['d', 2]]) }), 'cdabe');
  t.equal(order({ breaks: ['mmap.enters', 'wait.mmap'], kills: new Map([['c', 1]]) }), 'cbade', 'among those of its rules too');
  t.equal(order({ lastKiller: 'e', breaks: ['mmap.enters'], kills: new Map([['d', 2]]) }), 'ecdab');
  t.equal(order({ lastKiller: 'gone' }), 'abcde', 'a scene that is no more is no matter');
  const short = killOrder([...scenes, { scene: 'z', covers: [], steps: 2 }], { breaks: [], lastKiller: undefined, kills: new Map() });
  t.equal(short[0]?.scene, 'z', 'a short one costs little');
});

t.test('what is given is left as it is', async (t) => {
  order({ lastKiller: 'e' });
  t.equal(scenes.map(({ scene }) => scene).join(''), 'dbace');
});

t.test('whatever is known, each scene is played once, and the order of the list does not matter', async (t) => {
  const rule = fc.constantFrom('r1', 'r2', 'r3');
  const list = fc.uniqueArray(fc.record({ scene: fc.string({ maxLength: 3 }), covers: fc.array(rule, { maxLength: 2 }), steps: fc.nat(9) }), { selector: ({ scene }) => scene, maxLength: 8 });
  const lists = list.chain((all) => fc.tuple(fc.constant(all), fc.shuffledSubarray(all, { minLength: all.length })));
  const kills = fc.array(fc.tuple(fc.string({ maxLength: 3 }), fc.nat(3)), { maxLength: 8 }).map((pairs) => new Map(pairs));
  t.doesNotThrow(() => fc.assert(fc.property(lists, fc.array(rule), fc.option(fc.string({ maxLength: 3 }), { nil: undefined }), kills, ([all, shuffled], breaks, lastKiller, counts) => {
    const [one, other] = [all, shuffled].map((candidates) => killOrder(candidates, { breaks, lastKiller, kills: counts }).map(({ scene }) => scene));
    return one?.length === all.length && new Set(one).size === all.length && JSON.stringify(one) === JSON.stringify(other);
  })));
});
