import fc from 'fast-check';
import t from 'tap';
import { compareRatios } from '../../../harness/judge/mann-whitney.ts';

/** Every way to part the values into samples of these sizes, one by one. */
function enumeratedP(base: readonly number[], patched: readonly number[]): number {
  const values = [...base, ...patched];
  const rank = (value: number): number => values.filter((other) => other < value).length + (values.filter((other) => other === value).length + 1) / 2;
  const distance = (chosen: readonly number[]): number => Math.abs(chosen.reduce((sum, value) => sum + rank(value), 0) - (base.length * (values.length + 1)) / 2);
  const seen = distance(base);
  let all = 0;
  let far = 0;
  for (let mask = 0; mask < 2 ** values.length; mask += 1) {
    const chosen = values.filter((_, index) => (mask >> index) & 1);
    if (chosen.length !== base.length) continue;
    all += 1;
    if (distance(chosen) >= seen - 1e-9) far += 1;
  }
  return far / all;
}

t.test('p is that of the book', async (t) => {
  // Hollander and Wolfe, table 4.1 (permeability of the chorioamnion): W = 35, two-sided p = 0.2544.
  const term = [0.80, 0.83, 1.89, 1.04, 1.45, 1.38, 1.91, 1.64, 0.73, 1.46];
  const early = [1.15, 0.88, 0.90, 0.74, 1.21];
  t.equal(compareRatios(term, early)?.p.toFixed(4), '0.2544');
});

t.test('the extreme orders of four and four are two of seventy, and of three and three no interval holds', async (t) => {
  const found = compareRatios([1, 2, 3, 4], [10, 20, 30, 40]);
  t.equal(found?.p.toFixed(6), (2 / 70).toFixed(6));
  t.strictSame(found?.interval && { ...found.interval, level: found.interval.level.toFixed(4) }, { low: 10 / 4, high: 40 / 1, level: (1 - 2 / 70).toFixed(4) });
  t.equal(compareRatios([1, 2, 3], [10, 20, 30])?.interval, undefined);
  t.equal(compareRatios([], [1]), undefined);
});

t.test('p is exact for every pair of small samples, also with ties', async () => {
  const sample = fc.array(fc.integer({ min: 1, max: 6 }), { minLength: 1, maxLength: 5 });
  fc.assert(fc.property(sample, sample, (base, patched) => Math.abs((compareRatios(base, patched)?.p ?? 0) - enumeratedP(base, patched)) < 1e-12));
});

t.test('the other way round the ratio is the inverse, the interval too, and p the same', async () => {
  const sample = fc.array(fc.double({ min: 0.5, max: 50, noNaN: true }), { minLength: 4, maxLength: 7 });
  const near = (a: number, b: number): boolean => Math.abs(Math.log(a / b)) < 1e-9;
  fc.assert(fc.property(sample, sample, (base, patched) => {
    const [one, other] = [compareRatios(base, patched), compareRatios(patched, base)];
    if (!one?.interval || !other?.interval) return false;
    return near(one.ratio, 1 / other.ratio) && Math.abs(one.p - other.p) < 1e-12 && near(one.interval.low, 1 / other.interval.high) && one.interval.level >= 0.95;
  }));
});

t.test('twenty and twenty are within reach', async (t) => {
  const base = Array.from({ length: 20 }, (_, index) => 100 + index);
  const found = compareRatios(base, base.map((value) => value * 3));
  t.ok((found?.p ?? 1) < 1e-9);
  t.ok(found?.interval && found.interval.low > 2 && found.interval.high < 4);
});
