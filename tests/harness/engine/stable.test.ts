import { execa } from 'execa';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { z } from 'zod';
import { cacheRoot } from '../../../harness/host/paths.ts';
import { diorama, processesWith, readText, root, type Ended } from './run-diorama.ts';

const scene = 'parallel-writes-meet';

const verdict = z.object({ kind: z.string(), reason: z.string() });
const document = z.object({
  dir: z.string(), runs: z.number(), load: z.number(), seed: z.number(), guest: z.string(), kernel: z.object({ spec: z.string(), version: z.string() }),
  scenes: z.array(z.object({
    scene: z.string(), plays: z.number(), verdict, traceId: z.string(),
    differing: z.array(z.object({
      run: z.number(), against: z.number(), in: z.string(), verdicts: z.array(verdict), kept: z.array(z.string()).optional(),
      first: z.object({ line: z.number(), one: z.string().optional(), other: z.string().optional(), what: z.string() }),
    })),
  })),
});

async function stableJson(results: string, args: readonly string[]): Promise<Ended & { readonly document: z.infer<typeof document> }> {
  const ended = await diorama(['stable', '--json', '--results', results, ...args]);
  if (!ended.stdout.startsWith('{')) throw new Error(`no document on stdout: ${ended.stderr}`);
  return { ...ended, document: document.parse(JSON.parse(ended.stdout)) };
}

/** A guest whose clock is the host's, so that no two plays of it have the same times. */
async function hostClock(t: Test): Promise<string> {
  const guest = (await readText(root, 'guests/deterministic.yaml')).replace(/^clock: virtual.*$/m, 'clock: host');
  return join(t.testdir({ 'host-clock.yaml': guest }), 'host-clock.yaml');
}

async function loadDirs(): Promise<string[]> {
  return (await readdir(cacheRoot())).filter((name) => name.startsWith('load-'));
}

/** Scratch of a load whose diorama is gone; another diorama may be at work here. */
async function leftBehind(): Promise<string[]> {
  const names = await loadDirs();
  const alive = await Promise.all(names.map((name) => stat(`/proc/${/\d+/.exec(name)?.[0] ?? ''}`).then(() => true, () => false)));
  return names.filter((_, index) => !alive[index]);
}

await t.test('a scene in virtual time is the same each time under load, and nothing is kept but the figures', async (t) => {
  const { exitCode, stderr, document } = await stableJson(t.testdir(), ['--scenario', scene, '--runs', '4', '--load', '2', '--seed', '5']);
  t.equal(exitCode, 0, stderr);
  t.match(document, { runs: 4, load: 2, seed: 5, guest: 'deterministic', kernel: { spec: 'debian:6.12' } });
  t.match(document.scenes, [{ scene, plays: 4, verdict: { kind: 'pass' }, traceId: /^[0-9a-f]{64}$/, differing: [] }]);
  t.same(await readdir(document.dir), ['stable.json']);
  t.same(await leftBehind(), [], "no scratch of the load's is left");
});

await t.test('a scene in the time of the host differs, and the first event that does is shown as both plays have it, with the evidence', async (t) => {
  const results = t.testdir();
  const guest = await hostClock(t);
  const { exitCode, stderr, document } = await stableJson(join(results, 'a'), ['--scenario', scene, '--runs', '6', '--load', '0', '--guest', guest]);
  t.equal(exitCode, 1, stderr);
  const [only] = document.scenes;
  t.equal(only?.plays, 6);
  t.equal(only?.differing.length, 5);
  t.equal(only?.differing.filter(({ kept }) => kept).length, 3, 'evidence has a bound');
  const [play] = only?.differing ?? [];
  t.match(play?.in, /^(trace|verdict)$/);
  const traces = await Promise.all((play?.kept ?? []).map((dir) => readText(document.dir, dir, 'trace')));
  const line = (play?.first.line ?? 0) - 1;
  t.strictSame(traces.map((trace) => trace.split('\n')[line]), [play?.first.one, play?.first.other]);
  t.strictSame(traces[0]?.split('\n').slice(0, line), traces[1]?.split('\n').slice(0, line), 'up to there they are the same');
  for (const dir of play?.kept ?? []) t.same((await readdir(join(document.dir, dir))).sort(), ['console', 'program', 'trace', 'verdict.json']);

  const table = await diorama(['stable', '--scenario', scene, '--runs', '2', '--load', '0', '--guest', guest, '--results', join(results, 'b')]);
  t.equal(table.exitCode, 1);
  t.match(table.stdout, /^parallel-writes-meet +2 +1 +/m);
  t.match(table.stdout, /of play [12] differs from that of play [12], from line \d+ on/);
  t.match(table.stdout, /^ {2}play [12] +\d+\.\d{6} ms .*\n {2}play [12] +\d+\.\d{6} ms /m);
  t.match(table.stdout, /^2 plays of 1 scene without load, 1 of them differs: 1 in their /m);
});

await t.test('Ctrl-C ends the load with everything else', async (t) => {
  const results = t.testdir();
  const before = await loadDirs();
  const child = execa(join(root, 'diorama'), ['stable', '--results', results, '--scenario', scene, '--runs', '200', '--load', '2'], { reject: false, stdin: 'ignore' });
  for (let looks = 0; (await processesWith(`path=${results}`)).length === 0; looks += 1) {
    if (looks > 12_000) throw new Error('no guest was started within 20 minutes');
    await new Promise((done) => setTimeout(done, 100));
  }
  const mine = (await loadDirs()).filter((name) => !before.includes(name));
  t.ok(mine.length > 0);
  process.kill(child.pid ?? 0, 'SIGINT');
  t.equal((await child).exitCode, 130);
  for (const name of mine) {
    t.same(await processesWith(name), []);
    t.equal(await stat(join(cacheRoot(), name)).then(() => true, () => false), false);
  }
  t.same(await processesWith(results), []);
  const [run = ''] = await readdir(join(results, 'stable'));
  t.same(await readdir(join(results, 'stable', run)), [], 'no play is left');
});

await t.test('bad usage of stable is 2 and says what was wrong in one line', async (t) => {
  const results = t.testdir();
  const wrong: readonly (readonly [args: readonly string[], said: RegExp])[] = [
    [['--runs', '0'], /--runs <n>.*'0' is invalid/],
    [['--load', '-1'], /--load <n>/],
    [['--load', '65'], /--load <n>.*expected at most 64/],
    [['--seed', 'x'], /--seed <n>.*expected a whole number/],
    [['--scenario', 'nope'], /--scenario nope: no scene has this name/],
    [['--guest', 'nope'], /--guest nope: there is no such guest/],
    [['--kernel', 'foo:bar'], /kernel "foo:bar"/],
    [['extra'], /too many arguments for 'stable'/],
  ];
  for (const [args, said] of wrong) {
    const ended = await diorama(['stable', '--results', results, ...args]);
    t.equal(ended.exitCode, 2, args.join(' '));
    t.match(ended.stderr, said);
    t.notMatch(ended.stderr, /^ +at .*\(/m, 'no stack trace');
  }
  t.same(await readdir(results), []);
});
