import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import t from 'tap';
import type { DioramaError } from '../../../harness/errors.ts';
import { findSuites } from '../../../harness/suites/find-suites.ts';
import { serverNames } from '../../../harness/suites/read-suite.ts';
import { suiteScript } from '../../../harness/suites/suite-script.ts';

const root = join(import.meta.dirname, '../../..');
const good = 'about: x\nneeds: [fio]\nservers: [hp]\nbound: 1m\nrun: fio "$MNT/file"\n';

async function mistakesOf(words: readonly string[]): Promise<DioramaError> {
  return findSuites(root, words).then(() => t.fail('it was read') as never, (error: DioramaError) => error);
}

void t.test('the project\'s own suites are read, and each script is one that shellcheck has nothing against', async (t) => {
  const suites = await findSuites(root, []);
  t.ok(suites.length >= 4);
  const variables = new Map([['PASSTHROUGH_HP', '/a path/hp'], ['MIXED_IO', '/a/mixed-io'], ['FSTESTS', '/a/fstests']]);
  for (const suite of suites) {
    for (const server of suite.servers) {
      const script = suiteScript(suite, { server, variables });
      // Options that a suite keeps in a variable are meant to be several words; a variable of a server that has none is unused.
      t.equal(execFileSync('shellcheck', ['--exclude=SC2086,SC2034', '--shell=sh', '-'], { input: script, encoding: 'utf8' }), '', `${suite.name} on ${server}`);
    }
  }
});

void t.test('suites are named by name, glob or file, and each once', async (t) => {
  const dir = t.testdir({ 'mine.yaml': good });
  const named = async (words: readonly string[]): Promise<string[]> => (await findSuites(root, words)).map(({ name }) => name);
  t.same(await named(['fio-*']), ['fio-mixed-engines', 'fio-parallel-writers']);
  t.same(await named(['mixed-io', 'mixed-*', join(dir, 'mine.yaml'), join(dir, 'mine.yaml')]), ['mixed-io', 'mine']);
  t.match(await mistakesOf(['nothing-like-it']), { blame: 'usage', message: 'suite nothing-like-it: there is no such suite', next: /^one of: fio-mixed-engines, / });
  t.match(await mistakesOf([join(dir, 'not-there.yaml')]), { blame: 'usage', message: /not-there\.yaml: cannot be read/ });
});

void t.test('a suite with cases is one for each, and named by each', async (t) => {
  const file = join(t.testdir({ 'many.yaml': good.replace('about: x', 'about: x\ncases: [generic/095, two]').replace('[hp]', '[hp-direct]').replace('fio "$MNT/file"', 'exec "$CASE"') }), 'many.yaml');
  const suites = await findSuites(root, [file]);
  t.same(suites.map(({ name, case: one }) => [name, one]), [['many-generic-095', 'generic/095'], ['many-two', 'two']]);
  const script = suiteScript(suites[0] ?? t.fail() as never, { server: 'hp-direct', variables: new Map() });
  t.match(script, 'export CASE=generic/095\n');
  t.match(script, /HP_OPTIONS='--direct-io --nopassthrough'\n/);
  t.equal((await findSuites(root, ['fstests'])).length, 8);
  t.same((await findSuites(root, ['fstests-*-247'])).map(({ name }) => name), ['fstests-generic-247']);
});

void t.test('every mistake in a suite is told with its place', async (t) => {
  const file = join(t.testdir({ 'bad.yaml': good.replace('[fio]', '[a b]').replace('[hp]', `[${serverNames[0]}, ext4]`).replace('1m', 'soon') }), 'bad.yaml');
  const { code, message, details } = await mistakesOf([file]);
  t.equal(code, 'bad-file');
  t.match([message, ...details].join('\n'), /2:9: .*the name of a program[^]*3:18: [^]*4:8: /);
});

void t.test('what is in a path is no part of the script', async (t) => {
  const [suite] = await findSuites(root, ['mixed-io']);
  const hostile = "/a'; touch /tmp/never; '$(reboot)";
  const script = suiteScript(suite ?? t.fail() as never, { server: 'hp', variables: new Map([['PASSTHROUGH_HP', hostile]]) });
  const line = script.split('\n').find((one) => one.startsWith('export PASSTHROUGH_HP=')) ?? '';
  t.equal(execFileSync('sh', ['-c', `${line}; printf %s "$PASSTHROUGH_HP"`], { encoding: 'utf8' }), hostile);
});
