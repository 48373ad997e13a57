import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import type { PatchedTree, Source } from '../../../harness/kernel/types.ts';
import { applySeries } from '../../../harness/series/apply-series.ts';
import { readSeries } from '../../../harness/series/read-series.ts';
import { commit, debian, errorOf, gitIn, leftIn, mail, newFile, repository, sourceOf, testHost } from './series-fixture.ts';

const file = Array.from({ length: 60 }, (_, at) => `\tline ${at + 1};`).join('\n') + '\n';

function edited(changes: Readonly<Record<number, string>>, text = file): string {
  return text
    .split('\n')
    .map((line, at) => changes[at + 1] ?? line)
    .join('\n');
}

/** A repository with a base and three commits on top of it, the base as a source, and the ways to read and apply a series. */
function world(t: Test) {
  const dir = t.testdir();
  const { host, notes, stages } = testHost(dir);
  const repo = repository(join(dir, 'repo'), { 'fs/fuse/file.c': file, 'fs/fuse/dir.c': 'dir\n', 'lib/old.c': file, 'lib/bin': 'a\0b' });
  const base = gitIn(repo, 'rev-parse', 'HEAD');
  commit(repo, 'fuse: one', { 'fs/fuse/file.c': edited({ 5: '\tone;' }) });
  commit(repo, 'fuse: two', { 'fs/fuse/file.c': edited({ 5: '\tone;', 40: '\ttwo;' }), 'fs/fuse/new.c': 'new\n' });
  gitIn(repo, 'rm', '-q', 'fs/fuse/dir.c');
  gitIn(repo, 'mv', 'lib/old.c', 'lib/moved.c');
  commit(repo, 'three', { 'fs/fuse/new.c': 'newer\n', 'lib/bin': 'c\0d' });
  const source = sourceOf(dir, { repository: repo, rev: base });
  const put = (name: string, text: string | Buffer): string => {
    writeFileSync(join(dir, name), text);
    return join(dir, name);
  };
  const apply = async (...paths: string[]): Promise<PatchedTree> => applySeries(host, source, await readSeries(host, paths, debian));
  const mbox = (...options: string[]): string => put('s.mbox', `${gitIn(repo, 'format-patch', '--stdout', '--binary', ...options, base)}\n`);
  const diffOf = (rev: string): string => `${gitIn(repo, 'diff', `${rev}~1`, rev)}\n`;
  return { dir, host, notes, stages, repo, base, source, put, apply, mbox, diffOf };
}

function untouched(t: Test, source: Source): void {
  t.same(readdirSync(source.lineage.dir), ['git'], 'neither a work tree nor a temporary file');
}

t.test('a series ends in the tree that git itself has for it', async (t) => {
  const { apply, mbox, repo, source, host } = world(t);
  const patched = await apply(mbox());
  t.equal(patched.treeId, gitIn(repo, 'rev-parse', 'HEAD^{tree}'));
  t.equal(patched.source, source);
  t.same(Object.fromEntries(patched.touched), {
    'fs/fuse/file.c': 'fuse: two',
    'fs/fuse/new.c': 'three',
    'fs/fuse/dir.c': 'three',
    'lib/old.c': 'three',
    'lib/moved.c': 'three',
    'lib/bin': 'three',
  });
  untouched(t, source);
  t.same(leftIn(join(host.cache, 'tmp')), []);
});

t.test('a range, a directory of patches, a quilt series and bare diffs of any kind end in the same tree', async (t) => {
  const { apply, host, source, repo, base, dir, put } = world(t);
  const tree = gitIn(repo, 'rev-parse', 'HEAD~1^{tree}');
  const range = await readSeries(host, [`${base}..HEAD~1`], { kind: 'git', path: repo, rev: 'HEAD' });
  t.equal((await applySeries(host, source, range)).treeId, tree, 'range');
  const fresh = (): void => rmSync(join(host.cache, 'applied'), { recursive: true, force: true });
  fresh();
  gitIn(repo, 'format-patch', '-q', '-o', join(dir, 'patches'), `${base}..HEAD~1`);
  t.equal((await apply(join(dir, 'patches'))).treeId, tree, 'directory');
  fresh();
  const flat = put('flat.diff', `${gitIn(repo, 'diff', '--no-prefix', base, 'HEAD~2')}\n`);
  put('nested.diff', `${gitIn(repo, 'diff', '--src-prefix=x/a/', '--dst-prefix=x/b/', 'HEAD~2', 'HEAD~1')}\n`);
  t.equal((await apply(put('series', 'flat.diff -p0\nnested.diff -p2\n'))).treeId, tree, 'quilt, with two strip levels');
  fresh();
  t.equal((await apply(flat, put('two.diff', `${gitIn(repo, 'diff', 'HEAD~2', 'HEAD~1')}\n`))).treeId, tree, 'bare diffs');
});

t.test('a diff -ur of two directories, without git, applies', async (t) => {
  const { apply, dir, put } = world(t);
  put('old.c', file);
  put('new.c', edited({ 7: '\tseven;' }));
  const diff = (() => {
    try {
      return execFileSync('diff', ['-u', '--label', 'linux.orig/fs/fuse/file.c', '--label', 'linux/fs/fuse/file.c', 'old.c', 'new.c'], { cwd: dir });
    } catch (error) {
      return (error as { stdout: Buffer }).stdout;
    }
  })();
  t.same([...(await apply(put('d.diff', diff))).touched], [['fs/fuse/file.c', 'd.diff']]);
});

t.test('the second time costs no git apply, with the subjects of now', async (t) => {
  const { apply, mbox, host, source, stages } = world(t);
  const first = await apply(mbox());
  const [kept = ''] = readdirSync(join(host.cache, 'applied'));
  t.match(kept, /^[0-9a-f]{64}\.json$/);
  const record = join(host.cache, 'applied', kept);
  writeFileSync(record, readFileSync(record, 'utf8').replace('fs/fuse/new.c', 'from/the/record.c'));
  const again = await apply(mbox());
  t.equal(again.treeId, first.treeId);
  t.equal(again.touched.get('from/the/record.c'), 'three');
  t.same(stages, ['series made', 'series reused']);
  untouched(t, source);
});

t.test('what is kept counts only while its tree is there, and when it is whole', async (t) => {
  const { apply, mbox, host } = world(t);
  const first = await apply(mbox());
  const [kept = ''] = readdirSync(join(host.cache, 'applied'));
  const record = join(host.cache, 'applied', kept);
  for (const damage of ['', '{', '{"treeId":"x","touched":[]}', `{"treeId":"${'a'.repeat(40)}","touched":[]}`]) {
    writeFileSync(record, damage);
    t.equal((await apply(mbox())).treeId, first.treeId, damage);
    t.match(readFileSync(record, 'utf8'), first.treeId);
  }
});

t.test('hunks may be moved, but their context must be exact', async (t) => {
  const { apply, put, repo, base } = world(t);
  gitIn(repo, 'checkout', '-q', '-B', 'moved', base);
  commit(repo, 'shift', { 'fs/fuse/file.c': `\n\n\n${file}` });
  commit(repo, 'change', { 'fs/fuse/file.c': `\n\n\n${edited({ 30: '\tthirty;' })}` });
  t.same([...(await apply(put('m.diff', `${gitIn(repo, 'diff', 'HEAD~1', 'HEAD')}\n`))).touched.keys()], ['fs/fuse/file.c']);
  commit(repo, 'context', { 'fs/fuse/file.c': edited({ 27: '\tother;' }) });
  commit(repo, 'change again', { 'fs/fuse/file.c': edited({ 27: '\tother;', 30: '\tthirty;' }) });
  const error = await errorOf(apply(put('c.diff', `${gitIn(repo, 'diff', 'HEAD~1', 'HEAD')}\n`)));
  t.match(error, { blame: 'series', code: 'series-does-not-apply' });
});

t.test('a failure names patch, file, hunk, the line that differs and the blobs, and that the base is another', async (t) => {
  const { apply, put, repo, base, source } = world(t);
  gitIn(repo, 'checkout', '-q', '-B', 'other', base);
  const ahead = commit(repo, 'ahead', { 'fs/fuse/file.c': edited({ 42: '\tahead;' }) });
  commit(repo, 'fuse: fine', { 'fs/fuse/dir.c': 'DIR\n' });
  commit(repo, 'fuse: late', { 'fs/fuse/file.c': edited({ 3: '\tx;', 41: '\ty;', 42: '\tahead;' }) });
  const path = put('s.mbox', `${gitIn(repo, 'format-patch', '--stdout', `--base=${ahead}`, ahead)}\n`);
  const error = await errorOf(apply(path));
  t.match(error, { blame: 'series', code: 'series-does-not-apply' });
  t.match(error.message, /^patch 2\/2 "fuse: late" does not apply: fs\/fuse\/file\.c, hunk 2 of 2 \(@@ -38,7 \+38,7 @@/);
  const details = error.details.join('\n');
  const [made, here] = [gitIn(repo, 'rev-parse', '--short', `${ahead}:fs/fuse/file.c`), gitIn(repo, 'rev-parse', `${base}:fs/fuse/file.c`)];
  t.match(details, 'from s.mbox, mail 2');
  t.match(details, 'the hunk fits best at line 38, but line 42 differs:\n  patch: "→ahead;"\n  tree:  "→line 42;"');
  t.match(details, `fs/fuse/file.c: made against blob ${made}; this tree (6.12.107) has ${here.slice(0, 12)} there, and ${made} is not in its repository`);
  t.match(details, '1 of 2 files are not as in debian:6.12 (6.12.107): the series is for another base');
  t.match(error.next, `--kernel git:PATH@${ahead}`);
  untouched(t, source);
  t.same(leftIn(join(source.lineage.gitDir, '..')).filter((name) => name.startsWith('tmp')), []);
});

t.test('a series that is in the tree already is said to be', async (t) => {
  const { dir, host, repo, put, diffOf } = world(t);
  const source = sourceOf(join(dir), { repository: repo, rev: 'HEAD' });
  const series = await readSeries(host, [put('again.diff', diffOf('HEAD~2'))], debian);
  const error = await errorOf(applySeries(host, source, series));
  t.match(error.details.join('\n'), 'already has this change');
  t.match(error.next, 'leave the patch out');
  t.notMatch(error.details.join('\n'), 'another base');
});

t.test('tabs that a mail program ate are said to be the reason', async (t) => {
  const { apply, put, diffOf } = world(t);
  const error = await errorOf(apply(put('tabs.diff', diffOf('HEAD~2').replaceAll('\t', '        '))));
  t.match(error.details.join('\n'), 'only white space differs');
  t.match(error.details.join('\n'), 'every file is as it was when the series was made');
  t.match(error.next, 'raw patch');
});

t.test('a later patch of a file was made on what the earlier ones left, and is no sign of another base', async (t) => {
  const { apply, put, diffOf } = world(t);
  const spoilt = diffOf('HEAD~1').replace('line 41', 'line XLI');
  const error = await errorOf(apply(put('1.diff', diffOf('HEAD~2')), put('2.diff', spoilt)));
  t.match(error.message, 'patch 2/2 "2.diff" does not apply: fs/fuse/file.c, hunk 1 of 1');
  t.match(error.details.join('\n'), 'every file is as it was when the series was made');
});

t.test('a file that is not there, and a new file that is, are named', async (t) => {
  const { apply, put } = world(t);
  const gone = await errorOf(apply(put('gone.diff', '--- a/fs/none.c\n+++ b/fs/none.c\n@@ -1 +1 @@\n-a\n+b\n')));
  t.match(gone.message, 'patch 1/1 "gone.diff" does not apply: fs/none.c, there is no such file in this tree');
  t.match(gone.details.join('\n'), 'no index lines');
  const there = await errorOf(apply(put('there.patch', mail({ subject: '[PATCH] there', body: newFile('fs/fuse/file.c') }))));
  t.match(there.message, /"there" does not apply: fs\/fuse\/file\.c, already exists/);
  t.match(there.details.join('\n'), 'fs/fuse/file.c: made as a new file; this tree (6.12.107) has it already');
});

t.test('white space that git complains about changes nothing', async (t) => {
  const { apply, put } = world(t);
  const diff = '--- a/fs/fuse/dir.c\n+++ b/fs/fuse/dir.c\n@@ -1 +1,3 @@\n dir\n+trailing   \n+ \t space before tab\n';
  t.same([...(await apply(put('w.diff', diff))).touched.keys()], ['fs/fuse/dir.c']);
});

t.test('a series that changes nothing in the end, or has no patch, is the tree itself', async (t) => {
  const { apply, put, repo, base, source, host } = world(t);
  const there = put('1.diff', `${gitIn(repo, 'diff', base, 'HEAD~2')}\n`);
  const back = put('2.diff', `${gitIn(repo, 'diff', 'HEAD~2', base)}\n`);
  const patched = await apply(there, back);
  t.equal(patched.treeId, source.treeId);
  t.equal(patched.touched.size, 0);
  t.equal((await applySeries(host, source, { label: '', patches: [] })).treeId, source.treeId);
});

t.test('a link that only a rename turns out of the tree is refused', async (t) => {
  const { dir, host, repo } = world(t);
  gitIn(repo, 'checkout', '-q', '-b', 'link');
  execFileSync('ln', ['-s', '../../lib', 'fs/fuse/link'], { cwd: repo });
  commit(repo, 'link', {});
  const source = sourceOf(dir, { repository: repo, rev: 'link' });
  const path = join(dir, 'r.diff');
  writeFileSync(path, 'diff --git a/fs/fuse/link b/link\nsimilarity index 100%\nrename from fs/fuse/link\nrename to link\n');
  const error = await errorOf(applySeries(host, source, await readSeries(host, [path], debian)));
  t.match(error, { blame: 'usage', code: 'bad-series', message: /"link": a symbolic link out of the tree, to "..\/..\/lib"/ });
});

t.test('Ctrl-C ends it and leaves no temporary file', async (t) => {
  const { host, source, mbox } = world(t);
  const series = await readSeries(host, [mbox()], debian);
  const stop = new AbortController();
  const stopping = { ...host, signal: stop.signal };
  setTimeout(() => stop.abort(new Error('interrupted')), 5);
  await t.rejects(applySeries(stopping, source, series), { message: 'interrupted' });
  untouched(t, source);
});
