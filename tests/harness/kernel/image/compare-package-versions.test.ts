import { spawnSync } from 'node:child_process';
import fc from 'fast-check';
import t from 'tap';
import { comparePackageVersions } from '../../../../harness/kernel/image/compare-package-versions.ts';
import { withoutApt } from '../debian-archive.ts';

t.test('kernels are in the order in which they were published', async (t) => {
  const ordered = ['6.1.170-3', '6.1.192-2', '6.12~rc6-1~exp1', '6.12~rc7-1~exp1', '6.12.9-1', '6.12.64-1', '6.12.107-1~bpo12+1', '6.12.107-1', '6.12.107-1+b1', '6.12.107-2', '7.3-1'];
  for (const [index, version] of ordered.entries()) for (const [other, second] of ordered.entries()) t.equal(Math.sign(comparePackageVersions(version, second)), Math.sign(index - other), `${version} ${second}`);
});

t.test('dpkg orders them alike', { skip: withoutApt }, async (t) => {
  const part = fc.stringMatching(/^[0-9][0-9a-z.+~]{0,5}$/);
  const version = fc.tuple(part, part).map(([upstream, revision]) => `${upstream}-${revision}`);
  const less = (a: string, b: string): boolean => spawnSync('dpkg', ['--compare-versions', a, 'lt', b]).status === 0;
  fc.assert(fc.property(version, version, (a, b) => (comparePackageVersions(a, b) < 0) === less(a, b)), { numRuns: 60 });
  t.pass();
});
