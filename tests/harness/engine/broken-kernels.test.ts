import { join } from 'node:path';
import t, { type Test } from 'tap';
import { diorama, readText, root, runJson } from './run-diorama.ts';

const broken = join(root, 'tests/harness/engine/broken');
const scene = 'first-mmap-waits-for-writers';

/** Plays one scene on a kernel that is broken in one way, in a guest with short bounds. */
async function play(t: Test, patch: string, guest = join(broken, 'hasty.yaml')): Promise<{ kind: string; reason: string; console: string; trace: string }> {
  const run = await runJson(join(t.testdirName, 'results'), ['--scenario', scene, '--guest', guest, '--series', join(broken, `${patch}.patch`)]);
  t.equal(run.exitCode, 1, run.stderr);
  const sides = new Map(run.record.scenes.map((played) => [played.side, played.verdict]));
  t.equal(sides.get('base')?.kind, 'pass', 'the base has nothing of it');
  const dir = join(run.dir, 'patched', scene);
  return { kind: sides.get('patched')?.kind ?? '', reason: sides.get('patched')?.reason ?? '', console: await readText(dir, 'console'), trace: await readText(dir, 'trace') };
}

await t.test('a kernel that panics is a crash', async (t) => {
  const { kind, reason } = await play(t, 'panics');
  t.equal(kind, 'crash');
  t.match(reason, /Kernel panic - not syncing: broken on purpose/);
});

await t.test('a BUG ends the guest at once, and the reason names it and not the panic that it became', async (t) => {
  const { kind, reason, trace, console } = await play(t, 'oopses');
  t.equal(kind, 'crash');
  t.match(reason, /^the kernel said: kernel BUG at fs\/fuse\/iomode\.c:\d+! \(console line \d+\)$/);
  t.match(console, /Kernel panic - not syncing: Fatal exception/);
  t.notMatch(trace, /"e":"(strike|end)"/, 'nothing was played after it');
});

await t.test('a warning is a splat although every step came to what it must', async (t) => {
  const { kind, reason } = await play(t, 'warns');
  t.equal(kind, 'splat');
  t.match(reason, /WARNING: .*fuse_file_cached_io_open/);
  t.notMatch(reason, /step \d/);
});

await t.test('a kernel that floods its console is stopped, and the limit is named', async (t) => {
  // So little that no load on the machine can bring the scene to its own bound first.
  const small = (await readText(broken, 'hasty.yaml')).replace('console: 2M ', 'console: 64K');
  t.match(small, 'console: 64K');
  const { kind, reason } = await play(t, 'floods', join(t.testdir({ 'small.yaml': small }), 'small.yaml'));
  t.equal(kind, 'crash');
  t.match(reason, /flooded its console.*limit: console/);
});

await t.test('a kernel that spins is a hang with the limit, the place and the stacks of all tasks', async (t) => {
  const { kind, reason, console } = await play(t, 'spins');
  t.equal(kind, 'hang');
  t.match(reason, /did not end within 19 s and hung in step 7 \(limit: scene\)/);
  t.match(reason, /called by fuse_file_cached_io_open/);
  t.match(console, /task:w1 /);
  t.match(console, /task:server /);
});

await t.test('a lost wake-up fails the step that should have woken, and the stuck waiter is in the trace with its stack', async (t) => {
  const { kind, reason, trace, console } = await play(t, 'loses-the-wake-up');
  t.equal(kind, 'fail');
  t.match(reason, /m's mmap waits for caching mode .*, where it must return/);
  t.match(trace, /"e":"stuck".*"who":"m".*fuse_file_cached_io_open/);
  t.match(console, /task:m .*state:D/);
});

await t.test('a kernel that does not reach its init is exit 3 with its console', async (t) => {
  const guest = await readText(broken, 'hasty.yaml');
  const dir = t.testdir({ 'noinit.yaml': guest.replace(/^append: .*$/m, 'append: nolapic_timer rdinit=/nothing') });
  const ended = await diorama(['run', '--results', dir, '--guest', join(dir, 'noinit.yaml'), '--scenario', scene]);
  t.equal(ended.exitCode, 3, ended.stderr);
  t.match(ended.stderr, /ended before its init was ready/);
  t.match(ended.stderr, /Kernel panic - not syncing: (No working init found|VFS: Unable to mount root fs)/);
  t.match(ended.stderr, /^see: .*boot-failed-base\.txt$/m);
});

await t.test('a boot that takes longer than its limit is exit 3 and names the limit', async (t) => {
  // No template of an earlier run must serve: the command line is one that was never booted.
  const guest = await readText(broken, 'hasty.yaml');
  const dir = t.testdir({ 'slow.yaml': guest.replace('boot: 120s', 'boot: 100ms').replace(/^append: (.*)$/m, `append: $1 diorama.once=${Date.now()}`) });
  const ended = await diorama(['run', '--results', dir, '--guest', join(dir, 'slow.yaml'), '--scenario', scene]);
  t.equal(ended.exitCode, 3, ended.stderr);
  t.match(ended.stderr, /did not reach its init within 0\.1 s \(limit: boot\)/);
});
