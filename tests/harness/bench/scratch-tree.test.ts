import { execFileSync } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import t from 'tap';
import { fileC, fuseIH, mmUtilC } from '../../../harness/bench/edits.ts';
import { writeTree } from '../../../harness/bench/scratch-tree.ts';
import type { Source } from '../../../harness/kernel/types.ts';
import { testHost } from '../series/series-fixture.ts';

const files = {
  'fs/fuse/file.c': 'int a;\n', 'mm/util.c': 'int b;\n', 'fs/fuse/fuse_i.h': 'struct fuse_conn_x {\n};\nstruct fuse_conn {\n\tint count;\n};\n', 'run.sh': '#!/bin/sh\n',
};

t.test('a tree is written whole, and each save is another change that a compiler takes', async (t) => {
  const dir = t.testdir();
  const repository = join(dir, 'repository');
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(repository, path)), { recursive: true });
    await writeFile(join(repository, path), text, { mode: path.endsWith('.sh') ? 0o755 : 0o644 });
  }
  const git = (...args: string[]): string => execFileSync('git', ['-C', repository, ...args], { encoding: 'utf8' }).trim();
  git('init', '-q');
  git('add', '.');
  const source = { spec: 'dir:x', treeId: git('write-tree'), lineage: { gitDir: join(repository, '.git') } } as unknown as Source;
  const tree = await writeTree(testHost(dir).host, source, join(dir, 'linux'));
  const read = (path: string): Promise<string> => readFile(join(tree.dir, path), 'utf8');
  for (const [path, text] of Object.entries(files)) t.equal(await read(path), text);
  execFileSync('test', ['-x', join(tree.dir, 'run.sh')]);

  const seen = new Set<string>();
  for (const edit of [fileC, fileC, fuseIH, fuseIH, mmUtilC]) {
    await tree.save(edit);
    seen.add(await read(edit.path));
  }
  t.equal(seen.size, 5, 'no two are the same');
  for (const path of ['fs/fuse/file.c', 'mm/util.c']) execFileSync('gcc', ['-Wall', '-Wmissing-prototypes', '-Werror', '-c', '-o', '/dev/null', join(tree.dir, path)]);
  t.match(await read('fs/fuse/fuse_i.h'), /^struct fuse_conn_x \{\n\};\nstruct fuse_conn \{\n\tint diorama_bench_\d+;\n\tint diorama_bench_\d+;\n\tint count;\n\};\n$/);
});

t.test('a kernel that has no place for a change is said', async (t) => {
  const dir = t.testdir({ repository: {} });
  const repository = join(dir, 'repository');
  const git = (...args: string[]): string => execFileSync('git', ['-C', repository, ...args], { encoding: 'utf8' }).trim();
  git('init', '-q');
  const source = { spec: 'dir:old', treeId: git('write-tree'), lineage: { gitDir: join(repository, '.git') } } as unknown as Source;
  const tree = await writeTree(testHost(dir).host, source, join(dir, 'linux'));
  await t.rejects(tree.save(fuseIH), { blame: 'usage', message: /^dir:old: fs\/fuse\/fuse_i\.h is not as the benchmark knows it/ });
});
