import { chmod, mkdir, readdir, symlink } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import t from 'tap';
import { findBashFiles } from '../../../harness/cli/check/find-bash-files.ts';
import { check } from '../../../harness/cli/check.ts';
import { DioramaError } from '../../../harness/errors.ts';
import type { Host } from '../../../harness/host/host.ts';

const tree = resolve(import.meta.dirname, '../../..');

/** A small tree with diorama's own libraries, checked for real. */
async function smallTree(dir: string): Promise<Host> {
  await mkdir(join(dir, 'node_modules/.cache'), { recursive: true });
  for (const name of await readdir(join(tree, 'node_modules'))) {
    if (!name.startsWith('.')) await symlink(join(tree, 'node_modules', name), join(dir, 'node_modules', name));
  }
  return { cache: join(dir, 'cache'), root: dir, emit: () => undefined, signal: new AbortController().signal, jobs: 2 };
}

const compilerOptions = { module: 'nodenext', types: [], strict: true, noEmit: true, skipLibCheck: true, allowImportingTsExtensions: true };
const basics = {
  'package.json': '{"type":"module"}',
  'tsconfig.json': JSON.stringify({ compilerOptions, include: ['harness'] }),
  '.taprc': 'disable-coverage: true\n',
};

t.test('tests that pass, fail and crash are counted, shown and cleaned up after', { timeout: 120_000 }, async (t) => {
  const dir = t.testdir({
    ...basics,
    tests: {
      harness: {
        'good.test.ts': "import t from 'tap';\nt.test('good', async (t) => { t.testdir({ a: '' }); t.ok(true); });\n",
        'bad.test.ts': "import t from 'tap';\nt.test('bad', async (t) => { t.equal('seen', 'wanted'); });\nt.test('off', { skip: 'not here' }, async () => {});\n",
        'crash.test.ts': "throw new Error('before any test');\n",
      },
    },
  });
  const host = await smallTree(dir);
  let text = '';
  const stdout = { write: (more: string) => (text += more) };
  t.equal(await check(host, { only: 'test.ts', failFast: false, stdout }), 1);
  const lines = text.trimEnd().split('\n');
  t.strictSame(lines.slice(-2), ['1 skipped', '1 passed, 2 failed']);
  t.match(text, /^FAILED {2}tests\/harness\/bad\.test\.ts › bad$/m);
  t.match(text, /^ +-wanted\n +\+seen$/m);
  t.match(text, /^FAILED {2}tests\/harness\/crash\.test\.ts › the file itself$/m);
  t.match(text, /^tests\/harness\/good\.test\.ts +1 +0 +0 +\d+\.\d s$/m);
  t.notOk((await readdir(dir)).includes('.tap'), 'fixtures are gone');
  t.equal(await check(host, { only: 'good', failFast: false, stdout }), 0);
});

t.test('types that do not fit fail with what the compiler says', { timeout: 60_000 }, async (t) => {
  const dir = t.testdir({ ...basics, harness: { 'a.ts': 'export const a: string = 1;\n' }, tests: { harness: {} } });
  const host = await smallTree(dir);
  let text = '';
  t.equal(await check(host, { only: 'types', failFast: false, stdout: { write: (more) => (text += more) } }), 1);
  t.match(text, /harness\/a\.ts\(1,14\): error TS2322/);
  t.match(text, /\n0 passed, 1 failed\n$/);
});

t.test('shellcheck is skipped where it is not installed', async (t) => {
  const dir = t.testdir({ ...basics, tests: { harness: {} }, bin: {} });
  const before = process.env['PATH'];
  t.teardown(() => (process.env['PATH'] = before));
  process.env['PATH'] = join(dir, 'bin');
  const host = await smallTree(dir);
  let text = '';
  t.equal(await check(host, { only: 'shellcheck', failFast: false, stdout: { write: (more) => (text += more) } }), 0);
  t.match(text, /\n1 skipped\n0 passed, 0 failed\n$/);
});

t.test('a pattern that names nothing is bad usage', async (t) => {
  const host = await smallTree(t.testdir({ ...basics, tests: { harness: {} } }));
  await t.rejects(check(host, { only: 'nonsense', failFast: false }), { code: 'bad-usage', blame: 'usage' });
});

t.test('an interrupted check ends at once', async (t) => {
  const host = await smallTree(t.testdir({ ...basics, tests: { harness: {} } }));
  const reason = new DioramaError({ blame: 'interrupt', code: 'interrupted', message: 'interrupted' });
  await t.rejects(check({ ...host, signal: AbortSignal.abort(reason) }, { only: 'types', failFast: false }), { code: 'interrupted' });
});

t.test('bash files are found by their name or their first line', async (t) => {
  const dir = t.testdir({
    tool: '#!/usr/bin/env bash\n',
    'lib.sh': 'x=1\n',
    sub: { hook: '#!/bin/sh\n', 'page.md': 'text, then #!/bin/sh\n', node: '#!/usr/bin/env node\n', empty: '' },
    node_modules: { 'no.sh': '' },
    results: { 'repro.sh': '' },
  });
  await chmod(join(dir, 'tool'), 0o755);
  t.strictSame(await findBashFiles(dir), ['lib.sh', 'sub/hook', 'tool']);
});
