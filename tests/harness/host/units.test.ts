import fc from 'fast-check';
import t from 'tap';
import { duration, size } from '../../../harness/host/units.ts';
import { formatSize } from '../../../harness/format-units.ts';

t.test('a size is bytes, or a number with K, M or G', async (t) => {
  for (const [given, bytes] of [[0, 0], ['0', 0], ['4K', 4096], ['2M', 2 ** 21], ['1G', 2 ** 30], [7, 7]] as const) t.equal(size.parse(given), bytes);
  for (const given of [-1, 1.5, '4k', '4KB', '', ' 4K', '-4K', '1e3', '0x10', Infinity, NaN, '99999999999999999999', null, []]) t.equal(size.safeParse(given).success, false, String(given));
});

t.test('a duration has its unit, and fits a timer', async (t) => {
  for (const [given, ms] of [['500ms', 500], ['60s', 60_000], ['30m', 1_800_000], ['2h', 7_200_000]] as const) t.equal(duration.parse(given), ms);
  for (const given of [60, '60', '1d', '-1s', '1.5s', '', '600h']) t.equal(duration.safeParse(given).success, false, String(given));
});

t.test('a size that was written is read as what it was', async (t) => {
  t.doesNotThrow(() => fc.assert(fc.property(fc.nat(2 ** 31), (bytes) => size.parse(formatSize(bytes)) === bytes)));
});
