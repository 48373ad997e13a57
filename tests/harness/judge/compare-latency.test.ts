import t from 'tap';
import { bootOrder, compareLatency, surelySlower, type BootLatency } from '../../../harness/judge/compare-latency.ts';

const boot = (medianNs: number, perSecond = 100): BootLatency[] => [{ operation: 'pwrite', mode: 'alone', writers: 4, delayUs: 500, medianNs, perSecond }];

t.test('boots of two kernels alternate as A B B A', async (t) => {
  t.strictSame(bootOrder(4, ['base', 'patched']), ['base', 'patched', 'patched', 'base', 'base', 'patched', 'patched', 'base']);
  t.strictSame(bootOrder(2, ['base']), ['base', 'base']);
});

t.test('what no boot of the one reaches of the other is slower, and fewer a second too', async (t) => {
  const figures = compareLatency([1000, 1100, 1050, 990].map((ns) => boot(ns, 800)), [2000, 2100, 1900, 2050].map((ns) => boot(ns, 100)));
  t.strictSame(figures.map(({ quantity, word }) => [quantity, word]), [['median', 'slower'], ['rate', 'slower']]);
  t.strictSame(compareLatency([boot(9), boot(9), boot(9), boot(9)], [boot(9), boot(9), boot(9), boot(9)]).map(({ word }) => word), ['~', '~']);
});

t.test('two boots of each are never more than noise', async (t) => {
  const figures = compareLatency([boot(10), boot(11)], [boot(1000), boot(1100)]);
  t.strictSame(figures.map(({ word, interval }) => [word, interval]), [['~', undefined], ['~', undefined]]);
});

t.test('a kernel alone is only told', async (t) => {
  t.strictSame(compareLatency([boot(10, 3), boot(12, 4)], undefined), [
    { operation: 'pwrite', mode: 'alone', writers: 4, delayUs: 500, quantity: 'median', base: [10, 12] }, { operation: 'pwrite', mode: 'alone', writers: 4, delayUs: 500, quantity: 'rate', base: [3, 4] },
  ]);
});

t.test('one of many that looks slower by chance is not surely so', async (t) => {
  const [figure] = compareLatency([1, 2, 3, 4].map((ns) => boot(ns)), [5, 6, 7, 8].map((ns) => boot(ns)));
  if (!figure) throw new Error('no figure');
  t.equal(surelySlower([figure]).length, 1, 'the only one that was looked at');
  t.equal(surelySlower([figure, ...Array.from({ length: 9 }, () => ({ ...figure, p: 0.9, word: '~' as const }))]).length, 0);
  t.equal(surelySlower([{ ...figure, p: 1e-6 }, ...Array.from({ length: 99 }, () => ({ ...figure, p: 0.9, word: '~' as const }))]).length, 1);
  t.equal(surelySlower([{ ...figure, p: 1e-6, word: 'faster' }]).length, 0);
});
