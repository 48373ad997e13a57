import { execa } from 'execa';
import { readFile, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { runProgram } from '../../../harness/host/run-program.ts';

const signal = new AbortController().signal;

async function processesIn(dir: string): Promise<string[]> {
  const lines = await Promise.all((await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map((id) => readFile(`/proc/${id}/cmdline`, 'latin1').catch(() => '')));
  return lines.filter((line) => line.includes(dir) && !line.includes('starter.mjs'));
}

async function settled(look: () => Promise<boolean>): Promise<boolean> {
  for (let looks = 0; looks < 200; looks += 1) {
    if (await look()) return true;
    await new Promise((done) => setTimeout(done, 50));
  }
  return false;
}

t.test('its output and exit code are its own', async (t) => {
  const ended = await runProgram({ file: 'sh', args: ['-c', 'echo "$1"; echo b >&2; exit 7', 'x', 'a  $b'], timeoutMs: 10_000, signal, endsWithUs: true });
  t.match(ended, { ok: false, exitCode: 7, timedOut: false, stderr: 'b\n' });
  t.equal(ended.stdout.toString(), 'a  $b\n');
});

t.test('a bound ends it with what it started', async (t) => {
  const dir = t.testdir();
  const ended = await runProgram({ file: 'sh', args: ['-c', `sh -c 'sleep 60; : ${dir}' & wait`], timeoutMs: 500, signal, endsWithUs: true });
  t.ok(ended.timedOut);
  t.ok(await settled(async () => (await processesIn(dir)).length === 0));
});

t.test('when we are killed, what it started goes at once', async (t) => {
  const dir = t.testdir();
  const starter = join(dir, 'starter.mjs');
  const run = join(import.meta.dirname, '../../../harness/host/run-program.ts');
  await writeFile(starter, `import { runProgram } from ${JSON.stringify(run)};
    await runProgram({ file: 'sh', args: ['-c', "sh -c 'sleep 60; : ${dir}' & wait"], timeoutMs: 60000, signal: new AbortController().signal, endsWithUs: process.argv[2] === 'tied' });`);
  for (const how of ['tied', 'loose']) {
    const child = execa(process.execPath, [...process.execArgv, starter, how], { reject: false, stdin: 'ignore' });
    t.ok(await settled(async () => (await processesIn(dir)).length > 0), 'it has started others');
    child.kill('SIGKILL');
    await child;
    if (how === 'tied') t.ok(await settled(async () => (await processesIn(dir)).length === 0), 'nothing is left of it');
    else {
      await new Promise((done) => setTimeout(done, 300));
      t.not((await processesIn(dir)).length, 0, 'which is no matter of course');
      for (const name of await readdir('/proc')) {
        const line = /^\d+$/.test(name) ? await readFile(`/proc/${name}/cmdline`, 'latin1').catch(() => '') : '';
        if (line.includes(dir)) process.kill(Number(name), 'SIGKILL');
      }
    }
  }
});
