import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import type { Host } from '../../../../harness/host/host.ts';
import { checkoutTree } from '../../../../harness/kernel/source/checkout-tree.ts';
import { lineageKey } from '../../../../harness/kernel/source/git-source.ts';
import { obtainSource } from '../../../../harness/kernel/source/obtain-source.ts';
import { parseKernelSpec } from '../../../../harness/kernel/source/parse-kernel-spec.ts';
import type { Source } from '../../../../harness/kernel/types.ts';
import { fileServer } from '../file-server.ts';
import { errorOf, filesOf, git, testHost, writeKernel } from '../kernel-fixture.ts';

function obtain(host: Host, location: string): Promise<Source> {
  return obtainSource(host, parseKernelSpec(`tar:${location}`), `tar:${location}`);
}

/** `<dir>/<name>` with a kernel below a leading directory. */
function tarball(dir: string, name = 'linux-6.12.7.tar.xz', more: Readonly<Record<string, string>> = {}): string {
  writeKernel(join(dir, 'linux-6.12.7'), { 'fs/fuse/big.c': 'x'.repeat(200_000), 'fs/fuse/ignored.o': 'in the tarball\n', ...more });
  execFileSync('tar', ['--create', '--auto-compress', `--file=${join(dir, name)}`, '-C', dir, 'linux-6.12.7']);
  return join(dir, name);
}

function sha256(file: string): string {
  return createHash('sha256').update(readFileSync(file)).digest('hex');
}

t.test('a tarball is unpacked whole, once, with or without a leading directory', async (t) => {
  const host = testHost(t);
  const file = tarball(host.dir);
  const source = await obtain(host, file);
  t.match(source, { version: '6.12.7', origin: `linux-6.12.7.tar.xz sha256:${sha256(file)}` });
  t.same(filesOf(source.lineage.workTree), filesOf(join(host.dir, 'linux-6.12.7')), 'ignored files too');
  t.match(git(host.dir, `--git-dir=${source.lineage.gitDir}`, 'ls-tree', '-r', '--name-only', source.treeId), 'fs/fuse/ignored.o');
  t.match(host.events.at(-1), { kind: 'stage-end', reused: false });
  t.same(await obtain(host, file), source);
  t.match(host.events.at(-1), { kind: 'stage-end', reused: true });
  const flat = join(host.dir, 'flat.tar');
  execFileSync('tar', ['--create', `--file=${flat}`, '-C', join(host.dir, 'linux-6.12.7'), '.']);
  t.equal((await obtain(host, flat)).treeId, source.treeId);
  t.notOk(readdirSync(source.lineage.dir).some((name) => name.startsWith('unpacked-')));
});

t.test('a tarball that was replaced is read again', async (t) => {
  const host = testHost(t);
  const file = tarball(host.dir);
  const before = await obtain(host, file);
  tarball(host.dir, undefined, { 'fs/fuse/file.c': 'int other;\n' });
  const after = await obtain(host, file);
  t.not(after.treeId, before.treeId);
  await checkoutTree(host, after.lineage, after.treeId);
  t.same(filesOf(after.lineage.workTree), filesOf(join(host.dir, 'linux-6.12.7')));
});

t.test('the checksum file beside it is verified in each of its usual forms', async (t) => {
  const host = testHost(t);
  const file = tarball(host.dir);
  const right = sha256(file);
  const wrong = right.replace(/^./, (digit) => (digit === '0' ? '1' : '0'));
  const forms: readonly (readonly [string, (sum: string) => string])[] = [
    ['linux-6.12.7.tar.xz.sha256', (sum) => `${sum}\n`],
    ['linux-6.12.7.tar.xz.sha256', (sum) => `${sum}  linux-6.12.7.tar.xz\n`],
    ['sha256sums.asc', (sum) => `-----BEGIN PGP SIGNED MESSAGE-----\n\n${'0'.repeat(64)}  other.tar.xz\n${sum}  linux-6.12.7.tar.xz\n`],
    ['SHA256SUMS', (sum) => `${sum} *linux-6.12.7.tar.xz\n`],
    ['SHA256SUMS', (sum) => `SHA256 (linux-6.12.7.tar.xz) = ${sum.toUpperCase()}\n`],
  ];
  for (const [name, text] of forms) {
    writeFileSync(join(host.dir, name), text(wrong));
    const error = await errorOf(obtain(host, file));
    t.match(error, { blame: 'usage', code: 'checksum-mismatch', message: name });
    t.match(error.details.join(), right);
    writeFileSync(join(host.dir, name), text(right));
    host.events.length = 0;
    await obtain(host, file);
    t.notOk(host.events.some((event) => event.kind === 'note'), name);
    rmSync(join(host.dir, name));
    rmSync(join(host.cache, 'tar'), { recursive: true });
  }
  await obtain(host, file);
  t.ok(host.events.some((event) => event.kind === 'note' && /unverified/.test(event.text)));
});

t.test('a tarball that is cut short, or is none, or is no kernel, is refused and leaves nothing', async (t) => {
  const host = testHost(t);
  const file = tarball(host.dir, 'linux.tar');
  truncateSync(file, 100_000);
  t.match(await errorOf(obtain(host, file)), { blame: 'usage', code: 'bad-kernel-spec', message: /cut short/ });
  const text = join(host.dir, 'text.tar.xz');
  writeFileSync(text, 'not a tarball');
  t.match(await errorOf(obtain(host, text)), { blame: 'usage', code: 'bad-kernel-spec' });
  t.match(await errorOf(obtain(host, join(host.dir, 'nowhere.tar'))), { blame: 'usage', code: 'bad-kernel-spec', message: /there is no/ });
  t.match(await errorOf(obtain(host, host.dir)), { blame: 'usage', code: 'bad-kernel-spec', message: /not a file/ });
  const other = tarball(host.dir, 'other.tar', { Makefile: 'all:\n' });
  t.match(await errorOf(obtain(host, other)), { blame: 'usage', code: 'bad-kernel-spec', message: /Makefile/ });
  for (const name of readdirSync(join(host.cache, 'trees'))) {
    const left = name.startsWith('.') ? [] : readdirSync(join(host.cache, 'trees', name));
    t.notOk(left.some((entry) => entry.startsWith('unpacked-')));
  }
});

t.test('no member of a tarball lands outside', async (t) => {
  const host = testHost(t);
  const target = join(host.dir, 'target');
  mkdirSync(target);
  const tree = writeKernel(join(host.dir, 'evil'));
  symlinkSync(target, join(tree, 'way-out'));
  const file = join(host.dir, 'evil.tar');
  execFileSync('tar', ['--create', `--file=${file}`, '-C', host.dir, 'evil']);
  rmSync(join(tree, 'way-out'));
  mkdirSync(join(tree, 'way-out'));
  writeFileSync(join(tree, 'way-out/escaped'), '');
  execFileSync('tar', ['--append', `--file=${file}`, '-C', host.dir, 'evil/way-out/escaped']);
  writeFileSync(join(host.dir, 'escaped-too'), '');
  execFileSync('tar', ['--append', '-P', '--transform=s,.*,../../../../escaped-too,', `--file=${file}`, join(host.dir, 'escaped-too')]);
  rmSync(join(host.dir, 'escaped-too'));
  await obtain(host, file).catch(() => undefined);
  t.same(readdirSync(target), []);
  t.notOk(existsSync(join(host.dir, 'escaped-too')));
});

t.test('a URL is downloaded, resumed, verified and asked again only after a day', async (t) => {
  const host = testHost(t);
  const server = await fileServer(t);
  const file = tarball(host.dir, 'linux-6.12.7.tar');
  server.files.set('/v6.x/linux-6.12.7.tar', readFileSync(file));
  server.files.set('/v6.x/sha256sums.asc', Buffer.from(`${sha256(file)}  linux-6.12.7.tar\n`));
  const url = `${server.url}/v6.x/linux-6.12.7.tar`;
  let left = 1;
  server.breakAfter = (path) => (path.endsWith('.tar') && left-- > 0 ? 50_000 : undefined);
  server.writtenTo = join(host.cache, 'tar', `${lineageKey('download', url)}.part`);
  const source = await obtain(host, url);
  t.match(source, { version: '6.12.7' });
  t.ok(server.requests.some((request) => request.endsWith('bytes=50000-')), 'resumed');
  t.notOk(host.events.some((event) => event.kind === 'note'), 'verified');
  t.notOk(readdirSync(join(host.cache, 'tar')).some((name) => name.startsWith('download-')), 'the tarball is not kept');
  server.requests.length = 0;
  t.same(await obtain(host, url), source);
  t.same(server.requests, []);
  age(host.cache);
  t.same(await obtain(host, url), source);
  t.same(server.requests, ['HEAD /v6.x/linux-6.12.7.tar']);
  age(host.cache);
  await server.stop();
  t.same(await obtain(host, url), source, 'offline the cache stands');
  t.ok(host.events.some((event) => event.kind === 'note'));
});

t.test('a damaged download is refused and downloaded anew the next time', async (t) => {
  const host = testHost(t);
  const server = await fileServer(t);
  const file = tarball(host.dir, 'linux.tar');
  const good = readFileSync(file);
  const bad = Buffer.from(good);
  bad[1000] = 255 - (bad[1000] ?? 0);
  server.files.set('/linux.tar', bad);
  server.files.set('/linux.tar.sha256', Buffer.from(sha256(file)));
  t.match(await errorOf(obtain(host, `${server.url}/linux.tar`)), { blame: 'usage', code: 'checksum-mismatch' });
  server.files.set('/linux.tar', good);
  t.match(await obtain(host, `${server.url}/linux.tar`), { version: '6.12.7' });
});

/** As if the records were written two days ago. */
function age(cache: string): void {
  for (const name of readdirSync(join(cache, 'tar')).filter((one) => one.endsWith('.json'))) {
    const file = join(cache, 'tar', name);
    const record = JSON.parse(readFileSync(file, 'utf8')) as { checkedAt: number };
    writeFileSync(file, JSON.stringify({ ...record, checkedAt: Date.now() - 2 * 86_400_000 }));
  }
}
