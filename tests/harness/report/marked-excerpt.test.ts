import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { findSplats } from '../../../harness/judge/find-splats.ts';
import { markedExcerpt } from '../../../harness/report/marked-excerpt.ts';

const home = join(import.meta.dirname, '../judge/consoles');

t.test('the first complaint of every captured console is in its excerpt and marked', async (t) => {
  for (const file of readdirSync(home)) {
    const console = readFileSync(join(home, file), 'latin1');
    const [first] = findSplats(console);
    const { lines, splats } = markedExcerpt(console);
    t.equal(splats, findSplats(console).length, file);
    t.equal(lines.find((line) => line.kind === 'title')?.number, first?.line, file);
  }
});

t.test('functions of the call trace stay, registers and code are counted', async (t) => {
  const { lines } = markedExcerpt(readFileSync(join(home, 'bug-on-6.12.txt'), 'latin1'));
  const texts = lines.map(({ text }) => text);
  t.ok(texts.some((text) => text.includes('RIP: 0010:fuse_file_cached_io_open+0x127/0x130')));
  t.equal(lines.filter(({ kind }) => kind === 'place').length, 8);
  t.notOk(texts.some((text) => text.includes('Code: ')));
  t.ok(texts.includes('… 2 lines of registers and code'));
});

t.test('a console of any size gives a bounded excerpt that says what is left out', async (t) => {
  const long = markedExcerpt(`${'chatter\n'.repeat(5000)}BUG: sleeping function called from invalid context at x.c:1\n${'more\n'.repeat(7000)}`);
  t.equal(long.linesBefore + long.lines.length + long.linesAfter, 12_001);
  t.ok(long.lines.length <= 61);
  t.ok(long.lines.some(({ kind, number }) => kind === 'title' && number === 5001));
  const wide = markedExcerpt('x'.repeat(1_000_000));
  t.equal(wide.lines.length, 1);
  t.match(wide.lines[0]?.text, /^x{240}… \(999760 more characters\)$/);
  t.strictSame(markedExcerpt(''), { lines: [], linesBefore: 0, linesAfter: 0, splats: 0 });
});
