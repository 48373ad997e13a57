import { copyFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { findConfig } from '../../../harness/engine/find-config.ts';
import { cacheRoot } from '../../../harness/host/paths.ts';
import { buildVariant } from '../../../harness/kernel/build/build-variant.ts';
import { obtainSource } from '../../../harness/kernel/source/obtain-source.ts';
import { readGuest } from '../../../harness/guest/read-guest.ts';
import { diorama, readText, root, runJson } from './run-diorama.ts';

const scene = 'write-does-not-overtake-mmap';

await t.test('a kernel that was built here gives the same trace when it comes as an image with its fuse.ko', async (t) => {
  const host = { cache: cacheRoot(), root, emit: () => undefined, signal: new AbortController().signal, jobs: 2 };
  const source = await obtainSource(host, { kind: 'debian', series: '6.12' }, 'debian:6.12');
  const guest = await readGuest(root, 'deterministic');
  const built = await buildVariant(host, { source, treeId: source.treeId, touched: new Map() }, await findConfig(root, []), { buildMs: guest.limits.build }, join(t.testdir({}), 'build.log'));
  const dir = t.testdir({ results: {} });
  await copyFile(built.vmlinux, join(dir, 'vmlinux'));
  await copyFile(built.fuseModule, join(dir, 'fuse.ko'));
  const [asBuilt, asImage] = [await runJson(join(dir, 'results'), ['--scenario', scene]), await runJson(join(dir, 'results'), ['--scenario', scene, '--kernel', `image:${join(dir, 'vmlinux')}`])];
  t.equal(asImage.exitCode, 0, asImage.stderr);
  t.equal(await readText(asImage.dir, 'base', scene, 'trace'), await readText(asBuilt.dir, 'base', scene, 'trace'));
  t.match(asImage.record.kernel, { version: source.version, origin: /vmlinux sha256:[0-9a-f]{64}$/, image: { vmlinuz: /^[0-9a-f]{64}$/, fuse: /^[0-9a-f]{64}$/ } });
  t.equal(asImage.record.base?.vmlinuxId, built.vmlinuxId, 'and shares the template');
  t.match(await readText(asImage.dir, 'base', scene, 'repro.sh'), `--kernel image:${join(dir, 'vmlinux')}`);
});

await t.test("Debian's own 7.2, FUSE built in: traces are the same to the byte, and the run says which known bugs it ships", async (t) => {
  const results = t.testdir();
  const args = ['--kernel', 'image:debian:7.2', ...[scene, 'close-waits-for-writers', 'sendfile-of-a-direct-file'].flatMap((name) => ['--scenario', name])];
  const first = await diorama(['run', '--results', results, ...args]);
  t.equal(first.exitCode, 0, first.stderr);
  t.match(first.stdout, /^linux-image-7\.2\S* 7\.2\S* ships the known bug K7 \(a page each in docs\/findings\/\)$/m);
  const [second, third, fourth] = [await runJson(results, [...args, '--fresh']), await runJson(results, [...args, '--fresh']), await runJson(results, args)];
  t.match(second.record.kernel, { version: /^7\.2\.\d+$/, image: { package: { name: /^linux-image-7\.2/ }, vmlinuz: /^[0-9a-f]{64}$/ } });
  t.notOk(second.record.kernel?.image?.fuse, 'it is built in');
  t.same(second.record.scenes.map((one) => `${one.scene}: ${one.verdict.kind}`).sort(), ['close-waits-for-writers: pass', 'sendfile-of-a-direct-file: known', `${scene}: pass`]);
  for (const { scene: name } of second.record.scenes) t.equal(await readText(second.dir, 'base', name, 'trace'), await readText(third.dir, 'base', name, 'trace'), name);
  t.same(fourth.record.scenes.map(({ reused }) => reused), [true, true, true], 'one that has FUSE built in is not played twice either');
});

await t.test("somebody can log in to Debian's own 7.2, over PCI", async (t) => {
  const ended = await diorama(['shell', '--kernel', 'image:debian:7.2', 'uname -r; ls /mnt']);
  t.equal(ended.exitCode, 0, ended.stderr);
  t.match(ended.stdout, /^7\.2\.\S+-amd64\r?\ncached\r?\ndirect\r?\nparallel\r?$/m);
});

await t.test('the kernel of this machine is played, or what to do instead is told', async (t) => {
  const ended = await diorama(['run', '--kernel', 'image:host', '--scenario', scene, '--results', t.testdir()]);
  if (ended.exitCode === 0) t.match(ended.stdout, /1 of 1 scenes/);
  else t.match(ended, { exitCode: 2, stderr: /this machine runs .*\ntry: .*image:FILE/ });
});
