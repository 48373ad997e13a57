import { chmodSync, lstatSync, mkdirSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import type { Host } from '../../../../harness/host/host.ts';
import { checkoutTree } from '../../../../harness/kernel/source/checkout-tree.ts';
import { obtainSource } from '../../../../harness/kernel/source/obtain-source.ts';
import { parseKernelSpec } from '../../../../harness/kernel/source/parse-kernel-spec.ts';
import { steadySnapshot, takeUp } from '../../../../harness/kernel/source/steady-snapshot.ts';
import type { Source } from '../../../../harness/kernel/types.ts';
import { errorOf, filesOf, git, listing, testHost, writeKernel } from '../kernel-fixture.ts';

function obtain(host: Host, text: string): Promise<Source> {
  return obtainSource(host, parseKernelSpec(text), text);
}

/** A repository with one commit, and what an in-tree build of the user's leaves lying about. */
function repository(host: { readonly dir: string }): string {
  const dir = writeKernel(join(host.dir, 'linux'), { 'mm/filemap.c': 'int filemap;\n', 'mm/gone.c': 'int gone;\n', 'fs/fuse/kept.o': 'tracked though it is ignored\n' });
  git(dir, 'init', '-q', '-b', 'main');
  git(dir, 'add', '.');
  git(dir, 'add', '-f', 'fs/fuse/kept.o');
  git(dir, 'commit', '-qm', 'one');
  writeFileSync(join(dir, '.config'), 'CONFIG_X=y\n');
  writeFileSync(join(dir, 'fs/fuse/file.o'), 'built\n');
  return dir;
}

async function taken(host: Host, dir: string): Promise<{ readonly source: Source; readonly files: Record<string, string> }> {
  const source = await obtain(host, `git:${dir}`);
  await checkoutTree(host, source.lineage, source.treeId);
  return { source, files: filesOf(source.lineage.workTree) };
}

t.test('the work tree is taken as it is: what is modified, staged, new, gone or of another type, and not what is ignored', async (t) => {
  const host = testHost(t);
  const dir = repository(host);
  const clean = await taken(host, dir);
  t.equal(clean.source.origin, `commit ${git(dir, 'rev-parse', 'HEAD')}`);
  t.equal(clean.source.treeId, git(dir, 'rev-parse', 'HEAD^{tree}'));
  writeFileSync(join(dir, 'fs/fuse/file.c'), 'int fuse = 2;\n');
  writeFileSync(join(dir, 'mm/filemap.c'), 'int filemap = 2;\n');
  git(dir, 'add', 'mm/filemap.c');
  writeFileSync(join(dir, 'mm/filemap.c'), 'int filemap = 3;\n');
  writeFileSync(join(dir, 'fs/fuse/new.c'), 'int new;\n');
  writeFileSync(join(dir, 'fs/fuse/kept.o'), 'tracked and changed\n');
  rmSync(join(dir, 'mm/gone.c'));
  mkdirSync(join(dir, 'mm/gone.c'));
  writeFileSync(join(dir, 'mm/gone.c/inside.c'), 'int inside;\n');
  writeFileSync(join(dir, '.git/info/exclude'), 'notes\n');
  writeFileSync(join(dir, 'notes'), 'of mine\n');
  const { source, files } = await taken(host, dir);
  t.match(source.origin, /^commit [0-9a-f]{40} with uncommitted changes, tree [0-9a-f]{40}$/);
  t.equal(source.lineage.dir, clean.source.lineage.dir, 'what was built of the commit serves here');
  t.match(files, {
    'fs/fuse/file.c': 'int fuse = 2;\n', 'mm/filemap.c': 'int filemap = 3;\n', 'fs/fuse/new.c': 'int new;\n', 'fs/fuse/kept.o': 'tracked and changed\n', 'mm/gone.c/inside.c': 'int inside;\n',
  });
  for (const name of ['.config', 'fs/fuse/file.o', 'notes']) t.notOk(name in files, name);
  git(dir, 'checkout', '-q', '-f', 'HEAD');
  rmSync(join(dir, 'fs/fuse/new.c'));
  rmSync(join(dir, 'mm/gone.c'), { recursive: true });
  git(dir, 'checkout', '-q', '-f', 'HEAD');
  t.equal((await taken(host, dir)).source.treeId, clean.source.treeId, 'and back');
});

t.test("nothing of the user's is written: no file, no time, no index, with an in-tree build and with files that cannot be written", async (t) => {
  const host = testHost(t);
  const dir = repository(host);
  writeFileSync(join(dir, 'fs/fuse/file.c'), 'int fuse = 2;\n');
  // Its index says nothing true of this one any more; git status would refresh it.
  utimesSync(join(dir, 'mm/filemap.c'), new Date(2020, 1), new Date(2020, 1));
  symlinkSync('nowhere', join(dir, 'fs/fuse/dangling.h'));
  chmodSync(join(dir, '.git'), 0o555);
  const before = listing(dir);
  await taken(host, dir);
  writeFileSync(join(dir, 'fs/fuse/new.h'), 'int x;\n');
  const between = listing(dir);
  await taken(host, dir);
  t.equal(listing(dir), between);
  rmSync(join(dir, 'fs/fuse/new.h'));
  t.not(before, between, 'this would be seen');
  chmodSync(join(dir, '.git'), 0o755);
});

t.test('linked work trees, submodules, sparse checkouts, split indexes and files that git was told to pass over', async (t) => {
  const host = testHost(t);
  const dir = repository(host);
  git(dir, 'worktree', 'add', '-q', join(host.dir, 'linked'), 'HEAD');
  writeFileSync(join(host.dir, 'linked/fs/fuse/file.c'), 'int linked;\n');
  t.equal((await taken(host, join(host.dir, 'linked'))).files['fs/fuse/file.c'], 'int linked;\n');
  t.equal((await taken(host, dir)).files['fs/fuse/file.c'], 'int fuse;\n', 'each has an index of its own');
  t.equal((await taken(host, join(dir, 'fs/fuse'))).source.treeId, git(dir, 'rev-parse', 'HEAD^{tree}'), 'a directory inside stands for the whole');

  git(dir, '-c', 'protocol.file.allow=always', 'submodule', '--quiet', 'add', join(host.dir, 'linked'), 'sub');
  mkdirSync(join(dir, 'stray'));
  git(join(dir, 'stray'), 'init', '-q');
  const withSub = await taken(host, dir);
  t.match(git(dir, 'ls-files', '-s', 'sub'), /^160000/);
  t.notOk(Object.keys(withSub.files).some((name) => name.startsWith('stray') || name.startsWith('sub/')), 'a repository inside is not part of the kernel');

  git(dir, 'commit', '-qm', 'sub');
  git(dir, 'sparse-checkout', 'set', '--no-cone', '/*', '!/mm/');
  t.throws(() => lstatSync(join(dir, 'mm/filemap.c')));
  writeFileSync(join(dir, 'fs/fuse/file.c'), 'int sparse;\n');
  t.match((await taken(host, dir)).files, { 'mm/filemap.c': 'int filemap;\n', 'fs/fuse/file.c': 'int sparse;\n' });
  git(dir, 'sparse-checkout', 'disable');

  git(dir, 'update-index', '--assume-unchanged', 'mm/filemap.c');
  writeFileSync(join(dir, 'mm/filemap.c'), 'int assumed;\n');
  t.equal((await taken(host, dir)).files['mm/filemap.c'], 'int assumed;\n');

  git(dir, 'update-index', '--split-index');
  writeFileSync(join(dir, 'mm/filemap.c'), 'int split;\n');
  t.equal((await taken(host, dir)).files['mm/filemap.c'], 'int split;\n');
});

t.test('a save while the tree is read is seen, and the tree is read again; one who never stops is told', async (t) => {
  const host = testHost(t);
  const dir = repository(host);
  const { lineage } = await obtain(host, `git:${dir}`);
  const call = { gitDir: lineage.gitDir, workTree: dir, cwd: dir, indexFile: join(host.dir, 'index'), excludes: ['--exclude-per-directory=.gitignore'] };
  let saves = 0;
  const take = (until: number) => async (): Promise<boolean> => {
    const took = await takeUp(host, call, { spec: `git:${dir}` });
    // After file.c was read, before the end: two files that belong together.
    if (saves++ < until) for (const name of ['file.c', 'fuse_i.h']) writeFileSync(join(dir, 'fs/fuse', name), `int save${saves};\n`);
    return took;
  };
  const treeId = await steadySnapshot(host, call, take(2));
  t.equal(saves, 3);
  t.equal(git(dir, `--git-dir=${lineage.gitDir}`, 'cat-file', 'blob', `${treeId}:fs/fuse/file.c`), 'int save2;');
  t.notOk(host.events.some((event) => event.kind === 'note'));
  t.equal(await steadySnapshot(host, call, take(Infinity)), treeId, 'where all was as before, that is what it was when it was asked for');
  await steadySnapshot(host, call, take(Infinity));
  t.match(host.events.at(-1), { kind: 'note', text: /is written to all the time \(fs\/fuse\/file\.c for one\)/ });
});

t.test('a file that cannot be read is named', { skip: process.getuid?.() === 0 ? 'root reads everything' : false }, async (t: Test) => {
  const host = testHost(t);
  const dir = repository(host);
  writeFileSync(join(dir, 'fs/fuse/secret.c'), 'int secret;\n', { mode: 0 });
  t.match(await errorOf(obtain(host, `git:${dir}`)), { blame: 'usage', code: 'bad-kernel-spec', message: /could not be read whole/, details: [/secret\.c/] });
});
