import { readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import t, { type Test } from 'tap';
import { findCanaries } from '../../../harness/engine/find-canaries.ts';
import { rules } from '../../../harness/model/rules.ts';

const patch = (breaks = ''): string => `From: somebody\nSubject: [PATCH] canary: words\n\nWhy.\n${breaks}---\ndiff --git a/x b/x\n`;
const rootOf = (t: Test): string => t.testdir({
  tests: { canaries: { 'b-two.patch': patch('Breaks: wait.mmap, write.append\n'), 'a-one.patch': patch(), 'same-less.patch': patch(), 'README.md': 'x', 'old.patch.orig': 'x' } },
  'mine.patch': patch('Breaks: open.dax  mmap.fork\n'), own: { 'a-one.patch': patch(), 'same-own.patch': patch(), 'the-same-bug.patch': patch() },
});
const namesOf = async (root: string, patterns: readonly string[]): Promise<string[]> => (await findCanaries(root, patterns)).map(({ name }) => name);

t.test('all canaries are found without a pattern, in the order of their names, and each once', async (t) => {
  const root = rootOf(t);
  t.strictSame(await namesOf(root, []), ['a-one', 'b-two', 'same-less']);
  t.strictSame(await namesOf(root, ['same-*', 'b-two', '*-two', 'a-one']), ['a-one', 'b-two', 'same-less']);
  t.strictSame(await namesOf(root, [join(root, 'mine.patch'), 'a-*']), ['a-one', 'mine']);
});

t.test('the rules that one breaks are read from its own line, and its name says whether it changes nothing', async (t) => {
  const root = rootOf(t);
  const found = new Map((await findCanaries(root, ['*', join(root, 'mine.patch'), join(root, 'own/same-own.patch'), join(root, 'own/the-same-bug.patch')])).map((canary) => [canary.name, canary]));
  t.strictSame(found.get('b-two'), { name: 'b-two', file: join(root, 'tests/canaries/b-two.patch'), breaks: ['wait.mmap', 'write.append'], equivalent: false });
  t.strictSame(found.get('mine')?.breaks, ['open.dax', 'mmap.fork']);
  t.strictSame(found.get('a-one')?.breaks, []);
  t.strictSame([...found.values()].filter((canary) => canary.equivalent).map(({ name }) => name), ['same-less', 'same-own']);
});

t.test('a pattern that names nothing, a file that is not there, and two files of one name are refused', async (t) => {
  const root = rootOf(t);
  await t.rejects(findCanaries(root, ['a-one', 'c-*']), { code: 'bad-usage', blame: 'usage', message: '--canary c-*: no canary has this name' });
  await t.rejects(findCanaries(root, ['gone.patch']), { code: 'bad-usage', message: /^gone\.patch: cannot be read: ENOENT/ });
  await t.rejects(findCanaries(root, ['a-one', join(root, 'own/a-one.patch')]), { code: 'bad-usage', message: /own\/a-one\.patch and .*canaries\/a-one\.patch are both the canary 'a-one'/ });
});

t.test('every canary of the project is found, and breaks only rules that there are', async (t) => {
  const root = resolve(import.meta.dirname, '../../..');
  const canaries = await findCanaries(root, []);
  t.strictSame(canaries.map(({ name }) => `${name}.patch`), readdirSync(join(root, 'tests/canaries')).filter((file) => file.endsWith('.patch')).sort());
  for (const canary of canaries) t.strictSame(canary.breaks.filter((id) => !rules.has(id)), [], canary.name);
  t.ok(canaries.filter((canary) => canary.equivalent).length >= 6);
});
