import { mkdir, readdir, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { cacheLimit } from '../../../harness/cache/cache-limit.ts';
import { removeLeftovers } from '../../../harness/cache/leftovers.ts';
import { planTrim } from '../../../harness/cache/plan-trim.ts';
import { surveyCache } from '../../../harness/cache/survey.ts';
import { trim, trimAfterGrowth } from '../../../harness/cache/trim-cache.ts';
import { holdLock } from '../../../harness/host/hold-lock.ts';
import type { Host } from '../../../harness/host/host.ts';

const entry = (kind: string, name: string, bytes: number, usedMs: number): { kind: string; name: string; bytes: number; usedMs: number } => ({ kind, name, bytes, usedMs });

function hostOf(cache: string): Host {
  return { cache, root: '/nowhere', emit: () => undefined, signal: new AbortController().signal, jobs: 1 };
}

/** A cache of three templates of 1 MiB, used 3, 2 and 1 hours ago, and a play. */
async function smallCache(t: Test): Promise<string> {
  const cache = t.testdir({});
  for (const [at, name] of ['a', 'b', 'c'].entries()) {
    const dir = join(cache, 'templates', name);
    await mkdir(dir, { recursive: true });
    await writeFile(join(dir, 'ram'), Buffer.alloc(1024 ** 2, 1));
    const used = new Date(Date.now() - (3 - at) * 3_600_000);
    await utimes(dir, used, used);
  }
  await mkdir(join(cache, 'plays'));
  await writeFile(join(cache, 'plays/p'), 'x');
  return cache;
}

t.test('what was used longest ago goes first, and a tenth of the limit is made free', async (t) => {
  const entries = [entry('plays', 'new', 40, 30), entry('templates', 'old', 30, 10), entry('variants', 'middle', 30, 20)];
  const names = (limit: number, sinceMs = 100): string[] => planTrim(entries, { limit, sinceMs }).map(({ name }) => name);
  t.same(names(100), [], 'what is within the limit stays');
  t.same(names(99), ['old']);
  t.same(names(70), ['old', 'middle']);
  t.same(names(10), ['old', 'middle', 'new']);
  t.same(names(10, 20), ['old'], 'what was used since stays, whatever the limit');
});

t.test('what belongs to no kind, and what is slow to come by, is not evicted', async (t) => {
  t.same(planTrim([entry('other', 'x', 100, 1), entry('node', 'v20', 100, 1), entry('apt', 'y', 100, 1)], { limit: 1, sinceMs: 100 }), []);
});

t.test('a survey knows room and last use of folders and files, and passes over what is half made', async (t) => {
  const cache = await smallCache(t);
  await mkdir(join(cache, 'templates/.part-1.2-abcdef'));
  await writeFile(join(cache, 'plays/.part-1-00'), 'x');
  await writeFile(join(cache, 'size.txt'), 'x');
  const entries = await surveyCache(hostOf(cache));
  t.same(entries.map(({ kind, name }) => `${kind}/${name}`).sort(), ['other/size.txt', 'plays/p', 'templates/a', 'templates/b', 'templates/c']);
  const a = entries.find(({ name }) => name === 'a');
  t.ok(a && a.bytes >= 1024 ** 2 && a.bytes < 1.1 * 1024 ** 2);
  t.ok(a && Math.abs(Date.now() - 3 * 3_600_000 - a.usedMs) < 60_000);
});

t.test('trimming removes entries whole, and leftovers of the dead', async (t) => {
  const cache = await smallCache(t);
  for (const name of ['templates/.part-1.2-abcdef', 'templates/.removed-x', 'shell-1.2-abcdef', 'trees/k/tmp-apply-1.2-abcdef']) await mkdir(join(cache, name, 'deep'), { recursive: true });
  const gone = await trim(hostOf(cache), { limit: 2.5 * 1024 ** 2, sinceMs: Date.now() });
  t.same(gone.map(({ name }) => name), ['a']);
  t.same((await readdir(join(cache, 'templates'))).sort(), ['b', 'c']);
  t.same((await readdir(cache)).filter((name) => name.startsWith('shell-')), []);
  t.same(await readdir(join(cache, 'trees/k')), []);
  t.equal(await removeLeftovers(hostOf(cache)), 0);
});

t.test('what a run made is added up; only beyond the limit is anything looked at, and only alone', async (t) => {
  const cache = await smallCache(t);
  const host = hostOf(cache);
  const grown = [join(cache, 'templates/c')];
  const now = { grown, sinceMs: Date.now() - 1000 };
  t.same(await trimAfterGrowth(host, { ...now, limit: 10 * 1024 ** 2 }), [], 'the first time it is surveyed');
  const other = await holdLock(join(cache, '.users'), 'shared');
  t.same(await trimAfterGrowth(host, { ...now, limit: 2.5 * 1024 ** 2 }), [], 'somebody else is there');
  t.equal((await readdir(join(cache, 'templates'))).length, 3);
  await other?.release();
  t.same((await trimAfterGrowth(host, { ...now, limit: 2.5 * 1024 ** 2 })).map(({ name }) => name), ['a']);
  t.same(await trimAfterGrowth(host, { grown: [], sinceMs: Date.now(), limit: 1 }), [], 'who made nothing looks at nothing');
});

t.test('the limit is a size', async (t) => {
  t.equal(cacheLimit({}), 40 * 1024 ** 3);
  t.equal(cacheLimit({ DIORAMA_CACHE_LIMIT: '512M' }), 512 * 1024 ** 2);
  for (const wrong of ['lots', '-1', '0', '1.5G']) t.throws(() => cacheLimit({ DIORAMA_CACHE_LIMIT: wrong }), /DIORAMA_CACHE_LIMIT=.*expected a size/);
});
