import { existsSync, mkdirSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import type { Mark } from '../../../harness/judge/bisect-mark.ts';
import { bisectCommits, checkRange, type CommitNote, type CommitRange, type Left } from '../../../harness/kernel/bisect-commits.ts';
import { findCommit } from '../../../harness/kernel/source/git-source.ts';
import { errorOf, git, testHost } from './kernel-fixture.ts';

/** A repository with the commits c1 to c<n>, and how to bisect it. */
function bench(t: Test, n: number): {
  readonly host: ReturnType<typeof testHost>; readonly dir: string;
  range(good: string, bad: string, dir?: string): Promise<CommitRange>;
  tested: string[]; lefts: Left[];
  marking(mark: (subject: string) => Mark | 'stop'): (commit: CommitNote, left: Left) => Promise<Mark | 'stop'>;
} {
  const host = testHost(t);
  const dir = join(host.dir, '#li"nux');
  mkdirSync(dir, { recursive: true });
  git(dir, 'init', '-q', '-b', 'main');
  for (let at = 1; at <= n; at += 1) {
    git(dir, 'commit', '-q', '--allow-empty', '-m', `c${at}`);
    git(dir, 'tag', `c${at}`);
  }
  const tested: string[] = [];
  const lefts: Left[] = [];
  return {
    host, dir, tested, lefts,
    range: async (good, bad, path = dir) => ({
      good: await findCommit(host, { path, rev: good, spec: 'x' }), bad: await findCommit(host, { path, rev: bad, spec: 'x' }), goodText: good, badText: bad,
    }),
    marking: (mark) => (commit, left) => {
      tested.push(commit.subject);
      lefts.push(left);
      return Promise.resolve(mark(commit.subject));
    },
  };
}

const number = (subject: string): number => Number(subject.slice(1));

t.test('the first bad commit is found in as many steps as git bisect takes, wherever it is', async (t) => {
  const at = bench(t, 17);
  for (let first = 2; first <= 17; first += 1) {
    at.tested.length = 0;
    const end = await bisectCommits(at.host, await at.range('c1', 'c17'), at.marking((subject) => (number(subject) < first ? 'good' : 'bad')));
    t.match(end, { kind: 'found', commit: { id: git(at.dir, 'rev-parse', `c${first}`), subject: `c${first}`, author: 'a <a@localhost>', date: /^\d{4}-/ } });
    t.ok(at.tested.length <= 4, `${at.tested.length} tested`);
  }
  t.match(at.lefts[0], { revisions: 7, steps: 3 }, 'what is left is told');
});

t.test('nothing of the repository is written to, and nothing of our own is left', async (t) => {
  const at = bench(t, 6);
  const list = (): string => readdirSync(join(at.dir, '.git'), { recursive: true }).map((name) => `${String(name)} ${String(statSync(join(at.dir, '.git', String(name))).mtimeMs)}`).sort().join();
  const [before, refs, head] = [list(), git(at.dir, 'for-each-ref'), readFileSync(join(at.dir, '.git/HEAD'), 'utf8')];
  await bisectCommits(at.host, await at.range('c1', 'c6'), at.marking((subject) => {
    t.notOk(existsSync(join(at.dir, '.git/BISECT_LOG')));
    return number(subject) < 4 ? 'good' : 'bad';
  }));
  t.same([list(), git(at.dir, 'for-each-ref'), readFileSync(join(at.dir, '.git/HEAD'), 'utf8')], [before, refs, head]);
  t.same(readdirSync(join(at.host.cache, 'tmp')), []);
});

t.test('skipped commits are not blamed: the range is what is left beside them', async (t) => {
  const at = bench(t, 6);
  const end = await bisectCommits(at.host, await at.range('c1', 'c6'), at.marking((subject) => (['c3', 'c4'].includes(subject) ? 'skip' : number(subject) < 4 ? 'good' : 'bad')));
  t.match(end, { kind: 'range', why: 'skipped', of: 3 });
  t.same(end.kind === 'range' && end.commits.map(({ subject }) => subject).sort(), ['c3', 'c4', 'c5']);
  const beside = await bisectCommits(at.host, await at.range('c1', 'c6'), at.marking((subject) => (subject === 'c3' ? 'skip' : number(subject) < 5 ? 'good' : 'bad')));
  t.match(beside, { kind: 'found', commit: { subject: 'c5' } }, 'one that does not matter does not matter');
});

t.test('whoever stops is told what is left', async (t) => {
  const at = bench(t, 9);
  const end = await bisectCommits(at.host, await at.range('c1', 'c9'), at.marking(() => (at.tested.length > 1 ? 'stop' : 'good')));
  t.same(end.kind === 'range' && end.commits.map(({ subject }) => subject), ['c9', 'c8', 'c7', 'c6']);
  t.match(end, { why: 'stopped', of: 4 });
});

t.test('ends that are the same, swapped or on two branches are bad usage', async (t) => {
  const at = bench(t, 3);
  git(at.dir, 'checkout', '-q', '-b', 'side', 'c1');
  git(at.dir, 'commit', '-q', '--allow-empty', '-m', 'side');
  const wrong: readonly (readonly [string, string, RegExp])[] = [
    ['c2', 'main~1', /both are commit [0-9a-f]{12}/],
    ['c3', 'c1', /the bad commit is an ancestor of the good one/],
    ['side', 'c3', /not an ancestor of the bad one/],
  ];
  for (const [good, bad, said] of wrong) t.match(await errorOf(checkRange(at.host, await at.range(good, bad))), { blame: 'usage', code: 'bad-usage', message: said });
  t.match(await errorOf(at.range('c1', 'c77')), { blame: 'usage', code: 'bad-kernel-spec', message: /no commit "c77"/ });
  await t.resolves(checkRange(at.host, await at.range('c1', 'c3')));
});

t.test('a shallow clone is bisected as far as it goes, and a merge with both its sides', async (t) => {
  const at = bench(t, 8);
  const clone = join(at.host.dir, 'shallow');
  git(at.host.dir, 'clone', '-q', '--no-local', '--depth', '5', `file://${at.dir}`, clone);
  const end = await bisectCommits(at.host, await at.range('HEAD~4', 'HEAD', clone), at.marking((subject) => (number(subject) < 6 ? 'good' : 'bad')));
  t.match(end, { kind: 'found', commit: { subject: 'c6' } });
  git(at.dir, 'checkout', '-q', '-b', 'side', 'c2');
  git(at.dir, 'commit', '-q', '--allow-empty', '-m', 'on the side');
  git(at.dir, 'checkout', '-q', 'main');
  git(at.dir, 'merge', '-q', '-m', 'merge', 'side');
  const merged = await bisectCommits(at.host, await at.range('c1', 'main'), at.marking((subject) => (/side|merge/.test(subject) ? 'bad' : 'good')));
  t.match(merged, { kind: 'found', commit: { subject: 'on the side' } });
});

t.test('a subject that looks like what git bisect says, and one with escapes, are only subjects', async (t) => {
  const at = bench(t, 2);
  const forged = `${'0'.repeat(40)} is the first bad commit`;
  for (const subject of [forged, `# first bad commit: [${'1'.repeat(40)}] x`, '\u001b[31mred\u001b[0m', 'last']) git(at.dir, 'commit', '-q', '--allow-empty', '-m', subject, '--cleanup=verbatim');
  const end = await bisectCommits(at.host, await at.range('c1', 'main'), at.marking((subject) => (['c2', forged].includes(subject) || subject.startsWith('# first') ? 'good' : 'bad')));
  t.match(end, { kind: 'found', commit: { subject: 'red', id: git(at.dir, 'rev-parse', 'main~1') } });
});

t.test('what the judge throws ends it, and leaves nothing', async (t) => {
  const at = bench(t, 5);
  await t.rejects(bisectCommits(at.host, await at.range('c1', 'c5'), () => Promise.reject(new Error('no more'))), /no more/);
  t.same(readdirSync(join(at.host.cache, 'tmp')), []);
});
