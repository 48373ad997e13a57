import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { obtainImage } from '../../../../harness/kernel/image/obtain-image.ts';
import { parseKernelSpec } from '../../../../harness/kernel/source/parse-kernel-spec.ts';
import type { KernelImage } from '../../../../harness/kernel/types.ts';
import { ageArchive, makeArchive, publishPackage, setting, withoutApt, type DebianArchive, type TestHost } from '../debian-archive.ts';
import { errorOf } from '../kernel-fixture.ts';
import { fakeBzImage, fakeModule, goodConfig, pack } from './fake-kernel.ts';

const skip = withoutApt;

function obtain(host: TestHost, text = 'image:debian:6.12'): Promise<KernelImage> {
  const spec = parseKernelSpec(text);
  if (spec.kind !== 'image') throw new Error(text);
  return obtainImage(host, spec, text);
}

/** Another kernel in the suite that is asked first: a mirror without it is taken for one that does not answer. */
function publishOther(at: DebianArchive): void {
  publish(at, 'trixie', { version: '6.11.1-1', release: '6.11.1+deb13-amd64' });
}

/** Publishes one package with all of a kernel, as Debian does up to 6.19. */
function publish(at: DebianArchive, suite: string, given: { readonly version: string; readonly release: string; readonly suffix?: string }): string {
  const { version, release, suffix = '' } = given;
  const name = `linux-image-${release}${suffix}`;
  return publishPackage(at, suite, {
    name, version, architecture: 'amd64',
    files: {
      [`boot/vmlinuz-${release}`]: fakeBzImage({ release, build: `PREEMPT_DYNAMIC Debian ${version} (2026-01-01)` }),
      [`boot/config-${release}`]: `${goodConfig}CONFIG_FUSE_FS=m\n`,
      [`usr/lib/modules/${release}/kernel/fs/fuse/fuse.ko.xz`]: pack(fakeModule({ release }), 'xz'),
    },
  });
}

/** Publishes a kernel in parts, as Debian does from 7.0 on. */
function publishParts(at: DebianArchive, suite: string, given: { readonly version: string; readonly release: string; readonly builtIn: boolean }): void {
  const { version, release, builtIn } = given;
  const exactly = (part: string): string => `linux-${part}-${release} (= ${version})`;
  const common = { version, architecture: 'amd64' } as const;
  const folder = `usr/lib/modules/${release}`;
  publishPackage(at, suite, { ...common, name: `linux-image-${release}`, depends: `tool-a | tool-b (>= 0.1), ${exactly('base')}, ${exactly('binary')}, ${exactly('modules')}`, files: { 'usr/share/doc/x': '' } });
  publishPackage(at, suite, { ...common, name: `linux-base-${release}`, files: { [`${folder}/config`]: `${goodConfig}CONFIG_FUSE_FS=${builtIn ? 'y' : 'm'}\n` } });
  publishPackage(at, suite, { ...common, name: `linux-binary-${release}`, files: { [`${folder}/vmlinuz`]: fakeBzImage({ release, builtIn, build: `Debian ${version} (2026-01-01)` }) } });
  publishPackage(at, suite, { ...common, name: `linux-modules-${release}`, files: { [`${folder}/kernel/fs/fuse/fuse.ko`]: fakeModule({ release }) } });
}

t.test('the newest build of the most stable suite is taken, without its flavours, and says which version it really is', { skip }, async (t) => {
  const at = await makeArchive(t);
  publish(at, 'trixie', { version: '6.12.7-1', release: '6.12.7+deb13-amd64' });
  publish(at, 'trixie', { version: '6.12.64-1', release: '6.12.64+deb13-amd64' });
  publish(at, 'trixie', { version: '6.12.64-1', release: '6.12.64+deb13-amd64', suffix: '-unsigned' });
  publish(at, 'trixie', { version: '6.12.99-1', release: '6.12.99+deb13-cloud-amd64' });
  publish(at, 'trixie', { version: '6.12.99-1', release: '6.12.99+deb13-rt-amd64' });
  publish(at, 'sid', { version: '6.12.107-1', release: '6.12.107+deb14-amd64' });
  const image = await obtain(at.host);
  t.match(image, {
    version: '6.12.64', release: '6.12.64+deb13-amd64', origin: 'linux-image-6.12.64+deb13-amd64 6.12.64-1', package: { name: 'linux-image-6.12.64+deb13-amd64', version: '6.12.64-1' },
  });
  t.same(readFileSync(image.fuseModule ?? ''), fakeModule({ release: '6.12.64+deb13-amd64' }));
  t.notOk(at.server.requests.some((request) => request.includes('sid')), 'no more lists than needed');
  t.same(readdirSync(join(at.host.cache, 'debian')).filter((name) => name.startsWith('.image-')), [], 'what was unpacked is gone');
});

t.test('a release that hides the version is seen through, and an unsigned build that is newer counts', { skip }, async (t) => {
  const at = await makeArchive(t);
  publishOther(at);
  publish(at, 'sid', { version: '6.11.1-1', release: '6.11.1+deb14-amd64' });
  publish(at, 'bookworm', { version: '6.1.170-3', release: '6.1.0-47-amd64' });
  publish(at, 'bookworm', { version: '6.1.192-2', release: '6.1.0-56-amd64', suffix: '-unsigned' });
  t.match(await obtain(at.host, 'image:debian:6.1'), { version: '6.1.192', release: '6.1.0-56-amd64', package: { name: 'linux-image-6.1.0-56-amd64-unsigned' } });
});

t.test('of a kernel in parts only those are loaded that are needed', { skip }, async (t) => {
  for (const builtIn of [true, false]) {
    const at = await makeArchive(t);
    publishOther(at);
    publishParts(at, 'sid', { version: '7.2.13-1', release: '7.2.13+deb14-amd64', builtIn });
    const image = await obtain(at.host, 'image:debian:7.2');
    t.match(image, { version: '7.2.13', origin: 'linux-image-7.2.13+deb14-amd64 7.2.13-1' });
    t.equal(image.fuseModule === undefined, builtIn);
    t.equal(at.server.requests.some((request) => request.includes('pool/linux-modules')), !builtIn);
  }
});

t.test('a metapackage leads to what it stands for', { skip }, async (t) => {
  const at = await makeArchive(t);
  publishOther(at);
  publish(at, 'sid', { version: '6.11.1-1', release: '6.11.1+deb14-amd64' });
  publish(at, 'bookworm', { version: '6.12.117-1~deb12u1', release: '6.12.117+deb12-amd64' });
  publishPackage(at, 'bookworm', { name: 'linux-image-6.12-amd64', version: '6.12.117-1~deb12u1', architecture: 'amd64', depends: 'linux-image-6.12.117+deb12-amd64 (= 6.12.117-1~deb12u1)', files: { 'usr/share/doc/x': '' } });
  t.match(await obtain(at.host), { version: '6.12.117', package: { name: 'linux-image-6.12.117+deb12-amd64' } });
});

t.test('a second time neither the network nor another program is asked; after a day a newer one is noticed, and offline the cache stands', { skip }, async (t) => {
  const at = await makeArchive(t);
  publish(at, 'trixie', { version: '6.12.7-1', release: '6.12.7+deb13-amd64' });
  const first = await obtain(at.host);
  at.server.requests.length = 0;
  const path = process.env['PATH'] ?? '';
  setting(t, 'PATH', '/nowhere');
  t.same(await obtain(at.host), first);
  process.env['PATH'] = path;
  t.same(at.server.requests, []);
  ageArchive(at.host, 'image-6.12.json');
  publish(at, 'trixie', { version: '6.12.10-1', release: '6.12.10+deb13-amd64' });
  const second = await obtain(at.host);
  t.equal(second.version, '6.12.10');
  ageArchive(at.host, 'image-6.12.json');
  await at.server.stop();
  t.same(await obtain(at.host), second);
});

t.test('what was kept and is gone is loaded again', { skip }, async (t) => {
  const at = await makeArchive(t);
  publish(at, 'trixie', { version: '6.12.7-1', release: '6.12.7+deb13-amd64' });
  const first = await obtain(at.host);
  execFileSync('rm', ['-r', join(at.host.cache, 'images')]);
  t.same(await obtain(at.host), first);
  t.ok(readFileSync(first.vmlinux).length > 0);
});

t.test('a package that is not what the lists say is not taken, and one that is not there is told with those that are', { skip }, async (t) => {
  const at = await makeArchive(t);
  const pool = publish(at, 'trixie', { version: '6.12.7-1', release: '6.12.7+deb13-amd64' });
  const deb = Buffer.from(at.server.files.get(pool) ?? '');
  deb[deb.length - 1] = 255 - (deb[deb.length - 1] ?? 0);
  at.server.files.set(pool, deb);
  t.match(await errorOf(obtain(at.host)), { blame: 'machine', code: 'program-failed' });
  t.match(await errorOf(obtain(at.host, 'image:debian:9.9')), { blame: 'usage', code: 'no-such-kernel', message: 'image:debian:9.9: the Debian archive has no such kernel', next: 'take one of image:debian:6.12' });
});
