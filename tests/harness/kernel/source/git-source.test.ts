import { chmodSync, chownSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import type { Host } from '../../../../harness/host/host.ts';
import { checkoutTree } from '../../../../harness/kernel/source/checkout-tree.ts';
import { obtainSource } from '../../../../harness/kernel/source/obtain-source.ts';
import { parseKernelSpec } from '../../../../harness/kernel/source/parse-kernel-spec.ts';
import type { Source } from '../../../../harness/kernel/types.ts';
import { errorOf, filesOf, git, listing, testHost, writeKernel } from '../kernel-fixture.ts';

function obtain(host: Host, text: string): Promise<Source> {
  return obtainSource(host, parseKernelSpec(text), text);
}

function repository(host: { readonly dir: string }, name = 'linux'): string {
  const dir = writeKernel(join(host.dir, name));
  git(dir, 'init', '-q', '-b', 'main');
  git(dir, 'add', '.');
  git(dir, 'commit', '-qm', 'one');
  git(dir, 'tag', '-am', 'a tag', 'v1');
  writeFileSync(join(dir, 'fs/fuse/file.c'), 'int fuse = 2;\n');
  git(dir, 'commit', '-qam', 'two');
  return dir;
}

t.test('a revision is a commit, a tag or a branch, and nothing is HEAD when nothing has changed', async (t) => {
  const host = testHost(t);
  const dir = repository(host);
  const [one, two] = [git(dir, 'rev-parse', 'v1^{commit}'), git(dir, 'rev-parse', 'HEAD')];
  t.equal((await obtain(host, `git:${dir}@v1`)).origin, `commit ${one}`);
  t.equal((await obtain(host, `git:${dir}@main~1`)).origin, `commit ${one}`);
  t.equal((await obtain(host, `git:${dir}@HEAD@{0}`)).origin, `commit ${two}`);
  const source = await obtain(host, `git:${dir}`);
  t.match(source, { origin: `commit ${two}`, version: '6.12.7', treeId: git(dir, 'rev-parse', 'HEAD^{tree}') });
  await checkoutTree(host, source.lineage, source.treeId);
  t.same(filesOf(source.lineage.workTree), filesOf(dir));
});

t.test('for a revision uncommitted changes, the index and hooks play no part, and the repository is not written to', async (t) => {
  const host = testHost(t);
  const dir = repository(host);
  writeFileSync(join(dir, '.git/hooks/post-checkout'), '#!/bin/sh\ntouch hooked\n', { mode: 0o755 });
  git(dir, 'config', 'core.hooksPath', '.git/hooks');
  writeFileSync(join(dir, 'fs/fuse/file.c'), 'uncommitted\n');
  const before = listing(dir);
  const source = await obtain(host, `git:${dir}@HEAD`);
  await checkoutTree(host, source.lineage, source.treeId);
  t.equal(filesOf(source.lineage.workTree)['fs/fuse/file.c'], 'int fuse = 2;\n');
  t.notOk(filesOf(source.lineage.workTree)['hooked']);
  t.equal(listing(dir), before);
});

t.test('bare repositories, linked work trees, subdirectories and paths with an @ are all the same to it', async (t) => {
  const host = testHost(t);
  const dir = repository(host, 'li@nux');
  git(host.dir, 'clone', '-q', '--bare', dir, 'bare.git');
  git(dir, 'worktree', 'add', '-q', join(host.dir, 'linked'), 'v1');
  const tree = git(dir, 'rev-parse', 'HEAD^{tree}');
  t.equal((await obtain(host, `git:${dir}@HEAD`)).treeId, tree);
  t.equal((await obtain(host, `git:${dir}/fs@HEAD`)).treeId, tree);
  const bare = await obtain(host, `git:${join(host.dir, 'bare.git')}`);
  t.equal(bare.treeId, tree);
  const linked = await obtain(host, `git:${join(host.dir, 'linked')}`);
  t.equal(linked.treeId, git(dir, 'rev-parse', 'v1^{tree}'));
  await checkoutTree(host, linked.lineage, linked.treeId);
  t.same(filesOf(linked.lineage.workTree)['fs/fuse/file.c'], 'int fuse;\n');
});

t.test("another owner's repository can be read", { skip: process.getuid?.() === 0 ? false : 'only root can give files away' }, async (t) => {
  const host = testHost(t);
  const dir = repository(host);
  for (const name of ['', ...readdirSync(dir, { recursive: true }).map(String)]) chownSync(join(dir, name), 12345, 12345);
  chmodSync(host.dir, 0o755);
  t.match(await obtain(host, `git:${dir}`), { version: '6.12.7' });
});

t.test('a wrong path or revision is named', async (t) => {
  const host = testHost(t);
  const dir = repository(host);
  writeFileSync(join(host.dir, 'file'), '');
  const cases: readonly (readonly [string, RegExp])[] = [
    [`git:${dir}@v9`, /has no commit "v9"/],
    [`git:${dir}@v1..main`, /has no commit/],
    [`git:${dir}@main^{tree}`, /has no commit/],
    [`git:${join(host.dir, 'nowhere')}@v1`, /there is no/],
    [`git:${join(host.dir, 'file')}@v1`, /not a directory/],
    ['git:/proc@v1', /not a git repository/],
  ];
  for (const [text, message] of cases) {
    const error = await errorOf(obtain(host, text));
    t.match(error, { blame: 'usage', code: 'bad-kernel-spec', message }, text);
  }
  git(dir, 'rm', '-rq', 'fs');
  git(dir, 'commit', '-qm', 'no fuse');
  t.match(await errorOf(obtain(host, `git:${dir}`)), { blame: 'usage', code: 'bad-kernel-spec', message: /fs\/fuse/ });
});

t.test('a repository of the cache is its own lineage, another beside it is not', async (t) => {
  const host = testHost(t);
  const dir = repository(host);
  const source = await obtain(host, `git:${dir}@v1`);
  const commit = git(dir, 'rev-parse', 'v1^{commit}');
  t.same((await obtain(host, `git:${source.lineage.gitDir}@${commit}`)).lineage, source.lineage);
  git(host.cache, 'clone', '-q', '--bare', dir, join(host.cache, 'trees/other'));
  t.not((await obtain(host, `git:${join(host.cache, 'trees/other')}@v1`)).lineage.dir, source.lineage.dir);
});
