import fc from 'fast-check';
import t from 'tap';
import { firstDifference } from '../../../harness/judge/first-difference.ts';

const lines = [
  '{"n":1,"t":0,"e":"hello","release":"6.12.107"}',
  '{"n":2,"t":10,"e":"step","step":3}',
  '{"n":3,"t":20,"e":"return","step":3,"who":"w","call":"open","ret":5,"ns":900}',
  '{"n":4,"t":30,"e":"rest","step":3}',
];
const text = (changed: readonly string[]): string => changed.map((line) => `${line}\n`).join('');
const whole = text(lines);

t.test('two that are the same have no difference', async (t) => {
  t.equal(firstDifference(whole, whole), undefined);
  t.equal(firstDifference('', ''), undefined);
});

t.test('the first line that is not the same is told with the step under way', async (t) => {
  const other = lines.with(2, '{"n":3,"t":20,"e":"return","step":3,"who":"w","call":"open","ret":-1,"ns":900}').with(3, 'x');
  t.strictSame(firstDifference(whole, text(other)), { line: 3, one: lines[2], other: other[2], step: 3, what: 'event' });
});

t.test('an event that only came later, or took longer, is told as such', async (t) => {
  for (const line of [lines[2]?.replace('"t":20', '"t":21'), lines[2]?.replace('"ns":900', '"ns":901')]) {
    t.match(firstDifference(whole, text(lines.with(2, line ?? ''))), { line: 3, what: 'time' });
  }
  t.match(firstDifference('[ 0.1] x\n', '[ 0.2] x\n'), { what: 'event', step: undefined }, 'a line of a console has no time that is known');
});

t.test('one that ends before the other differs where it ends, also when only the last line break is missing', async (t) => {
  t.match(firstDifference(whole, text(lines.slice(0, 3))), { line: 4, one: lines[3], other: undefined, what: 'end', step: 3 });
  t.match(firstDifference('', whole), { line: 1, one: undefined, other: lines[0], what: 'end' });
  t.match(firstDifference(whole, whole.slice(0, -1)), { line: 5, what: 'end' });
});

t.test('whatever a guest wrote, two texts differ exactly when a difference is found, and it is one', async (t) => {
  fc.assert(fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), (start, one, other) => {
    const found = firstDifference(start + one, start + other);
    if (one === other) return found === undefined;
    return found !== undefined && found.line >= 1;
  }));
  t.pass();
});
