import { execa } from 'execa';
import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { cacheRoot } from '../../../harness/host/paths.ts';
import { onPath } from '../../../harness/host/on-path.ts';
import { diorama, processesWith, root } from './run-diorama.ts';

if ((await onPath('gdb')) === undefined) {
  t.pass('gdb is not installed here');
  t.end();
  process.exit(0);
}

const scene = 'write-does-not-overtake-mmap';
const overtaking = ['--series', join(root, 'tests/canaries/overtaking-write.patch')];
const commands = (...lines: readonly string[]): string[] => lines.flatMap((line) => ['--gdb-command', line]);

async function traces(results: string, side: string): Promise<{ readonly played: string; readonly withGdb: string }> {
  const at = join(results, 'latest', side, scene);
  return { played: await readFile(join(at, 'trace'), 'latin1'), withGdb: await readFile(join(at, 'gdb-trace'), 'latin1') };
}

async function scratchOfGdb(): Promise<string[]> {
  return (await readdir(cacheRoot())).filter((name) => name.startsWith('gdb-'));
}

await t.test('gdb stands before the step where kernel and scene part, and knows lines, arguments and stacks', async (t) => {
  const results = t.testdir();
  const ended = await diorama(['test', scene, ...overtaking, '--results', results, '--gdb', ...commands(
    'diorama', 'diorama-stack m', 'break fuse_file_write_iter', 'continue', 'bt 1', 'info args', 'next', 'stepi', 'delete', 'continue',
  )]);
  t.equal(ended.exitCode, 0, ended.stderr);
  t.match(ended.stdout, /stopped before step 7;/);
  t.match(ended.stdout, /^step 6 begun, the last event was at \d+\.\d{3} ms/m);
  t.match(ended.stdout, /^ +m +sleeps in fuse_file_cached_io_open, called since step 6 +task 0x[0-9a-f]+, pid \d+/m);
  t.match(ended.stdout, /fuse_file_mmap \+ \d+ +\S+\/fs\/fuse\/file\.c:\d+/, 'the stack of who sleeps has lines');
  t.match(ended.stdout, /Breakpoint \d+, fuse_file_write_iter \(iocb=0x[0-9a-f]+, from=0x[0-9a-f]+\) at \S+\/fs\/fuse\/file\.c:\d+/);
  t.match(ended.stdout, /^iocb = 0x[0-9a-f]+$/m);
  const { played, withGdb } = await traces(results, 'patched');
  t.match(played, /"e":"end"/);
  t.equal(withGdb, played, 'the trace is the same to the byte, stops and single steps or not');
  t.strictSame(await scratchOfGdb(), []);
});

await t.test('any step can be asked for, also of a scene that passes, and commands may come through a pipe', async (t) => {
  const results = t.testdir();
  const ended = await execa(join(root, 'diorama'), ['test', scene, '--results', results, '--gdb', '--step', '3'], { reject: false, timeout: 15 * 60_000, input: 'diorama\ncontinue\n' });
  t.equal(ended.exitCode, 0, ended.stderr);
  t.match(ended.stdout, /^step 2 begun/m);
  const { played, withGdb } = await traces(results, 'base');
  t.equal(withGdb, played);
});

await t.test('a guest that hangs can be looked at before it does', async (t) => {
  const broken = join(root, 'tests/harness/engine/broken');
  const ended = await diorama(['test', 'mmap-waits-for-parallel-writes-only', '--guest', join(broken, 'hasty.yaml'), '--series', join(broken, 'spins.patch'), '--results', t.testdir(),
    '--gdb', ...commands('break queued_spin_lock_slowpath', 'continue', 'bt 6')]);
  t.equal(ended.exitCode, 0, ended.stderr);
  t.match(ended.stdout, /stopped before step 5;[\s\S]*Breakpoint \d+, \S+ in queued_spin_lock_slowpath \(\)[\s\S]*#\d+ .* in spin_lock \(/);
});

await t.test('a session that is told to end leaves no process and no scratch directory', async (t) => {
  const results = t.testdir();
  const child = execa(join(root, 'diorama'), ['test', scene, '--results', results, '--gdb', ...commands('python print("asleep", flush=True); import time; time.sleep(600)')], { reject: false, timeout: 15 * 60_000, stdin: 'ignore' });
  let said = '';
  child.stdout.on('data', (chunk: Buffer) => (said += chunk.toString()));
  for (let waited = 0; waited < 600 && !said.includes('asleep'); waited += 1) await new Promise((done) => setTimeout(done, 200));
  t.match(said, /asleep/);
  t.not((await processesWith(results)).length, 0, 'QEMU runs');
  child.kill('SIGTERM');
  const ended = await child;
  t.equal(ended.exitCode, 130, ended.stderr);
  t.strictSame(await processesWith(results), []);
  t.strictSame(await scratchOfGdb(), []);
});

await t.test('what cannot be done is told before anything is built', async (t) => {
  const refuses = async (args: readonly string[], message: RegExp): Promise<void> => {
    const ended = await diorama(['test', scene, '--results', t.testdirName, ...args]);
    t.equal(ended.exitCode, 2, ended.stderr);
    t.match(ended.stderr, message);
  };
  await refuses(['--step', '3'], /--step and --gdb-command are only for --gdb/);
  await refuses(['--gdb', '--step', '0'], /steps begin with 1/);
  await refuses(['--gdb', '--step', '99'], /--step 99: the scene has only 9 steps/);
  await refuses(['--gdb', '--json'], /--gdb and --json exclude each other/);
});
