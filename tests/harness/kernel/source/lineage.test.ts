import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, statSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import type { Host } from '../../../../harness/host/host.ts';
import { checkoutTree } from '../../../../harness/kernel/source/checkout-tree.ts';
import { obtainSource } from '../../../../harness/kernel/source/obtain-source.ts';
import { parseKernelSpec } from '../../../../harness/kernel/source/parse-kernel-spec.ts';
import type { Source } from '../../../../harness/kernel/types.ts';
import { filesOf, testHost, writeKernel } from '../kernel-fixture.ts';

/** Two trees of one lineage: in the second one file differs, one is new and one is gone. */
async function twoTrees(t: Test): Promise<{ host: Host; one: Source; two: Source; files: Record<string, string>[] }> {
  const host = testHost(t);
  const dir = writeKernel(join(host.dir, 'kernel'), { 'fs/fuse/old.c': 'old\n', 'fs/fuse/same.c': 'same\n' });
  const text = `dir:${dir}`;
  const one = await obtainSource(host, parseKernelSpec(text), text);
  const before = filesOf(dir);
  writeFileSync(join(dir, 'fs/fuse/file.c'), 'int fuse = 2;\n');
  writeFileSync(join(dir, 'fs/fuse/new.c'), 'new\n');
  rmSync(join(dir, 'fs/fuse/old.c'));
  const two = await obtainSource(host, parseKernelSpec(text), text);
  return { host, one, two, files: [before, filesOf(dir)] };
}

t.test('a checkout rewrites only the files that differ', async (t) => {
  const { host, one, two, files } = await twoTrees(t);
  const { workTree } = one.lineage;
  await checkoutTree(host, one.lineage, one.treeId);
  t.same(filesOf(workTree), files[0]);
  const long = new Date(2000, 1);
  utimesSync(join(workTree, 'fs/fuse/same.c'), long, long);
  const inode = statSync(join(workTree, 'fs/fuse/same.c')).ino;
  await checkoutTree(host, two.lineage, two.treeId);
  t.same(filesOf(workTree), files[1]);
  t.equal(statSync(join(workTree, 'fs/fuse/same.c')).ino, inode, 'an equal file is left alone');
  await checkoutTree(host, one.lineage, one.treeId);
  t.same(filesOf(workTree), files[0]);
});

/** Trees of one lineage, each the kernel with these changes; undefined takes a file away. */
async function treesOf(t: Test, changes: readonly Readonly<Record<string, string | undefined>>[]): Promise<{ host: Host; sources: Source[]; files: Record<string, string>[] }> {
  const host = testHost(t);
  const dir = writeKernel(join(host.dir, 'kernel'), { 'fs/fuse/tool.sh': '#!/bin/sh\n' });
  chmodSync(join(dir, 'fs/fuse/tool.sh'), 0o755);
  const sources: Source[] = [];
  const files: Record<string, string>[] = [];
  for (const change of changes) {
    for (const [path, text] of Object.entries(change)) {
      if (text === undefined) rmSync(join(dir, path));
      else writeFileSync(join(dir, path), text);
    }
    sources.push(await obtainSource(host, parseKernelSpec(`dir:${dir}`), `dir:${dir}`));
    files.push(filesOf(dir));
  }
  return { host, sources, files };
}

t.test('where only contents differ they are written without the index, which is told before git has to switch again', async (t) => {
  const { host, sources, files } = await treesOf(t, [
    {}, { 'fs/fuse/file.c': 'int fuse = 2;\n', 'fs/fuse/tool.sh': '#!/bin/sh\n:\n' }, { 'fs/fuse/file.c': '' }, { 'fs/fuse/new.c': 'new\n' }, { 'fs/fuse/file.c': 'int fuse = 3;\n', 'fs/fuse/new.c': undefined },
  ]);
  const lineage = (sources[0] as Source).lineage;
  const index = join(lineage.gitDir, 'index');
  const stray = join(lineage.workTree, 'fs/stray.o');
  // By every pair of neighbours and back, so that both ways of switching follow each other in each order.
  for (const [at, byIndex] of [[0, true], [1, false], [2, false], [3, true], [2, true], [1, false], [4, false], [0, false], [3, true], [4, true]] as const) {
    const before = await readFile(index).catch(() => undefined);
    if (before !== undefined) writeFileSync(stray, '');
    await checkoutTree(host, lineage, sources[at]?.treeId ?? '');
    t.equal(existsSync(stray), before !== undefined, 'it was switched: a repair takes strays away');
    rmSync(stray, { force: true });
    t.same(filesOf(lineage.workTree), files[at], `tree ${String(at)}`);
    t.equal(statSync(join(lineage.workTree, 'fs/fuse/tool.sh')).mode & 0o777, 0o755);
    t.equal(before === undefined || !before.equals(await readFile(index)), byIndex, `tree ${String(at)}: ${byIndex ? 'by git' : 'without the index'}`);
  }
});

t.test('a checkout that was killed halfway is repaired by the next one', async (t) => {
  const { host, one, two, files } = await twoTrees(t);
  const { workTree, gitDir, dir } = one.lineage;
  await checkoutTree(host, one.lineage, one.treeId);
  // As a kill leaves it: the note is gone, the index is locked, some files are of the new tree and one is cut short.
  rmSync(join(dir, 'stands-at'));
  writeFileSync(join(gitDir, 'index.lock'), '');
  writeFileSync(join(workTree, 'fs/fuse/new.c'), 'new\n');
  writeFileSync(join(workTree, 'fs/fuse/file.c'), '');
  writeFileSync(join(workTree, 'fs/fuse/stray.o'), 'ignored, and still a stray');
  mkdirSync(join(workTree, 'fs/stray'));
  await checkoutTree(host, one.lineage, one.treeId);
  t.same(filesOf(workTree), files[0]);
  t.notOk(existsSync(join(workTree, 'fs/stray')));
  await checkoutTree(host, two.lineage, two.treeId);
  t.same(filesOf(workTree), files[1]);
});

t.test('an index that is damaged, or a note from before a crash of the machine, is not believed', async (t) => {
  const { host, one, files } = await twoTrees(t);
  const { workTree, gitDir, dir } = one.lineage;
  await checkoutTree(host, one.lineage, one.treeId);
  writeFileSync(join(dir, 'stands-at'), `${one.treeId} another-boot ${one.treeId}\n`);
  writeFileSync(join(workTree, 'Makefile'), '');
  writeFileSync(join(gitDir, 'index'), 'rubbish');
  await checkoutTree(host, one.lineage, one.treeId);
  t.same(filesOf(workTree), files[0]);
  t.match(readFileSync(join(dir, 'stands-at'), 'utf8'), one.treeId);
});

t.test('files come out byte for byte, whatever attributes the tree names', async (t) => {
  const host = testHost(t);
  const odd = {
    '.gitattributes': '* text eol=crlf filter=evil ident working-tree-encoding=UTF-16\n*.c diff=cpp\n',
    'fs/fuse/crlf.c': 'a\r\nb\n$Id$\r\n',
    'fs/fuse/a\nname with a newline.c': 'x\n',
  };
  const dir = writeKernel(join(host.dir, 'kernel'), odd);
  symlinkSync('/etc/passwd', join(dir, 'outside'));
  const source = await obtainSource(host, parseKernelSpec(`dir:${dir}`), `dir:${dir}`);
  await checkoutTree(host, source.lineage, source.treeId);
  t.same(filesOf(source.lineage.workTree), filesOf(dir));
  t.equal(statSync(join(source.lineage.workTree, 'outside')).ino, statSync('/etc/passwd').ino, 'a link is kept as a link');
});
