import { execa } from 'execa';
import { chmod, mkdir, readdir, readFile, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import t from 'tap';
import { makeMachine } from './bare-machine.ts';

t.test('npm ci runs once, and again only when the lock file changed', async (t) => {
  const machine = await makeMachine({ dir: t.testdir() });
  await machine.run(['list']);
  await machine.run(['list']);
  t.strictSame(await machine.calls(), ['npm ci']);
  await writeFile(join(machine.tree, 'package-lock.json'), '{"other": 1}\n');
  await machine.run(['list']);
  t.strictSame(await machine.calls(), ['npm ci', 'npm ci']);
});

t.test('a lock file that is only newer is not a changed one', async (t) => {
  const machine = await makeMachine({ dir: t.testdir() });
  await machine.run(['list']);
  const later = new Date(Date.now() + 60_000);
  await utimes(join(machine.tree, 'package-lock.json'), later, later);
  await machine.run(['list']);
  t.strictSame(await machine.calls(), ['npm ci']);
});

t.test('an npm ci that failed shows its words, exits 69, and is done again', async (t) => {
  const machine = await makeMachine({ dir: t.testdir(), npm: 'echo npm error code E404; mkdir -p node_modules/half; exit 1' });
  const ran = await machine.run(['list']);
  t.equal(ran.exitCode, 69);
  t.match(ran.stderr, /npm error code E404/);
  t.match(ran.stderr, /npm ci failed/);
  await machine.run(['list']);
  t.strictSame(await machine.calls(), ['npm ci', 'npm ci']);
});

t.test('Ctrl-C during npm ci exits 130, and the next start does it again although node_modules is there', async (t) => {
  const machine = await makeMachine({ dir: t.testdir(), npm: 'mkdir -p node_modules/half; echo begun >begun; sleep 30; exit 0' });
  const child = execa(join(machine.tree, 'diorama'), ['list'], {
    reject: false,
    detached: true, // a process group, as a terminal's foreground job is
    extendEnv: false,
    env: { PATH: machine.bin, HOME: machine.tree, DIORAMA_CACHE: machine.cache },
    stdin: 'ignore',
  });
  await until(async () => (await readdir(machine.tree)).includes('begun'));
  process.kill(-(child.pid ?? 0), 'SIGINT');
  const ran = await child;
  t.equal(ran.exitCode, 130);
  t.notOk((await readdir(join(machine.tree, 'node_modules'))).includes('.diorama-lock'));
});

t.test('what an interrupted npm ci left is made anew', async (t) => {
  const machine = await makeMachine({ dir: t.testdir() });
  await machine.run(['list']);
  await rm(join(machine.tree, 'node_modules/.diorama-lock'));
  const ran = await machine.run(['list']);
  t.equal(ran.exitCode, 0);
  t.strictSame(await machine.calls(), ['npm ci', 'npm ci']);
});

t.test('two first starts at once install the libraries once', async (t) => {
  const machine = await makeMachine({ dir: t.testdir() });
  const both = await Promise.all([machine.run(['list']), machine.run(['list'])]);
  t.strictSame(both.map(({ exitCode }) => exitCode), [0, 0]);
  t.strictSame(await machine.calls(), ['npm ci']);
});

t.test('two first starts at once on a bare machine both get there', async (t) => {
  const machine = await makeMachine({ dir: t.testdir(), node: 'none', installed: [] });
  const both = await Promise.all([machine.run(['list']), machine.run(['list'])]);
  t.strictSame(both.map(({ exitCode }) => exitCode), [0, 0], both.map(({ stderr }) => stderr).join('\n'));
  t.equal((await machine.calls()).filter((call) => call === 'npm ci').length, 1);
});

t.test('a second start calls nothing but node: no npm, no apt-get, no esbuild', async (t) => {
  const machine = await makeMachine({ dir: t.testdir() });
  await machine.run(['list']);
  const before = await bundlings(machine.tree);
  await machine.run(['list']);
  t.strictSame(await machine.calls(), ['npm ci']);
  t.equal(before, 1);
  t.equal(await bundlings(machine.tree), 1);
});

t.test('a source that was changed, added or removed is bundled again', async (t) => {
  const machine = await makeMachine({ dir: t.testdir() });
  await machine.run(['list']);
  await writeFile(join(machine.tree, 'harness/cli/main.ts'), 'another command line\n');
  t.match((await machine.run(['list'])).stdout, /another command line/);
  await writeFile(join(machine.tree, 'harness/cli/more.ts'), '');
  await machine.run(['list']);
  t.equal(await bundlings(machine.tree), 3);
  await rm(join(machine.tree, 'harness/cli/more.ts'));
  await machine.run(['list']);
  t.equal(await bundlings(machine.tree), 4);
  t.strictSame(await readdir(join(machine.tree, 'node_modules/.cache/diorama')), ['main.cjs', 'start.cjs'], 'and no part is left');
});

t.test('what a start left that was killed while it bundled is removed by the next that bundles, and nobody else\'s', async (t) => {
  const machine = await makeMachine({ dir: t.testdir() });
  await machine.run(['list']);
  const home = join(machine.tree, 'node_modules/.cache/diorama');
  const [dead, alive] = ['main.cjs.4194305.part', `main.cjs.${process.pid}.part`];
  for (const part of [dead, alive]) await mkdir(join(home, part));
  await writeFile(join(machine.tree, 'harness/cli/main.ts'), 'another command line\n');
  await machine.run(['list']);
  t.strictSame(await readdir(home), ['main.cjs', alive, 'start.cjs']);
});

t.test('the tree may have spaces in its path and be reached by a link from elsewhere', async (t) => {
  const machine = await makeMachine({ dir: t.testdir(), tree: "a tree's $HOME" });
  const link = join(machine.bin, '../link');
  await symlink(join(machine.tree, 'diorama'), link);
  const ran = await machine.run(['list', 'two words'], { file: link });
  t.equal(ran.exitCode, 0, ran.stderr);
  t.match(ran.stdout, `root=${machine.tree}`);
  t.match(ran.stdout, /argument two words$/);
});

t.test('HOME may be unset where a cache is named', async (t) => {
  const machine = await makeMachine({ dir: t.testdir(), node: '18.20.4' });
  const ran = await machine.run(['list'], { env: { HOME: undefined, DIORAMA_CACHE: undefined, XDG_CACHE_HOME: join(machine.cache, 'x y') } });
  t.equal(ran.exitCode, 0, ran.stderr);
  t.match(ran.stdout, /^node 20/);
  t.strictSame(await readdir(join(machine.cache, 'x y/diorama/node')), ['.lock', '20.20.2']);
});

t.test('a Node that is too old is passed over, and the fetched one is found again', async (t) => {
  const machine = await makeMachine({ dir: t.testdir(), node: '18.20.4' });
  t.match((await machine.run(['list'])).stdout, /^node 20/);
  t.match((await machine.run(['list'])).stdout, /^node 20/);
  t.equal((await machine.calls()).filter((call) => call.startsWith('npm install')).length, 1);
});

t.test('a Node that was replaced is asked again for its version', async (t) => {
  const machine = await makeMachine({ dir: t.testdir() });
  await machine.run(['list']);
  await rm(join(machine.bin, 'node'));
  await symlink(join(machine.bin, '../store/node-18.20.4'), join(machine.bin, 'node'));
  t.match((await machine.run(['list'])).stderr, /fetching Node 20/);
});

t.test('a cache that cannot be written is named', async (t) => {
  const machine = await makeMachine({ dir: t.testdir({ file: '' }) });
  const ran = await machine.run(['list'], { env: { DIORAMA_CACHE: join(machine.bin, '../file/cache') } });
  t.equal(ran.exitCode, 69);
  t.match(ran.stderr, /file\/cache cannot be written: name another cache with DIORAMA_CACHE=DIR/);
});

t.test('sources that do not bundle are 69 and leave the old bundle', async (t) => {
  const machine = await makeMachine({ dir: t.testdir() });
  await machine.run(['list']);
  const esbuild = join(machine.tree, 'node_modules/@esbuild/linux-x64/bin/esbuild');
  await writeFile(esbuild, '#!/usr/bin/env bash\necho "main.ts:1:1: error" >&2\nexit 1\n');
  await chmod(esbuild, 0o755);
  await writeFile(join(machine.tree, 'harness/cli/main.ts'), 'wrong\n');
  const ran = await machine.run(['list']);
  t.equal(ran.exitCode, 69);
  t.match(ran.stderr, /main\.ts:1:1: error/);
  t.match(await readFile(join(machine.tree, 'node_modules/.cache/diorama/main.cjs'), 'utf8'), /the command line/);
});

t.test('--yes after -- belongs to the command', async (t) => {
  const machine = await makeMachine({ dir: t.testdir() });
  t.match((await machine.run(['--yes', 'shell', '--', 'apt', '--yes'])).stdout, /argument shell\nargument --\nargument apt\nargument --yes$/);
});

async function bundlings(tree: string): Promise<number> {
  const calls = await readFile(join(tree, 'node_modules/@esbuild/linux-x64/bin/calls'), 'utf8');
  return calls.trim().split('\n').length;
}

async function until(holds: () => Promise<boolean>): Promise<void> {
  for (let tries = 0; tries < 200; tries += 1) {
    if (await holds()) return;
    await pause(50);
  }
  throw new Error('it did not come about within 10 s');
}
