import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { checkoutTree } from '../../../../harness/kernel/source/checkout-tree.ts';
import { obtainSource } from '../../../../harness/kernel/source/obtain-source.ts';
import { parseKernelSpec } from '../../../../harness/kernel/source/parse-kernel-spec.ts';
import type { Source } from '../../../../harness/kernel/types.ts';
import { fetchFuseSource } from '../../../../harness/stage/fuse-source.ts';
import { fileServer, type FileServer } from '../file-server.ts';
import { errorOf, filesOf, testHost, writeKernel } from '../kernel-fixture.ts';

type TestHost = ReturnType<typeof testHost>;
const skip = ['apt-get', 'dpkg-deb'].every((name) => (process.env['PATH'] ?? '').split(':').some((dir) => dir && readdirSafe(dir).includes(name)))
  ? false
  : 'there is no apt here';

/** A Debian archive on the loopback device, unsigned, and the setting that names it. */
async function archive(t: Test): Promise<{ host: TestHost; server: FileServer }> {
  const host = testHost(t);
  const server = await fileServer(t);
  setting(t, 'DIORAMA_DEBIAN_MIRROR', `[trusted=yes] ${server.url}/debian`);
  return { host, server };
}

function setting(t: Test, name: string, value: string): void {
  const before = process.env[name];
  process.env[name] = value;
  t.teardown(() => {
    if (before === undefined) Reflect.deleteProperty(process.env, name);
    else process.env[name] = before;
  });
}

/** Publishes `linux-source-6.12` in a suite. */
function publish(at: { host: TestHost; server: FileServer }, suite: string, version: string, name = 'linux-source-6.12'): void {
  const dir = join(at.host.dir, `package-${version}`);
  const series = name.replace('linux-source-', '');
  const file = { 'fs/fuse/file.c': `int version = "${version}";\n` };
  writeKernel(join(dir, `linux-source-${series}`), file);
  mkdirSync(join(dir, 'root/usr/src'), { recursive: true });
  mkdirSync(join(dir, 'root/DEBIAN'));
  execFileSync('tar', ['-cJf', join(dir, `root/usr/src/${name}.tar.xz`), '-C', dir, `linux-source-${series}`]);
  const control = `Package: ${name}\nVersion: ${version}\nArchitecture: all\nMaintainer: nobody <a@localhost>\nDescription: kernel\n`;
  writeFileSync(join(dir, 'root/DEBIAN/control'), control);
  execFileSync('dpkg-deb', ['--build', '--root-owner-group', join(dir, 'root'), join(dir, 'x.deb')], { stdio: 'ignore' });
  const deb = readFileSync(join(dir, 'x.deb'));
  const pool = `pool/${name}_${version.replace(/^\d+:/, '')}_all.deb`;
  at.server.files.set(`/debian/${pool}`, deb);
  const list = `/debian/dists/${suite}/main/binary-amd64/Packages`;
  const before = at.server.files.get(list)?.toString() ?? '';
  index(at.server, suite, 'main/binary-amd64/Packages', `${before}${control}Filename: ${pool}\nSize: ${String(deb.length)}\nSHA256: ${sha256(deb)}\n\n`);
}

function index(server: FileServer, suite: string, name: string, text: string): void {
  server.files.set(`/debian/dists/${suite}/${name}`, Buffer.from(text));
  const head = `Origin: Test\nSuite: ${suite}\nCodename: ${suite}\nDate: ${new Date().toUTCString()}\nArchitectures: amd64\nComponents: main\nSHA256:\n`;
  server.files.set(`/debian/dists/${suite}/Release`, Buffer.from(`${head} ${sha256(Buffer.from(text))} ${String(text.length)} ${name}\n`));
}

function sha256(content: Buffer): string {
  return createHash('sha256').update(content).digest('hex');
}

function obtain(host: TestHost, text = 'debian:6.12'): Promise<Source> {
  return obtainSource(host, parseKernelSpec(text), text);
}

function readdirSafe(dir: string): string[] {
  try {
    return readdirSync(dir);
  } catch {
    return [];
  }
}

/** As if everything was loaded two days ago. */
function age(host: TestHost): void {
  const record = join(host.cache, 'debian/6.12.json');
  const known = JSON.parse(readFileSync(record, 'utf8')) as object;
  writeFileSync(record, JSON.stringify({ ...known, checkedAt: Date.now() - 2 * 86_400_000 }));
  const lists = readdirSync(join(host.cache, 'apt')).filter((name) => name !== 'lock');
  for (const name of lists) execFileSync('touch', ['-d', '2 days ago', join(host.cache, 'apt', name, 'loaded')]);
}

t.test('the newest package of the most stable suites is taken, and its exact version recorded', { skip }, async (t) => {
  const at = await archive(t);
  publish(at, 'trixie', '6.12.7-1');
  publish(at, 'sid', '6.12.9-1');
  const source = await obtain(at.host);
  t.match(source, { version: '6.12.7', origin: 'linux-source-6.12 6.12.7-1' });
  await checkoutTree(at.host, source.lineage, source.treeId);
  t.match(filesOf(source.lineage.workTree)['fs/fuse/file.c'], '6.12.7-1');
  t.notOk(at.server.requests.some((request) => request.includes('sid')), 'no more lists than needed');
  t.same(readdirSync(join(at.host.cache, 'debian')).filter((name) => name.startsWith('.part-')), []);
});

t.test('a second time neither the network nor another program is asked', { skip }, async (t) => {
  const at = await archive(t);
  publish(at, 'trixie', '6.12.7-1');
  const source = await obtain(at.host);
  at.server.requests.length = 0;
  const path = process.env['PATH'] ?? '';
  setting(t, 'PATH', '/nowhere');
  t.same(await obtain(at.host), source);
  process.env['PATH'] = path;
  t.same(at.server.requests, []);
});

t.test('after a day a newer version is noticed, and offline the cache stands', { skip }, async (t) => {
  const at = await archive(t);
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

t.test('a release wins over a release candidate, and only unstable suites may have it', { skip }, async (t) => {
  const at = await archive(t);
  publish(at, 'trixie', '6.11-1', 'linux-source-6.11');
  publish(at, 'sid', '6.12~rc7-1');
  t.match((await obtain(at.host)).origin, '6.12~rc7-1');
  rmSync(at.host.cache, { recursive: true });
  publish(at, 'sid', '6.12.1-1');
  t.match((await obtain(at.host)).origin, '6.12.1-1');
});

t.test('a kernel that the archive does not have is refused with those that it has', { skip }, async (t) => {
  const at = await archive(t);
  publish(at, 'trixie', '6.12.7-1');
  const error = await errorOf(obtain(at.host, 'debian:9.9'));
  t.match(error, { blame: 'usage', code: 'no-such-kernel', next: 'debian:6.12' });
});

t.test('without network and cache the machine is to blame', { skip }, async (t) => {
  const at = await archive(t);
  await at.server.stop();
  t.match(await errorOf(obtain(at.host)), { blame: 'machine', code: 'program-failed', next: /DIORAMA_DEBIAN_MIRROR/ });
});

t.test('a package that is not what the lists say is not taken', { skip }, async (t) => {
  const at = await archive(t);
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

t.test('libfuse comes from the source package, in a new enough version', { skip }, async (t) => {
  const at = await archive(t);
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
    index(at.server, suite, 'main/source/Sources', stanza);
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
