import fc from 'fast-check';
import t from 'tap';
import { seededRandom, shuffled } from '../../harness/random.ts';

t.test('the same seed gives the same numbers, all of them in [0, 1), and another seed gives others', async (t) => {
  const take = (seed: number): number[] => {
    const random = seededRandom(seed);
    return Array.from({ length: 1000 }, () => random());
  };
  t.strictSame(take(1), take(1));
  t.notSame(take(1), take(2));
  t.ok(take(3).every((value) => value >= 0 && value < 1));
  const low = take(4).filter((value) => value < 0.5).length;
  t.ok(low > 400 && low < 600, `${low} of 1000 are in the lower half`);
});

t.test('a shuffle holds every item once', async (t) => {
  fc.assert(fc.property(fc.array(fc.integer()), fc.nat(), (items, seed) => {
    const sorted = (list: readonly number[]): number[] => [...list].sort((a, b) => a - b);
    return JSON.stringify(sorted(shuffled(items, seededRandom(seed)))) === JSON.stringify(sorted(items));
  }));
  const order = shuffled(['a', 'b', 'c', 'd', 'e', 'f'], seededRandom(1));
  t.notSame(order, ['a', 'b', 'c', 'd', 'e', 'f']);
});
