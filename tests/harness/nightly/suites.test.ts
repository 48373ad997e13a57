import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { DioramaError } from '../../../harness/errors.ts';
import { listEntries } from '../../../harness/nightly/list-entries.ts';
import { parseNightlyConfig } from '../../../harness/nightly/nightly-config.ts';
import { cellsOf, nightlyIn } from './nightly-runs.ts';

t.test('suites are one entry more of each kernel, series and config, whatever the guests', async (t) => {
  const config = parseNightlyConfig(
    'kernels: {stable: "debian:6.12", newest: {debian: newest}}\nseries: {v1: {path: v1.mbox, on: [stable]}}\nguests: [deterministic, parallel]\nconfigs: [default, lockdep]\nsuites: ["fio-*", mine.yaml]\nfstests: ~/fstests\n', '/etc/diorama/nightly.yaml',
  );
  const entries = listEntries(config).filter(({ suites }) => suites);
  t.same(entries.map(({ name }) => name), ['stable,default,suites', 'stable,lockdep,suites', 'stable+v1,default,suites', 'stable+v1,lockdep,suites', 'newest,default,suites', 'newest,lockdep,suites']);
  t.match(entries[2], { guest: 'virtme', suites: ['fio-*', '/etc/diorama/mine.yaml'], series: { name: 'v1' } });
  t.match(config.fstests, /^\/.*\/fstests$/);
  t.same(listEntries(parseNightlyConfig('kernels: {stable: "debian:6.12"}\nsuites: ["*"]\n', 'n.yaml')).map(({ name }) => name), ['stable', 'stable,suites']);
  t.same(listEntries(parseNightlyConfig('kernels: {stable: "debian:6.12"}\n', 'n.yaml')).map(({ name }) => name), ['stable']);
  t.throws(() => parseNightlyConfig('kernels: {stable: "debian:6.12"}\nsuites: []\n', 'n.yaml'), DioramaError);
});

await t.test('a night plays them, leaves them out while nothing changed, and says what they broke', async (t) => {
  const dir = t.testdir({ 'mine.yaml': 'about: mine\nneeds: [sh]\nservers: [none]\nbound: 2m\nrun: test ! -e /proc/self/nothing\n' });
  const nightly = nightlyIn(dir, ['kernels: {stable: "debian:6.12"}', 'scenarios: [parallel-writes-meet]', 'suites: [mine.yaml]']);
  const first = await nightly.run();
  t.equal(first.exitCode, 0, first.stderr);
  t.match(first.night?.cells, { stable: { kind: 'played' }, 'stable,suites': { kind: 'played', change: { scenes: 1, regressions: [] } } });
  const same = await nightly.run();
  t.match(same.stdout, /nothing new/, same.stderr);

  writeFileSync(join(dir, 'mine.yaml'), 'about: mine\nneeds: [sh]\nservers: [none]\nbound: 2m\nrun: echo wrong data; false\n');
  const broken = await nightly.run();
  t.equal(broken.exitCode, 1, broken.stderr);
  t.match(broken.night?.cells, { stable: { kind: 'unchanged' }, 'stable,suites': { kind: 'played', change: { regressions: [{ scene: 'mine' }] } } });
  t.same(cellsOf(nightly.index())[0], ['quiet: unchanged, clean', 'bad: 1 regression']);
});
