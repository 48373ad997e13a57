import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import t, { type Test } from 'tap';
import { obtainImage } from '../../../../harness/kernel/image/obtain-image.ts';
import { fileImage } from '../../../../harness/kernel/image/file-image.ts';
import { hostImage } from '../../../../harness/kernel/image/host-image.ts';
import type { KernelImage } from '../../../../harness/kernel/types.ts';
import { makePackage, sha256, withoutApt, type TestHost } from '../debian-archive.ts';
import { errorOf, testHost } from '../kernel-fixture.ts';
import { fakeBzImage, fakeModule, fakeVmlinux, goodConfig, pack, type Packing } from './fake-kernel.ts';

const release = '6.12.7';
const modules = `lib/modules/${release}`;

/** A machine's files below a directory of its own, and what image:FILE makes of one of them. */
function bench(t: Test, files: Readonly<Record<string, string | Buffer>>): { host: TestHost; dir: string; take(path: string): Promise<KernelImage> } {
  const host = testHost(t);
  const dir = join(host.dir, 'machine');
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(dir, path)), { recursive: true });
    writeFileSync(join(dir, path), content);
  }
  return { host, dir, take: (path) => fileImage(host, { path: join(dir, path), spec: `image:${path}`, system: join(dir, 'system') }) };
}

t.test('a kernel is unpacked in each way that kernels are packed, and boots itself where nobody can', async (t) => {
  for (const packing of ['gzip', 'xz', 'lzma', 'zstd', 'none'] satisfies Packing[]) {
    const bzImage = fakeBzImage({ builtIn: true }, packing);
    const at = bench(t, { vmlinuz: bzImage, [`config-${release}`]: `${goodConfig}CONFIG_FUSE_FS=y\n` });
    const image = await at.take('vmlinuz');
    t.match(image, { release, version: release, spec: 'image:vmlinuz', vmlinuzSha256: sha256(bzImage), origin: `sha256:${sha256(bzImage)}` }, packing);
    t.same(readFileSync(image.vmlinux), packing === 'none' ? bzImage : fakeVmlinux({ builtIn: true }), packing);
    t.equal(image.vmlinuxId, sha256(readFileSync(image.vmlinux)));
    t.notOk('fuseModule' in image, 'FUSE is built in');
    if (packing !== 'none') t.equal(image.compiler, 'gcc (Debian 12.2.0-14) 12.2.0');
  }
});

t.test('its fuse.ko is found where packages, machines and builds keep it, packed or not', async (t) => {
  const module = fakeModule();
  const places: readonly (readonly [kernel: string, module: string, content: Buffer])[] = [
    ['boot/vmlinuz', `${modules}/kernel/fs/fuse/fuse.ko.xz`, pack(module, 'xz')],
    ['boot/vmlinuz', `usr/${modules}/kernel/fs/fuse/fuse.ko.zst`, pack(module, 'zstd')],
    [`usr/${modules}/vmlinuz`, `usr/${modules}/kernel/fs/fuse/fuse.ko.gz`, pack(module, 'gzip')],
    ['linux/arch/x86/boot/bzImage', 'linux/fs/fuse/fuse.ko', module],
    ['linux/vmlinux', 'linux/fs/fuse/fuse.ko', module],
    ['vmlinuz', 'fuse.ko', module],
    ['vmlinuz', `${modules}/kernel/fs/fuse/fuse.ko`, module],
    ['somewhere/else/vmlinuz', `system/${modules}/kernel/fs/fuse/fuse.ko.xz`, pack(module, 'xz')],
  ];
  for (const [kernel, path, content] of places) {
    const at = bench(t, { [kernel]: kernel.endsWith('vmlinux') ? fakeVmlinux() : fakeBzImage(), [path]: content });
    const image = await at.take(kernel);
    t.same(readFileSync(image.fuseModule ?? ''), module, path);
    t.equal(image.fuseSha256, sha256(module));
  }
});

t.test("depmod's index goes before the kernel's own folder, and what is near before what the machine runs", async (t) => {
  const [mine, other] = [fakeModule(), Buffer.concat([fakeModule(), Buffer.from('other')])];
  const index = bench(t, { 'boot/vmlinuz': fakeBzImage(), [`${modules}/modules.dep`]: 'kernel/a.ko:\nupdates/fuse.ko:\n', [`${modules}/updates/fuse.ko`]: mine, [`${modules}/kernel/fs/fuse/fuse.ko`]: other });
  t.same(readFileSync((await index.take('boot/vmlinuz')).fuseModule ?? ''), mine);
  const near = bench(t, { 'linux/vmlinux': fakeVmlinux(), 'linux/fs/fuse/fuse.ko': mine, [`system/${modules}/kernel/fs/fuse/fuse.ko`]: other, [`system/${modules}/modules.dep`]: 'kernel/fs/fuse/fuse.ko:\n' });
  t.same(readFileSync((await near.take('linux/vmlinux')).fuseModule ?? ''), mine);
  const outside = bench(t, { 'boot/vmlinuz': fakeBzImage(), [`${modules}/modules.dep`]: '../../../outside/fuse.ko:\n', 'outside/fuse.ko': mine });
  t.match(await errorOf(outside.take('boot/vmlinuz')), { message: /fuse\.ko is nowhere around it/ }, 'an index cannot lead out of its folder');
});

t.test('the same kernel is taken once, and another fuse.ko makes another of it', async (t) => {
  const at = bench(t, { vmlinuz: fakeBzImage(), 'fuse.ko': fakeModule() });
  const first = await at.take('vmlinuz');
  t.same(await at.take('vmlinuz'), first);
  writeFileSync(join(at.dir, 'fuse.ko'), Buffer.concat([fakeModule(), Buffer.from('x')]));
  const second = await at.take('vmlinuz');
  t.not(second.id, first.id);
  t.equal(second.vmlinuxId, first.vmlinuxId, 'and both share their template');
});

t.test('what no guest could use is refused in one line, before anything is booted', async (t) => {
  const rows: readonly (readonly [files: Readonly<Record<string, string | Buffer>>, path: string, said: RegExp, next: RegExp])[] = [
    [{}, 'no', /there is no .*\/no$/, /name a vmlinuz/],
    [{ 'dir/x': '' }, 'dir', /is not a file/, /vmlinuz/],
    [{ empty: '' }, 'empty', /is no kernel for x86-64/, /vmlinuz/],
    [{ text: '\u001b]0;evil\u0007'.repeat(99) }, 'text', /is no kernel for x86-64/, /vmlinuz/],
    [{ cut: fakeBzImage().subarray(0, 2100) }, 'cut', /is no kernel for x86-64/, /vmlinuz/],
    [{ vmlinuz: fakeBzImage() }, 'vmlinuz', /FUSE is not built into 6\.12\.7, and its fuse\.ko is nowhere around it; looked for/, /lib\/modules\/6\.12\.7/],
    [{ vmlinuz: fakeBzImage(), 'fuse.ko': fakeModule({ release: '6.12.8\u001b[31m' }) }, 'vmlinuz', /fuse\.ko is a module of 6\.12\.8, not of 6\.12\.7/, /6\.12\.7/],
    [{ vmlinuz: fakeBzImage(), 'fuse.ko': fakeModule({ depends: 'virtio,other' }) }, 'vmlinuz', /needs other modules \(virtio, other\)/, /build/],
    [{ vmlinuz: fakeBzImage(), 'fuse.ko.xz': 'nonsense' }, 'vmlinuz', /fuse\.ko\.xz is damaged, or no module/, /again/],
    [{ vmlinuz: fakeBzImage(), 'fuse.ko.xz': pack(fakeModule(), 'xz').subarray(0, 40) }, 'vmlinuz', /fuse\.ko\.xz is damaged/, /again/],
    [{ 'x.rpm': Buffer.from('\xed\xab\xee\xdb', 'latin1') }, 'x.rpm', /rpm packages are not read/, /rpm2cpio/],
  ];
  for (const [files, path, said, next] of rows) {
    const at = bench(t, files);
    const error = await errorOf(at.take(path));
    t.match(error, { blame: 'usage', code: 'bad-kernel-spec', message: said, next });
    t.notMatch(error.message, /[\n\u001b]/);
    t.notOk(existsSync(join(at.host.cache, 'boot')), 'nothing was booted');
  }
});

t.test('a module that is a link to somewhere else is not followed', async (t) => {
  const at = bench(t, { vmlinuz: fakeBzImage(), 'secret/fuse.ko': fakeModule() });
  symlinkSync(join(at.dir, 'secret/fuse.ko'), join(at.dir, 'fuse.ko'));
  t.match(await errorOf(at.take('vmlinuz')), { message: /nowhere around it/ });
});

t.test('a configuration that lacks what a guest needs is told whole, from beside the kernel or from inside of it', async (t) => {
  const config = `${goodConfig}CONFIG_FUSE_FS=y\n`.replace('CONFIG_STACKTRACE=y\n', '# CONFIG_STACKTRACE is not set\n').replace('CONFIG_RD_GZIP=y\n', '');
  for (const at of [bench(t, { vmlinuz: fakeBzImage({ builtIn: true }), [`config-${release}`]: config }), bench(t, { vmlinuz: fakeBzImage({ builtIn: true, config }) })]) {
    t.match(await errorOf(at.take('vmlinuz')), {
      blame: 'kernel', code: 'config-unmet', message: /CONFIG_RD_GZIP=y .* and 1 more$/, details: [/^CONFIG_RD_GZIP/, /^CONFIG_STACKTRACE=y \(where a task sleeps/],
    });
  }
  const whole = bench(t, { vmlinuz: fakeBzImage({ builtIn: true, config: `${goodConfig}CONFIG_FUSE_FS=y\n` }) });
  t.match(readFileSync((await whole.take('vmlinuz')).config ?? '', 'utf8'), 'CONFIG_FUSE_FS=y');
});

t.test('a kernel that only root may read says how it can be had', { skip: process.getuid?.() === 0 ? 'root reads everything' : false }, async (t) => {
  const at = bench(t, { vmlinuz: fakeBzImage() });
  chmodSync(join(at.dir, 'vmlinuz'), 0o000);
  t.match(await errorOf(at.take('vmlinuz')), { message: /may not be read by you/, next: /sudo install -m 644/ });
});

t.test('the kernel that this machine runs is where distributions keep it, or the next step is told', async (t) => {
  const at = bench(t, { [`system/boot/vmlinuz-${release}`]: fakeBzImage(), [`system/${modules}/kernel/fs/fuse/fuse.ko.xz`]: pack(fakeModule(), 'xz'), [`system/usr/${modules.replace(release, '6.12.8')}/vmlinuz`]: fakeBzImage({ release: '6.12.8', builtIn: true }) });
  const take = (running: string): Promise<KernelImage> => hostImage(at.host, { spec: 'image:host', release: running, system: join(at.dir, 'system') });
  t.match(await take(release), { release, fuseModule: /fuse\.ko$/ });
  t.match(await take('6.12.8'), { release: '6.12.8' });
  t.match(await errorOf(take('6.18.44-micro')), { blame: 'usage', code: 'no-such-kernel', message: /this machine runs 6\.18\.44-micro, and that kernel is none of .*boot\/vmlinuz-6\.18\.44-micro/, next: /image:FILE.*image:debian/ });
});

t.test('a Debian package is read as it is', { skip: withoutApt }, async (t) => {
  const at = bench(t, {});
  const name = `linux-image-${release}-amd64`;
  const files = { [`boot/vmlinuz-${release}`]: fakeBzImage(), [`boot/config-${release}`]: `${goodConfig}CONFIG_FUSE_FS=m\n`, [`usr/${modules}/kernel/fs/fuse/fuse.ko.xz`]: pack(fakeModule(), 'xz'), [`usr/${modules}/kernel/other.ko`]: 'x' };
  const { deb } = makePackage(at.dir, { name, version: '6.12.7-1', files });
  const spec = { kind: 'image', from: 'file', path: deb } as const;
  const image = await obtainImage(at.host, spec, `image:${deb}`);
  t.match(image, { release, origin: `${deb} sha256:${sha256(readFileSync(deb))}` });
  t.same(readFileSync(image.fuseModule ?? ''), fakeModule());
  const [end] = at.host.events.slice(-1);
  t.match(end, { kind: 'stage-end', stage: 'source', label: / = 6\.12\.7 \(/ });
  writeFileSync(join(at.dir, 'cut.deb'), readFileSync(deb).subarray(0, 600));
  t.match(await errorOf(obtainImage(at.host, { ...spec, path: join(at.dir, 'cut.deb') }, 'image:cut.deb')), { blame: 'usage', code: 'bad-kernel-spec', message: /cut short, damaged/ });
  const empty = makePackage(at.dir, { name: 'linux-image-none', version: '1', files: { 'usr/share/doc/x': '' } });
  t.match(await errorOf(obtainImage(at.host, { ...spec, path: empty.deb }, 'image:empty.deb')), { message: /there is no vmlinuz in the package/ });
  execFileSync('sh', ['-c', `test -z "$(ls -A ${join(at.host.cache, 'debian')} | grep image)"`]);
});
