import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { runGit, tryGit } from '../../../harness/kernel/git.ts';
import { errorOf, gitIn, repository, testHost } from '../series/series-fixture.ts';

t.test('neither the environment nor the configuration of the user reaches git', async (t) => {
  const dir = t.testdir({ home: { '.gitconfig': '[apply]\n\twhitespace = error\n[user]\n\tname = Me\n' } });
  const { host } = testHost(dir);
  const repo = repository(join(dir, 'repo'), { a: 'a\n' });
  const before = { ...process.env };
  t.teardown(() => {
    for (const name of ['HOME', 'GIT_DIR', 'GIT_INDEX_FILE', 'GIT_CONFIG_PARAMETERS']) delete process.env[name];
    Object.assign(process.env, before);
  });
  Object.assign(process.env, { HOME: join(dir, 'home'), GIT_DIR: '/nowhere', GIT_INDEX_FILE: '/nowhere', GIT_CONFIG_PARAMETERS: "'apply.whitespace'='fix'" });
  const settings = (await runGit(host, { cwd: repo, args: ['config', '--list'] })).toString();
  t.notMatch(settings, /whitespace|user\.name/);
  t.equal((await runGit(host, { cwd: repo, args: ['ls-files'] })).toString(), 'a\n');
});

t.test('a failure is a result for tryGit() and a typed error with the last words for runGit()', async (t) => {
  const { host } = testHost(t.testdir());
  const call = { gitDir: join(host.root, 'none'), args: ['cat-file', '-e', 'HEAD'] };
  t.equal((await tryGit(host, call)).ok, false);
  const error = await errorOf(runGit(host, call));
  t.match(error, { blame: 'machine', code: 'program-failed', message: /^git cat-file: ended with 128 in / });
  t.match(error.details.join(), /not a git repository/);
});

t.test('a git that takes too long is ended, and the message names it and the bound', async (t) => {
  const dir = t.testdir();
  const { host } = testHost(dir);
  const repo = repository(join(dir, 'repo'), { a: 'a' });
  writeFileSync(join(dir, 'slow'), '#!/bin/sh\nexec sleep 30\n', { mode: 0o755 });
  gitIn(repo, 'config', 'alias.slow', `!${join(dir, 'slow')}`);
  const error = await errorOf(tryGit(host, { cwd: repo, args: ['slow'], timeoutMs: 1000 }));
  t.match(error, { blame: 'machine', code: 'timed-out', message: 'git slow: not finished after its limit of 1 s' });
});
