import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { checkoutTree } from '../../../../harness/kernel/source/checkout-tree.ts';
import { obtainSource } from '../../../../harness/kernel/source/obtain-source.ts';
import { parseKernelSpec } from '../../../../harness/kernel/source/parse-kernel-spec.ts';
import type { Source } from '../../../../harness/kernel/types.ts';
import { fetchFuseSource } from '../../../../harness/stage/fuse-source.ts';
import { ageArchive, makeArchive, publishIndex, publishPackage, setting, sha256, withoutApt, type DebianArchive, type TestHost } from '../debian-archive.ts';
import { fileServer } from '../file-server.ts';
import { errorOf, filesOf, testHost, writeKernel } from '../kernel-fixture.ts';

/** Publishes `linux-source-6.12` in a suite. */
function publish(at: DebianArchive, suite: string, version: string, name = 'linux-source-6.12'): void {
  const dir = join(at.host.dir, `source-${version}`);
  const series = name.replace('linux-source-', '');
  writeKernel(join(dir, `linux-source-${series}`), { 'fs/fuse/file.c': `int version = "${version}";\n` });
  execFileSync('tar', ['-cJf', join(dir, 'x.tar.xz'), '-C', dir, `linux-source-${series}`]);
  publishPackage(at, suite, { name, version, files: { [`usr/src/${name}.tar.xz`]: readFileSync(join(dir, 'x.tar.xz')) } });
}

function obtain(host: TestHost, text = 'debian:6.12'): Promise<Source> {
  return obtainSource(host, parseKernelSpec(text), text);
}

function age(host: TestHost): void {
  ageArchive(host, '6.12.json');
}

t.test('the newest package of the most stable suites is taken, and its exact version recorded', { skip: withoutApt }, async (t) => {
  const at = await makeArchive(t);
  publish(at, 'trixie', '6.12.7-1');
  publish(at, 'sid', '6.12.9-1');
  const source = await obtain(at.host);
  t.match(source, { version: '6.12.7', origin: 'linux-source-6.12 6.12.7-1' });
  await checkoutTree(at.host, source.lineage, source.treeId);
  t.match(filesOf(source.lineage.workTree)['fs/fuse/file.c'], '6.12.7-1');
  t.notOk(at.server.requests.some((request) => request.includes('sid')), 'no more lists than needed');
  t.same(readdirSync(join(at.host.cache, 'debian')).filter((name) => name.startsWith('.part-')), []);
});

t.test('a second time neither the network nor another program is asked', { skip: withoutApt }, async (t) => {
  const at = await makeArchive(t);
  publish(at, 'trixie', '6.12.7-1');
  const source = await obtain(at.host);
  at.server.requests.length = 0;
  const path = process.env['PATH'] ?? '';
  setting(t, 'PATH', '/nowhere');
  t.same(await obtain(at.host), source);
  process.env['PATH'] = path;
  t.same(at.server.requests, []);
});

t.test('after a day a newer version is noticed, and offline the cache stands', { skip: withoutApt }, async (t) => {
  const at = await makeArchive(t);
  publish(at, 'trixie', '6.12.7-1');
  const before = await obtain(at.host);
  age(at.host);
  t.same(await obtain(at.host), before, 'nothing new');
  age(at.host);
  publish(at, 'trixie', '6.12.10-1');
  const after = await obtain(at.host);
  t.match(after.origin, '6.12.10-1');
  t.not(after.treeId, before.treeId);
  t.same(after.lineage, before.lineage, 'they share one work tree');
  age(at.host);
  await at.server.stop();
  t.same(await obtain(at.host), after);
});

t.test('a release wins over a release candidate, and only unstable suites may have it', { skip: withoutApt }, async (t) => {
  const at = await makeArchive(t);
  publish(at, 'trixie', '6.11-1', 'linux-source-6.11');
  publish(at, 'sid', '6.12~rc7-1');
  t.match((await obtain(at.host)).origin, '6.12~rc7-1');
  rmSync(at.host.cache, { recursive: true });
  publish(at, 'sid', '6.12.1-1');
  t.match((await obtain(at.host)).origin, '6.12.1-1');
});

t.test('a kernel that the archive does not have is refused with those that it has', { skip: withoutApt }, async (t) => {
  const at = await makeArchive(t);
  publish(at, 'trixie', '6.12.7-1');
  const error = await errorOf(obtain(at.host, 'debian:9.9'));
  t.match(error, { blame: 'usage', code: 'no-such-kernel', next: 'debian:6.12' });
});

t.test('without network and cache the machine is to blame', { skip: withoutApt }, async (t) => {
  const at = await makeArchive(t);
  await at.server.stop();
  t.match(await errorOf(obtain(at.host)), { blame: 'machine', code: 'program-failed', next: /DIORAMA_DEBIAN_MIRROR/ });
});

t.test('a package that is not what the lists say is not taken', { skip: withoutApt }, async (t) => {
  const at = await makeArchive(t);
  publish(at, 'trixie', '6.12.7-1');
  const pool = '/debian/pool/linux-source-6.12_6.12.7-1_all.deb';
  const deb = Buffer.from(at.server.files.get(pool) ?? '');
  deb[deb.length - 1] = 255 - (deb[deb.length - 1] ?? 0);
  at.server.files.set(pool, deb);
  t.match(await errorOf(obtain(at.host)), { blame: 'machine', code: 'program-failed' });
});

t.test("where there is no Debian archive, kernel.org's release is taken by the tarball's code", async (t) => {
  const host = testHost(t);
  const server = await fileServer(t);
  writeKernel(join(host.dir, 'linux-6.12'));
  execFileSync('tar', ['-cJf', join(host.dir, 'x.tar.xz'), '-C', host.dir, 'linux-6.12']);
  server.files.set('/v6.x/linux-6.12.tar.xz', readFileSync(join(host.dir, 'x.tar.xz')));
  setting(t, 'DIORAMA_KERNEL_MIRROR', server.url);
  // A PATH with everything but apt.
  const bin = join(host.dir, 'bin');
  mkdirSync(bin);
  for (const name of ['git', 'tar', 'xz', 'flock', 'sh', 'cat']) execFileSync('sh', ['-c', `ln -s "$(command -v ${name})" ${bin}/`]);
  setting(t, 'PATH', bin);
  t.match(await obtain(host), { spec: 'debian:6.12', version: '6.12.7', origin: 'linux-6.12.tar.xz sha256:' });
  t.ok(host.events.some((event) => event.kind === 'note' && /kernel\.org/.test(event.text)));
});

t.test('libfuse comes from the source package, in a new enough version', { skip: withoutApt }, async (t) => {
  const at = await makeArchive(t);
  const sources = (suite: string, version: string): void => {
    const upstream = version.replace(/-.*/, '');
    const dir = join(at.host.dir, `fuse-${upstream}`);
    mkdirSync(dir);
    writeFileSync(join(dir, 'meson.build'), `project('libfuse3', version: '${upstream}')\n`);
    execFileSync('tar', ['-czf', `${dir}.tar.gz`, '-C', at.host.dir, `fuse-${upstream}`]);
    const tar = readFileSync(`${dir}.tar.gz`);
    const dsc = Buffer.from('dsc');
    at.server.files.set(`/debian/pool/fuse3_${upstream}.orig.tar.gz`, tar);
    at.server.files.set(`/debian/pool/fuse3_${version}.dsc`, dsc);
    const files = `Checksums-Sha256:\n ${sha256(tar)} ${String(tar.length)} fuse3_${upstream}.orig.tar.gz\n ${sha256(dsc)} 3 fuse3_${version}.dsc\n`;
    const stanza = `Package: fuse3\nBinary: fuse3\nVersion: ${version}\nArchitecture: any\nFormat: 3.0 (quilt)\nDirectory: pool\n${files}\n`;
    publishIndex(at.server, suite, 'main/source/Sources', stanza);
  };
  sources('trixie', '3.16.2-1');
  t.match(await errorOf(fetchFuseSource(at.host)), { blame: 'machine', code: 'program-missing', message: /3\.17/ });
  sources('sid', '3.18.1-2');
  rmSync(join(at.host.cache, 'apt'), { recursive: true });
  const source = await fetchFuseSource(at.host);
  t.equal(source.version, '3.18.1');
  t.same(Object.keys(filesOf(source.dir)), ['meson.build']);
  at.server.requests.length = 0;
  const stages = at.host.events.flatMap((event) => ('stage' in event ? [event.stage] : []));
  t.same([...new Set(stages)], ['libfuse'], 'its progress is that of its own stage');
  t.same(await fetchFuseSource(at.host), { ...source, reused: true });
  t.same(at.server.requests, []);
});
