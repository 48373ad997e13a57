import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { runProgram, type Finished, type Program } from '../../../harness/host/run-program.ts';

const run = (script: string, given: Partial<Program> = {}): Promise<Finished> =>
  runProgram({ file: 'sh', args: ['-c', script], timeoutMs: 20_000, signal: new AbortController().signal, ...given });

/** Whether a process is there and no zombie. */
function isAlive(pid: string): boolean {
  const file = `/proc/${pid.trim()}/stat`;
  return existsSync(file) && !/\) Z/.test(readFileSync(file, 'utf8'));
}

t.test('what a program says and how it ends comes back, whatever its code', async (t) => {
  const good = await run('echo out; echo err >&2');
  t.match(good, { ok: true, exitCode: 0, timedOut: false, stderr: 'err\n' });
  t.equal(good.stdout.toString(), 'out\n');
  t.match(await run('exit 3'), { ok: false, exitCode: 3 });
  t.match(await run('kill -SEGV $$'), { ok: false, exitCode: 139 });
});

t.test('nothing of our environment leaks into it but where programs and home are', async (t) => {
  process.env['LEAKS'] = 'yes';
  t.teardown(() => delete process.env['LEAKS']);
  const { stdout } = await run('env', { env: { OWN: '1' } });
  t.match(stdout.toString(), /^OWN=1$/m);
  t.match(stdout.toString(), /^LC_ALL=C.UTF-8$/m);
  t.notMatch(stdout.toString(), 'LEAKS');
});

t.test('its input is given whole, also to one that does not read it', async (t) => {
  const input = 'x'.repeat(1_000_000);
  t.equal((await run('cat', { input })).stdout.toString(), input);
  t.match(await run('exit 0', { input }), { ok: true });
});

t.test('every line is told, the one without an end too', async (t) => {
  const lines: string[] = [];
  await run('printf "one\\ntwo\\nthree"', { onLine: (line) => lines.push(line) });
  t.strictSame(lines, ['one', 'two', 'three']);
});

t.test('a log is added to, stdout and stderr together', async (t) => {
  const log = join(t.testdir({ log: 'before\n' }), 'log');
  await run('echo out; sleep 0.1; echo err >&2', { log });
  t.equal(readFileSync(log, 'utf8'), 'before\nout\nerr\n');
});

t.test('a time-out ends the whole group, grandchildren that ignore SIGTERM too', async (t) => {
  const pids = join(t.testdir({}), 'pids');
  const began = performance.now();
  const finished = await run(`trap '' TERM; (trap '' TERM; sh -c 'echo $$ >>${pids}; exec sleep 1000') & echo $$ >>${pids}; wait`, { timeoutMs: 300 });
  t.match(finished, { ok: false, timedOut: true });
  t.ok(performance.now() - began < 6000);
  for (const pid of readFileSync(pids, 'utf8').trim().split('\n')) t.notOk(isAlive(pid));
});

t.test('an abort ends it and throws the reason', async (t) => {
  const pids = join(t.testdir({}), 'pids');
  const stop = new AbortController();
  setTimeout(() => stop.abort(new Error('Ctrl-C')), 300);
  await t.rejects(run(`echo $$ >${pids}; exec sleep 1000`, { signal: stop.signal }), { message: 'Ctrl-C' });
  t.notOk(isAlive(readFileSync(pids, 'utf8')));
  await t.rejects(run('true', { signal: stop.signal }), { message: 'Ctrl-C' }, 'nothing starts after it');
});

t.test('one that left the group with our pipes in its hands is not waited for for ever', async (t) => {
  const pids = join(t.testdir({}), 'pids');
  const began = performance.now();
  const finished = await run(`setsid sh -c 'echo $$ >${pids}; exec sleep 30' & wait`, { timeoutMs: 300 });
  t.equal(finished.timedOut, true);
  t.ok(performance.now() - began < 8000);
  process.kill(Number(readFileSync(pids, 'utf8')), 'SIGKILL');
});

t.test('a program that is not there, or may not be run, is missing', async (t) => {
  await t.rejects(run('', { file: 'no-such-program-here' }), { code: 'program-missing', blame: 'machine', message: 'no-such-program-here: not installed, or may not be run' });
  await t.rejects(run('', { file: join(t.testdir({ plain: 'text' }), 'plain') }), { code: 'program-missing' });
});

t.test('a log that cannot be written is told, with a full disk told apart', { skip: existsSync('/dev/full') ? false : 'there is no /dev/full' }, async (t) => {
  await t.rejects(run('echo x', { log: '/dev/full' }), { code: 'disk-full', blame: 'machine', message: /^\/dev\/full: cannot be written: ENOSPC/ });
  await t.rejects(run('echo x', { log: join(t.testdir({}), 'no/such/dir') }), { code: 'program-failed', blame: 'machine' });
});

t.test('a directory to run in that is none, or is gone, is told as such and not as a missing program', async (t) => {
  const dir = t.testdir({ file: '' });
  for (const cwd of [join(dir, 'gone'), join(dir, 'file'), join(dir, 'file/below')]) {
    await t.rejects(run('true', { cwd }), { blame: 'machine', code: 'program-failed', message: `sh: cannot be started in ${cwd}: not a directory` });
  }
});
