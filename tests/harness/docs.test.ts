import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import t from 'tap';

const root = resolve(import.meta.dirname, '../..');
const pages = ['README.md', ...(await readdir(join(root, 'docs'))).filter((name) => name.endsWith('.md')).map((name) => join('docs', name))];
const texts = await Promise.all(pages.map(async (page) => ({ page, text: await readFile(join(root, page), 'utf8') })));

t.test('what README and docs link to, and the paths that they name, are there', async (t) => {
  const gone = texts.flatMap(({ page, text }) => [
    ...[...text.matchAll(/\]\(([^)#:]+)\)/g)].map(([, target = '']) => join(page, '..', target)),
    ...[...text.matchAll(/(?<![\w/.<-])(?:harness|tests|guests|kconfig|docs)\/[\w./-]*\w/g)].map(([path]) => path),
  ].filter((path) => !existsSync(join(root, path))).map((path) => `${page}: ${path}`));
  t.strictSame(gone, []);
  t.ok(texts.some(({ text }) => text.includes('harness/model')), 'there are some');
});

t.test('each room of harness/ has its place in README and in the design, and each command in README', async (t) => {
  const rooms = (await readdir(join(root, 'harness'), { withFileTypes: true })).filter((entry) => entry.isDirectory()).map(({ name }) => name);
  const textOf = (of: string): string => texts.find(({ page }) => page === of)?.text ?? '';
  t.strictSame(rooms.filter((room) => !textOf('README.md').includes(`\`${room}/\``)), []);
  t.strictSame(rooms.filter((room) => !textOf('docs/design.md').includes(`harness/${room}/ `)), []);
  const program = await readFile(join(root, 'harness/cli/program.ts'), 'utf8');
  const commands = [...program.matchAll(/\bprogram\.command\('([\w-]+)'(, \{ hidden: true \})?\)/g)].filter(([, , hidden]) => hidden === undefined).map(([, name = '']) => name);
  t.ok(commands.length > 15, `${commands.length} commands`);
  t.strictSame(commands.filter((name) => !new RegExp(`\`(?:\\./diorama )?${name}\\b|\\./diorama ${name}\\b`).test(textOf('README.md'))), []);
  const named = texts.flatMap(({ page, text }) => [...text.matchAll(/\.\/diorama ([a-z]\w+)/g)].map(([, name = '']) => ({ page, name })));
  t.strictSame(named.filter(({ name }) => ![...commands, 'docs'].includes(name)), []);
});
