import t from 'tap';
import { nanoseconds, timeOfDate, wholeNumber } from '../../../harness/cli/option-values.ts';

t.test('a threshold has a unit', async (t) => {
  t.equal(nanoseconds('0ns'), 0);
  t.equal(nanoseconds('100ns'), 100);
  t.equal(nanoseconds('2us'), 2000);
  t.equal(nanoseconds('3ms'), 3_000_000);
  for (const wrong of ['', '100', '5%', '-1ns', '1.5us', 'ns', '1 ns', '1h', '99999999999s']) t.throws(() => nanoseconds(wrong), /whole number with ns/, wrong);
});

t.test('a date is UTC where it does not say otherwise', async (t) => {
  t.equal(timeOfDate('2026-11-23'), Date.UTC(2026, 10, 23));
  t.equal(timeOfDate('2026-11-23T18:00'), Date.UTC(2026, 10, 23, 18));
  t.equal(timeOfDate('2026-11-23T18:00:30Z'), Date.UTC(2026, 10, 23, 18, 0, 30));
  t.equal(timeOfDate('2026-11-23T18:00+02:00'), Date.UTC(2026, 10, 23, 16));
  for (const wrong of ['', 'yesterday', '2026', '2026-13-01', '2026-11-23 18:00', '1']) t.throws(() => timeOfDate(wrong), /expected a date/, wrong);
});

t.test('a number is whole', async (t) => {
  t.equal(wholeNumber('0'), 0);
  for (const wrong of ['', '-1', '1.5', 'x', '1e3', '9999999']) t.throws(() => wholeNumber(wrong), /whole number/, wrong);
});
