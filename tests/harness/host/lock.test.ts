import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { execa } from 'execa';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { cachedDir } from '../../../harness/host/cached-dir.ts';
import type { Host } from '../../../harness/host/host.ts';
import { withLock } from '../../../harness/host/lock.ts';

const signal = new AbortController().signal;
const sleep = (ms: number): Promise<void> => new Promise((done) => setTimeout(done, ms));

function hostOf(t: Test): Host {
  return { cache: t.testdir({}), root: '/', emit: () => undefined, signal, jobs: 1 };
}

/** Another process that holds, in `cache`, what its word says, until it is killed; settles when it has it. */
async function holder(what: 'lock' | 'maker', cache: string): Promise<{ kill(): Promise<void> }> {
  const child = execa(process.execPath, [...process.execArgv, join(import.meta.dirname, 'hold.ts'), what, cache], { reject: false, timeout: 30_000 });
  const said = await Promise.race([new Promise<boolean>((done) => child.stdout.once('data', () => done(true))), child.then(() => false)]);
  if (!said) throw new Error(`the ${what} ended before it held anything`);
  return {
    kill: async () => {
      child.kill('SIGKILL');
      await child;
    },
  };
}

t.test('only one at a time works under a lock', async (t) => {
  const file = join(t.testdir({}), 'deep/lock');
  let inside = 0;
  let most = 0;
  await Promise.all(Array.from({ length: 4 }, () => withLock({ file, timeoutMs: 10_000, signal }, async () => {
    most = Math.max(most, (inside += 1));
    await sleep(30);
    inside -= 1;
  })));
  t.equal(most, 1);
});

t.test('work that throws frees its lock, and its error comes out', async (t) => {
  const file = join(t.testdir({}), 'lock');
  await t.rejects(withLock({ file, timeoutMs: 1000, signal }, () => Promise.reject(new Error('broken'))), { message: 'broken' });
  t.equal(await withLock({ file, timeoutMs: 1000, signal }, async () => 7), 7);
});

t.test('who waits too long is told for how long; a holder that is killed frees it', async (t) => {
  const host = hostOf(t);
  const file = join(host.cache, 'lock');
  const other = await holder('lock', host.cache);
  let waited = false;
  await t.rejects(withLock({ file, timeoutMs: 1000, signal, onWait: () => (waited = true) }, async () => undefined), {
    code: 'timed-out', blame: 'machine', message: `${file}: another diorama has held this lock for 1 s`,
  });
  t.ok(waited);
  const waiting = withLock({ file, timeoutMs: 20_000, signal }, async () => 'mine');
  await other.kill();
  t.equal(await waiting, 'mine');
});

t.test('an abort ends the waiting, and throws the reason', async (t) => {
  const host = hostOf(t);
  const other = await holder('lock', host.cache);
  const stop = new AbortController();
  setTimeout(() => stop.abort(new Error('Ctrl-C')), 200);
  await t.rejects(withLock({ file: join(host.cache, 'lock'), timeoutMs: 60_000, signal: stop.signal }, async () => undefined), { message: 'Ctrl-C' });
  await other.kill();
});

t.test('a place that cannot be locked is no lock that somebody holds', async (t) => {
  const dir = t.testdir({ file: 'text', folder: {} });
  await t.rejects(withLock({ file: join(dir, 'file/lock'), timeoutMs: 1000, signal }, async () => undefined), { code: 'program-failed', message: /cannot be written/ });
  const path = process.env['PATH'];
  t.teardown(() => (process.env['PATH'] = path));
  process.env['PATH'] = dir;
  await t.rejects(withLock({ file: join(dir, 'lock'), timeoutMs: 1000, signal }, async () => undefined), { code: 'program-missing', message: 'flock: not installed' });
});

t.test('two at once make a cached directory once, and both have it whole', async (t) => {
  const host = hostOf(t);
  let made = 0;
  const make = async (dir: string): Promise<void> => {
    made += 1;
    await sleep(50);
    writeFileSync(join(dir, 'content'), 'x');
  };
  const both = await Promise.all([cachedDir(host, { kind: 'k', key: 'a' }, make), cachedDir(host, { kind: 'k', key: 'a' }, make)]);
  t.equal(made, 1);
  t.strictSame(both.map(({ reused }) => reused).sort(), [false, true]);
  t.equal(readFileSync(join(both[0].dir, 'content'), 'utf8'), 'x');
});

t.test('a maker that throws leaves nothing, and the next one makes it', async (t) => {
  const host = hostOf(t);
  await t.rejects(cachedDir(host, { kind: 'k', key: 'a' }, (dir) => {
    writeFileSync(join(dir, 'half'), 'x');
    return Promise.reject(new Error('broken'));
  }), { message: 'broken' });
  t.strictSame(readdirSync(join(host.cache, 'k')), ['.lock-a']);
  t.match(await cachedDir(host, { kind: 'k', key: 'a' }, async () => undefined), { reused: false });
});

t.test('a maker that is killed leaves the key absent, and the next one clears its rest away', async (t) => {
  const host = hostOf(t);
  const other = await holder('maker', host.cache);
  const parts = (): string[] => readdirSync(join(host.cache, 'k')).filter((name) => name.startsWith('.part-'));
  t.equal(parts().length, 1);
  await other.kill();
  t.notOk(existsSync(join(host.cache, 'k/a')));
  const living = cachedDir(host, { kind: 'k', key: 'b' }, async (dir) => {
    t.match(await cachedDir(host, { kind: 'k', key: 'a' }, async () => undefined), { reused: false });
    t.ok(existsSync(dir), 'what somebody makes now stays');
  });
  t.match(await living, { reused: false });
  t.strictSame(parts(), []);
});

t.test('a cache that cannot be written is told as such', async (t) => {
  const host = hostOf(t);
  writeFileSync(join(host.cache, 'k'), 'a file');
  await t.rejects(cachedDir(host, { kind: 'k', key: 'a' }, async () => undefined), { blame: 'machine', code: 'program-failed', message: /cannot be written/ });
});
