import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { commitRange } from '../../../harness/nightly/commit-range.ts';
import { askRemote, fetchBranch, withoutSecrets } from '../../../harness/nightly/mirror.ts';
import { errorOf, git, testHost } from '../kernel/kernel-fixture.ts';
import { smallRemote } from './moving-remote.ts';

const fetchMs = 60_000;

t.test('a branch is asked for, fetched once, and again when it moved', async (t) => {
  const host = testHost(t);
  const made = smallRemote(join(host.dir, 'remote.git'), { Makefile: 'VERSION = 6\n' });
  const remote = { remote: made.path, branch: 'master' };
  t.equal(await askRemote(host, remote), made.first);
  const first = await fetchBranch(host, { ...remote, commit: made.first, fetchMs });
  t.equal(first.commit, made.first);
  t.equal(git(first.path, 'cat-file', '-t', made.first), 'commit');

  const second = made.push('fs/fuse moves', { files: { 'fs/fuse/file.c': 'int fuse;\n' } });
  const third = made.push('something else', { files: { other: 'x\n' } });
  t.same(await fetchBranch(host, { ...remote, commit: await askRemote(host, remote), fetchMs }), { commit: third, path: first.path });
  t.match(await commitRange(host, { path: first.path, from: made.first, to: third }), { relation: 'ahead', count: 2, fuse: 1, commits: [{ id: second, subject: 'fs/fuse moves' }, { id: third }] });

  made.reset(made.first);
  const other = made.push('rebased', { files: { other: 'y\n' } });
  t.equal((await fetchBranch(host, { ...remote, commit: await askRemote(host, remote), fetchMs })).commit, other, 'a branch that was rebased is followed');
  t.match(await commitRange(host, { path: first.path, from: third, to: other }), { relation: 'rebased', count: 1, commits: [{ id: other }] });
  t.match(await commitRange(host, { path: first.path, from: '1'.repeat(40), to: other }), { relation: 'unknown', count: 0 });

  rmSync(made.path, { recursive: true });
  t.equal((await fetchBranch(host, { ...remote, commit: other, fetchMs })).commit, other, 'what is there needs no remote');
  made.remove();
});

t.test('when the branch moved on between asking and fetching, and left the commit behind, its new commit is taken', async (t) => {
  const host = testHost(t);
  const made = smallRemote(join(host.dir, 'remote.git'), { Makefile: 'VERSION = 6\n' });
  t.equal((await fetchBranch(host, { remote: made.path, branch: 'master', commit: '2'.repeat(40), fetchMs })).commit, made.first);
  made.remove();
});

t.test('what cannot be reached says so in a line, without the password of its URL', async (t) => {
  const host = testHost(t);
  const away = await errorOf(askRemote(host, { remote: 'http://me:secret@localhost:1/linux.git', branch: 'master' }));
  t.match(away, { blame: 'machine', code: 'program-failed', message: 'http://localhost:1/linux.git: cannot be reached' });
  t.notMatch([away.message, ...away.details].join('\n'), /secret/);
  const fetched = await errorOf(fetchBranch(host, { remote: join(host.dir, 'gone.git'), branch: 'master', commit: '3'.repeat(40), fetchMs }));
  t.match(fetched, { blame: 'machine', message: /gone\.git: cannot be reached/ });
  t.equal(withoutSecrets('ssh://me@host/x@y'), 'ssh://host/x@y');
});

t.test('a URL does not run a program', async (t) => {
  const host = testHost(t);
  const file = join(host.dir, 'ran');
  const error = await errorOf(askRemote(host, { remote: `ext::touch ${file}`, branch: 'master' }));
  t.equal(error.blame, 'machine');
  t.notOk(existsSync(file));
});
