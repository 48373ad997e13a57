import { execa } from 'execa';
import { mkdirSync, readFileSync, readdirSync, readlinkSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import t from 'tap';
import { readNightlyState } from '../../../harness/nightly/night-state.ts';
import { leftWith, root } from '../engine/run-diorama.ts';
import { filesOf } from '../kernel/kernel-fixture.ts';
import { writeBuildableKernel } from '../kernel/buildable-kernel.ts';
import { smallRemote } from './moving-remote.ts';
import { cellsOf, nightlyIn } from './nightly-runs.ts';

const scenes = 'scenarios: [write-does-not-overtake-mmap, parallel-writes-meet]';
const canary = readFileSync(join(root, 'tests/canaries/overtaking-write.patch'), 'utf8');
const wrongBase = '--- a/fs/fuse/file.c\n+++ b/fs/fuse/file.c\n@@ -10,3 +10,3 @@ static void nobody(void)\n \tthis line is in no kernel\n-\tnor is this one\n+\tnor this\n \tnor that\n';

/** The configuration that diorama's own fragments ask for is known to a kernel that knows every symbol. */
function smallKernel(dir: string): Record<string, string> {
  const symbols = new Set([...readFileSync(join(root, 'kconfig/base.config'), 'utf8').matchAll(/^(?:# )?CONFIG_(\w+)/gm)].map(([, symbol]) => symbol ?? ''));
  const kconfig = [...symbols].map((symbol) => `config ${symbol}\n\tbool "${symbol}"\n`).join('');
  return filesOf(writeBuildableKernel(dir, { Kconfig: `${kconfig}source "fs/fuse/Kconfig"\n` }));
}

await t.test('a kernel that no longer builds is 3 with the line of the compiler; the others are played', async (t) => {
  const dir = t.testdir({ tree: {}, 'remote.git': {} });
  const files = smallKernel(join(dir, 'tree'));
  const remote = smallRemote(join(dir, 'remote.git'), files);
  t.teardown(() => remote.remove());
  const nightly = nightlyIn(dir, ['kernels:', '  small: {git: remote.git}', '  stable: debian:6.12', scenes]);
  const builds = await nightly.run();
  t.equal(builds.exitCode, 69, builds.stderr);
  t.match(builds.night?.cells['small'], { kind: 'failed', why: 'machine trouble' }, 'it builds, and is nothing that QEMU can load');
  t.match(builds.night?.cells['stable'], { kind: 'played' });

  remote.push('fuse: typing mistake', { files: { 'fs/fuse/file.c': '#include <linux/x.h>\nint fuse\n' } });
  const broken = await nightly.run();
  t.equal(broken.exitCode, 3, broken.stderr);
  t.match(broken.night?.cells['small'], { kind: 'failed', why: 'does not build', blame: 'kernel', details: [/fs\/fuse\/file\.c.*error/] });
  t.match(broken.night?.cells['stable'], { kind: 'unchanged' });
  t.match(broken.stdout, /^small .*does not build$/m);
  t.match(broken.stdout, /^1 does not build, 1 unchanged$/m);
  t.same(cellsOf(nightly.index())[0], ['bad: does not build', 'quiet: unchanged, clean']);

  const same = await nightly.run();
  t.equal(same.exitCode, 0, same.stderr);
  t.match(same.stdout, /nothing new/, 'what does not build is not built again until it changes');
});

await t.test('a series that no longer applies is 3, and its base is played; mended, it is played', async (t) => {
  const dir = t.testdir({ 'v1.patch': wrongBase });
  const nightly = nightlyIn(dir, ['kernels: {stable: "debian:6.12"}', 'series: {v1: v1.patch}', scenes]);
  const first = await nightly.run();
  t.equal(first.exitCode, 3, first.stderr);
  t.match(first.night?.cells, { stable: { kind: 'played' }, 'stable+v1': { kind: 'failed', why: 'series does not apply', message: /hunk 1/ } });
  t.same(cellsOf(nightly.index()), [['good: clean', 'bad: series does not apply']]);

  writeFileSync(join(dir, 'v1.patch'), canary);
  const breaks = await nightly.run();
  t.equal(breaks.exitCode, 1, breaks.stderr);
  t.match(breaks.night?.cells, { stable: { kind: 'unchanged' }, 'stable+v1': { kind: 'played', mended: 'series does not apply', change: { regressions: [{ scene: 'write-does-not-overtake-mmap' }] } } });

  writeFileSync(join(dir, 'v1.patch'), '');
  const unread = await nightly.run();
  t.equal(unread.exitCode, 2, unread.stderr);
  t.match(unread.night?.cells['stable+v1'], { kind: 'failed', blame: 'usage', why: 'series cannot be read' });
});

await t.test('a remote that cannot be reached, or has no such branch, is told, and the others go on', async (t) => {
  const dir = t.testdir({ 'empty.git': {} });
  const remote = smallRemote(join(dir, 'empty.git'), { Makefile: 'VERSION = 6\n' });
  t.teardown(() => remote.remove());
  const nightly = nightlyIn(dir, ['kernels:', '  gone: {git: gone.git}', '  away: {git: "http://user:secret@localhost:1/linux.git"}', '  stable: debian:6.12', scenes]);
  const ended = await nightly.run();
  t.equal(ended.exitCode, 69, ended.stderr);
  t.match(ended.night?.cells, { gone: { kind: 'failed', why: 'unreachable', blame: 'machine' }, away: { kind: 'failed', why: 'unreachable' }, stable: { kind: 'played' } });
  t.notMatch(ended.stdout + ended.stderr + nightly.index() + readFileSync(join(nightly.results, 'state.json'), 'utf8'), /secret/, 'no password is shown or stored');
  const again = await nightly.run();
  t.equal(again.exitCode, 69, 'it is asked again the next night');
  t.match(again.night?.cells['stable'], { kind: 'unchanged' });

  nightly.write(['kernels:', '  branchless: {git: empty.git, branch: for-next}', '  nothing: {git: empty.git}', scenes]);
  const branchless = await nightly.run();
  t.equal(branchless.exitCode, 2, branchless.stderr);
  t.match(branchless.night?.cells, { branchless: { kind: 'failed', why: 'no such kernel', message: /has no branch 'for-next'/ }, nothing: { kind: 'failed', blame: 'usage', message: /not a Linux kernel tree/ } });
});

await t.test('a budget that ends leaves entries for the next night, which begins with them', async (t) => {
  const dir = t.testdir();
  const kernels = ['kernels: {a: "debian:6.12", b: "debian:6.12", c: "debian:6.12"}', scenes];
  const nightly = nightlyIn(dir, [...kernels, 'budget: 1ms']);
  const none = await nightly.run();
  t.equal(none.exitCode, 0, none.stderr);
  t.match(none.stdout, /3 not played: budget/);
  t.same(cellsOf(nightly.index())[0], ['quiet: not played: budget', 'quiet: not played: budget', 'quiet: not played: budget']);
  t.match((await readNightlyState(nightly.results)).entries, { a: { carried: true }, b: { carried: true }, c: { carried: true } });

  nightly.write([...kernels, 'budget: 1h']);
  const all = await nightly.run();
  t.match(all.night?.cells, { a: { kind: 'played' }, b: { kind: 'played' }, c: { kind: 'played' } });
  const state = await readNightlyState(nightly.results);
  t.match(state.entries, { a: { carried: false }, b: { carried: false }, c: { carried: false } });

  // Everything is played again for another scene; b took longer the last time than the whole budget.
  writeFileSync(join(nightly.results, 'state.json'), JSON.stringify({ ...state, entries: { ...state.entries, b: { ...state.entries['b'], lastMs: 7_200_000 } } }));
  nightly.write([kernels[0] ?? '', 'scenarios: [plain-direct-writes-never-meet]', 'budget: 30m']);
  const some = await nightly.run();
  t.match(some.night?.cells, { a: { kind: 'played' }, b: { kind: 'unplayed', why: 'budget', message: /it took .* the last time/ }, c: { kind: 'played' } });
  const rest = await nightly.run();
  t.match(rest.night?.cells, { a: { kind: 'unchanged' }, b: { kind: 'played' }, c: { kind: 'unchanged' } }, 'the first of a night always begins');
});

for (const signal of ['SIGKILL', 'SIGINT'] as const) await t.test(`a night that is ended by ${signal} goes on where it was: nothing is played twice`, async (t) => {
  const dir = t.testdir();
  const nightly = nightlyIn(dir, ['kernels: {a: "debian:6.12", b: "debian:6.12", c: "debian:6.12"}', scenes]);
  const child = execa(join(root, 'diorama'), ['nightly', '--config', nightly.config, '--jobs', '1'], { reject: false, stdin: 'ignore' });
  const done = async (): Promise<string[]> => Object.keys((await readNightlyState(nightly.results).catch(() => undefined))?.nights.at(-1)?.cells ?? {});
  for (let looks = 0; (await done()).length < 1; looks += 1) {
    if (looks > 3000) throw new Error('no entry was played within 5 minutes');
    await new Promise((next) => setTimeout(next, 100));
  }
  process.kill(child.pid ?? 0, signal);
  t.equal((await child).exitCode, signal === 'SIGINT' ? 130 : undefined);
  t.same(await leftWith(nightly.results), [], 'nothing of it is left');
  const before = (await readNightlyState(nightly.results)).nights.at(-1);
  t.equal(before?.status, 'running');
  t.match(nightly.index(), /not finished/);
  const played = await done();
  t.ok(played.length >= 1 && played.length < 3);
  const runs = played.map((entry) => readdirSync(join(nightly.results, entry)).length);

  const after = await nightly.run('--resume');
  t.equal(after.exitCode, 0, after.stderr);
  t.equal(after.night?.id, before?.id, 'it is the same night');
  t.equal(after.nights, 1);
  t.equal(after.night?.status, 'done');
  t.match(after.night?.cells, { a: { kind: 'played' }, b: { kind: 'played' }, c: { kind: 'played' } });
  t.same(played.map((entry) => readdirSync(join(nightly.results, entry)).length), runs, 'what was played was not played again');
  for (const entry of played) t.same(after.night?.cells[entry], before?.cells[entry]);
  t.same(cellsOf(nightly.index()), [['good: clean', 'good: clean', 'good: clean']]);
  t.notMatch(nightly.index(), /not finished/);

  const none = await nightly.run('--resume');
  t.equal(none.exitCode, 0);
  t.match(none.stdout, /no night was cut short/);
});

await t.test('a mistake in the file is 2, at its line and column, and nothing is played', async (t) => {
  const dir = t.testdir();
  const nightly = nightlyIn(dir, []);
  const wrong: readonly (readonly [yaml: string, said: RegExp])[] = [
    ['kernels: {}', /nightly\.yaml:1:10: expected at least one kernel/],
    ['kernels: {a: {git: x, brunch: y}}', /nightly\.yaml:1:23: unknown key 'brunch'/],
    ['kernels: {a: {git: "ext::sh -c date"}}', /nightly\.yaml:1:20: expected a URL or a path/],
    ['kernels: {a: {git: "--upload-pack=date"}}', /nightly\.yaml:1:20: expected a URL or a path/],
    ['kernels: {a: {git: x, branch: "../x"}}', /nightly\.yaml:1:31: expected the name of a branch/],
    ['kernels: {a: {debian: latest}}', /nightly\.yaml:1:23: expected one of newest, rc/],
    ['kernels: {a: mainline}', /nightly\.yaml:1:14: expected \{git: URL, branch: NAME\}/],
    ['kernels: {"../a": "debian:6.12"}', /nightly\.yaml:1:11: expected a name/],
    ['kernels: {a: "debian:6.12"}\nseries: {v1: {path: x, on: [b]}}', /nightly\.yaml:2:29: there is no kernel 'b'/],
    ['kernels: {a: "debian:6.12"}\nbudget: 2 hours', /nightly\.yaml:2:9: expected a duration/],
    ['kernels: {a: "debian:6.12"}\nat: 2:00', /nightly\.yaml:2:5: expected/],
    ['kernels: {a: "debian:6.12"}\nguests: [nope]', /--guest nope: there is no such guest/],
    ['kernels: {a: "debian:6.12"}\nconfigs: [nope]', /--config nope: there is no kconfig/],
    ['kernels: {a: "debian:6.12"}\nscenarios: [nope]', /--scenario nope: no scene has this name/],
  ];
  for (const [yaml, said] of wrong) {
    nightly.write(yaml.split('\n'));
    const ended = await nightly.run();
    t.equal(ended.exitCode, 2, yaml);
    t.match(ended.stderr, said);
    t.equal(ended.stdout, '');
    t.notMatch(ended.stderr, /^ +at .*\(/m, 'no stack trace');
    t.equal(ended.nights, 0);
  }
  rmSync(nightly.config);
  const none = await nightly.run();
  t.equal(none.exitCode, 2);
  t.match(none.stderr, /nightly\.yaml: cannot be read.*\ntry: copy scripts\/nightly\.example\.yaml/);
});

await t.test('two nights at once are one: the second is turned away', async (t) => {
  const dir = t.testdir({ nights: {} });
  const nightly = nightlyIn(dir, ['kernels: {a: "debian:6.12"}', scenes]);
  mkdirSync(dirname(join(nightly.results, '.lock')), { recursive: true });
  const holder = execa('flock', ['-x', join(nightly.results, '.lock'), 'sleep', '60'], { reject: false });
  t.teardown(() => holder.kill('SIGKILL'));
  await new Promise((next) => setTimeout(next, 300));
  const ended = await nightly.run();
  t.equal(ended.exitCode, 69, ended.stderr);
  t.match(ended.stderr, /\.lock: another diorama has held this lock/);
  t.throws(() => readlinkSync(join(nightly.results, 'a', 'latest')));
});
