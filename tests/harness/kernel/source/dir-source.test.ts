import { chmodSync, mkdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import type { Host } from '../../../../harness/host/host.ts';
import { checkoutTree } from '../../../../harness/kernel/source/checkout-tree.ts';
import { obtainSource } from '../../../../harness/kernel/source/obtain-source.ts';
import { parseKernelSpec } from '../../../../harness/kernel/source/parse-kernel-spec.ts';
import type { Source } from '../../../../harness/kernel/types.ts';
import { errorOf, filesOf, git, testHost, writeKernel } from '../kernel-fixture.ts';

function obtain(host: Host, dir: string): Promise<Source> {
  return obtainSource(host, parseKernelSpec(`dir:${dir}`), `dir:${dir}`);
}

t.test('a directory is taken as it is now, without what its .gitignore names', async (t) => {
  const host = testHost(t);
  const dir = writeKernel(join(host.dir, 'kernel'), { 'fs/fuse/file.o': 'built\n', '.config': 'CONFIG_X=y\n' });
  const source = await obtain(host, dir);
  t.match(source, { spec: `dir:${dir}`, version: '6.12.7' });
  await checkoutTree(host, source.lineage, source.treeId);
  t.same(Object.keys(filesOf(source.lineage.workTree)).sort(), ['.gitignore', 'Makefile', 'fs/fuse/Kconfig', 'fs/fuse/file.c']);
  t.equal((await obtain(host, dir)).treeId, source.treeId, 'the same content is the same tree');
  writeFileSync(join(dir, 'fs/fuse/file.c'), 'int fuse = 2;\n');
  t.not((await obtain(host, dir)).treeId, source.treeId);
});

t.test('in a git work tree uncommitted changes count, and tracked files do though they are ignored', async (t) => {
  const host = testHost(t);
  const dir = writeKernel(join(host.dir, 'kernel'), { 'fs/fuse/blob.o': 'tracked\n', 'fs/fuse/gone.o': 'tracked\n', 'fs/fuse/junk.o': 'not tracked\n' });
  git(dir, 'init', '-q');
  git(dir, 'add', '.');
  git(dir, 'add', '-f', 'fs/fuse/blob.o', 'fs/fuse/gone.o');
  git(dir, 'commit', '-qm', 'all');
  rmSync(join(dir, 'fs/fuse/gone.o'));
  writeFileSync(join(dir, 'fs/fuse/new.c'), 'new\n');
  const source = await obtain(host, dir);
  await checkoutTree(host, source.lineage, source.treeId);
  const files = Object.keys(filesOf(source.lineage.workTree));
  t.ok(files.includes('fs/fuse/blob.o'));
  t.ok(files.includes('fs/fuse/new.c'));
  t.notOk(files.includes('fs/fuse/gone.o'));
  t.notOk(files.includes('fs/fuse/junk.o'));
});

t.test('what is tracked though it is ignored is asked for again when the index is another, and what comes back is taken again', async (t) => {
  const host = testHost(t);
  const dir = writeKernel(join(host.dir, 'kernel'), { 'fs/fuse/blob.o': 'tracked\n', 'fs/fuse/later.o': 'tracked later\n' });
  git(dir, 'init', '-q');
  git(dir, 'add', '.');
  git(dir, 'add', '-f', 'fs/fuse/blob.o');
  const objects = async (): Promise<string[]> => {
    const source = await obtain(host, dir);
    await checkoutTree(host, source.lineage, source.treeId);
    return Object.keys(filesOf(source.lineage.workTree)).filter((path) => path.endsWith('.o'));
  };
  t.same(await objects(), ['fs/fuse/blob.o']);
  rmSync(join(dir, 'fs/fuse/blob.o'));
  t.same(await objects(), []);
  writeFileSync(join(dir, 'fs/fuse/blob.o'), 'back, with the same index\n');
  t.same(await objects(), ['fs/fuse/blob.o']);
  git(dir, 'add', '-f', 'fs/fuse/later.o');
  t.same((await objects()).sort(), ['fs/fuse/blob.o', 'fs/fuse/later.o']);
});

t.test('a directory where a file was, and a file where a directory was, are taken as they are now', async (t) => {
  const host = testHost(t);
  const dir = writeKernel(join(host.dir, 'kernel'), { 'mm/was-file': '', 'mm/was-dir/inside': '' });
  await obtain(host, dir);
  for (const name of ['was-file', 'was-dir']) rmSync(join(dir, 'mm', name), { recursive: true });
  mkdirSync(join(dir, 'mm/was-file'));
  for (const path of ['mm/was-file/inside', 'mm/was-dir']) writeFileSync(join(dir, path), 'now\n');
  const source = await obtain(host, dir);
  await checkoutTree(host, source.lineage, source.treeId);
  t.match(filesOf(source.lineage.workTree), { 'mm/was-file/inside': 'now\n', 'mm/was-dir': 'now\n' });
});

t.test("Debian's linux-source, whose .gitignore names every file, is taken whole but for build products", async (t) => {
  const host = testHost(t);
  const dir = writeKernel(join(host.dir, 'kernel'), { '.gitignore': '*.o\n/*\n!/debian/\n', 'fs/fuse/file.o': 'built\n', 'fs/fuse/old.c': 'old\n' });
  const source = await obtain(host, dir);
  await checkoutTree(host, source.lineage, source.treeId);
  t.same(Object.keys(filesOf(source.lineage.workTree)).sort(), ['.gitignore', 'Makefile', 'fs/fuse/Kconfig', 'fs/fuse/file.c', 'fs/fuse/old.c']);
  writeFileSync(join(dir, 'fs/fuse/file.c'), 'int fuse = 2;\n');
  rmSync(join(dir, 'fs/fuse/old.c'));
  const later = await obtain(host, dir);
  await checkoutTree(host, later.lineage, later.treeId);
  const files = filesOf(later.lineage.workTree);
  t.equal(files['fs/fuse/file.c'], 'int fuse = 2;\n');
  t.notOk(files['fs/fuse/old.c']);
});

t.test("the user's directory is not written to, not even when it is read only", async (t) => {
  const host = testHost(t);
  const dir = writeKernel(join(host.dir, 'kernel'));
  git(dir, 'init', '-q');
  git(dir, 'add', '.');
  git(dir, 'commit', '-qm', 'all');
  writeFileSync(join(dir, 'fs/fuse/file.c'), 'int fuse = 3;\n');
  const stamp = (): string => ['.', '.git', '.git/index', '.git/objects', 'fs/fuse'].map((name) => String(statSync(join(dir, name)).mtimeMs)).join();
  const before = stamp();
  chmodSync(dir, 0o555);
  await obtain(host, dir);
  chmodSync(dir, 0o755);
  t.equal(stamp(), before);
  t.match(git(dir, 'status', '--porcelain'), 'M fs/fuse/file.c');
});

t.test('a directory that is no kernel is refused by name', async (t) => {
  const host = testHost(t);
  const cases: readonly (readonly [string, string])[] = [
    [join(host.dir, 'nowhere'), 'there is no'],
    [writeKernel(join(host.dir, 'a'), { Makefile: 'all:\n\techo\n' }), 'Makefile'],
    [writeKernel(join(host.dir, 'b')), 'fs/fuse'],
    [writeKernel(join(host.dir, 'c')).concat('/Makefile'), 'Makefile'],
  ];
  rmSync(join(host.dir, 'b/fs/fuse/Kconfig'));
  mkdirSync(join(host.dir, 'b/fs/fuse'), { recursive: true });
  for (const [dir, why] of cases) {
    const error = await errorOf(obtain(host, dir));
    t.match(error, { blame: 'usage', code: 'bad-kernel-spec' });
    t.match(error.message, why);
  }
});
