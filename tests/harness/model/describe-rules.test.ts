import t from 'tap';
import { describeRules } from '../../../harness/model/describe-rules.ts';
import { ruleGroups, rules } from '../../../harness/model/rules.ts';

const scenes = [
  { name: 'zoo', covers: ['wait.mmap'] }, { name: 'ark', covers: ['leak.failed', 'wait.mmap'] }, { name: 'bee', covers: [] },
];
const page = describeRules(scenes);

/** The rows of the table under this heading, as cells. */
function table(heading: string): string[][] {
  const part = page.split('\n## ').find((text) => text.startsWith(`${heading}\n`)) ?? '';
  return part.split('\n').filter((line) => line.startsWith('| ')).slice(1).map((line) => line.slice(2, -2).split(/ ?\| ?/).map((cell) => cell.trim()));
}

t.test('a rule stands in its group with its scenes in name order and its witness', async (t) => {
  t.strictSame(table('What waits for what').find(([id]) => id === '`wait.mmap`'), ['`wait.mmap`', rules.get('wait.mmap')?.text, 'ark, zoo', 'mode-wait']);
  t.strictSame(table('What must not leak').find(([id]) => id === '`leak.failed`'), ['`leak.failed`', 'a failed write', 'ark', '']);
  t.strictSame(table('Open').find(([id]) => id === '`open.dax`')?.slice(2), ['', ''], 'one that no scene protects says so');
});

t.test('every rule stands there once, in the order of the list', async (t) => {
  const ids = ruleGroups.flatMap((group) => table(group.title).map(([id]) => id));
  t.strictSame(ids, [...rules.keys()].map((id) => `\`${id}\``));
  t.equal(ids.length, ruleGroups.flatMap((group) => group.rules).length, 'and no two have one id');
});

t.test('every scene stands there in name order, with its rules in theirs', async (t) => {
  t.strictSame(table('Scenes'), [['ark', '`wait.mmap` `leak.failed`'], ['bee', ''], ['zoo', '`wait.mmap`']]);
});

t.test('every witness that a rule asks for is explained, and no other', async (t) => {
  const asked = new Set([...rules.values()].flatMap((rule) => (rule.witness === undefined ? [] : [rule.witness])));
  t.strictSame(table('Witnesses').map(([word]) => word).sort(), [...asked].sort());
});

t.test('no text of a rule breaks its table', async (t) => {
  const bars = (line: string): number => line.split('|').length;
  for (const [head = '', ...rows] of page.split('\n\n').filter((part) => part.startsWith('|')).map((part) => part.split('\n'))) {
    for (const row of rows.filter(Boolean)) t.equal(bars(row), bars(head), row);
  }
});
