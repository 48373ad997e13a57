import fc from 'fast-check';
import t from 'tap';
import { printable, printableColumns } from '../../harness/printable.ts';

t.test('escape sequences go whole, so that nothing of them is left to read', async (t) => {
  t.equal(printable('a\u001b[31;1mred\u001b[0m b'), 'ared b');
  t.equal(printable('\u001b]0;title\u0007x\u001b]8;;http://e\u001b\\link'), 'xlink');
  t.equal(printable('\u009b2Jx\u001bcy\u001b(0z'), 'xyz');
});

t.test('an escape sequence that never ends does not swallow the text', async (t) => {
  t.match(printable('\u001b]0;the whole subject'), /the whole subject/);
});

t.test('direction overrides, zero width and other controls go; white space becomes one space', async (t) => {
  t.equal(printable('user\u202etxt.exe\u200b\u0000 a\n\tb\r\n'), 'usertxt.exe a b');
});

t.test('letters of any script stay', async (t) => {
  t.equal(printable('Rafał Miłecki — 修正'), 'Rafał Miłecki — 修正');
});

t.test('a long text ends with an ellipsis and is no longer than asked, counted in characters', async (t) => {
  t.equal(printable('abcdef', 4), 'abc…');
  t.equal(printable('😀😀😀😀', 4), '😀😀😀😀');
  t.equal(printable('😀😀😀😀😀', 4), '😀😀😀…');
});

t.test('whatever comes in, one line without controls comes out', async (t) => {
  t.doesNotThrow(() => fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 60 }), fc.integer({ min: 1, max: 40 }), (text, max) => {
      const shown = printable(text, max);
      return !/[\p{Cc}\p{Cf}\p{Cs}]/u.test(shown) && [...shown].length <= max;
    }),
  ));
});

t.test('a megabyte of sequences that never end takes no longer than a megabyte', async (t) => {
  for (const start of ['\u0090', '\u009d', '\u009f', '\u001b]', '\u001bP']) {
    const began = performance.now();
    printable(`${start.repeat(1_000_000)}x`);
    t.ok(performance.now() - began < 5000, JSON.stringify(start));
  }
});

t.test('columns stay under one another where they are wanted', async (t) => {
  t.equal(printableColumns('  a\u001b[1m  b\u0000\tc  \r\n'), '  a  b  c');
  t.equal(printableColumns('  abcdef', 5), '  ab…');
});
