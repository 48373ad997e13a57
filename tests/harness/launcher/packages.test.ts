import { appendFile, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { makeMachine, withoutTerminal } from './bare-machine.ts';

const skip = await withoutTerminal();

const apt = 'apt-get install -y --no-install-recommends';
const quietApt = 'apt-get -q -o DPkg::Lock::Timeout=300 install -y --no-install-recommends';

t.test('root on a bare Debian gets everything at once: packages, a Node that is new enough, libraries', async (t) => {
  const machine = await makeMachine({ dir: t.testdir(), node: 'none', installed: [] });
  const ran = await machine.run(['list', '--json']);
  t.equal(ran.exitCode, 0, ran.stderr);
  const calls = await machine.calls();
  t.ok(calls.includes(`${quietApt} qemu-system-x86 busybox-static nodejs`), calls.join('\n'));
  t.ok(calls.includes(`${quietApt} npm`), 'npm alone, because some nodejs packages contain it');
  t.ok(calls.some((call) => /^npm install --prefix .* --ignore-scripts --no-save node-linux-(x64|arm64)@20\.\d+\.\d+$/.test(call)));
  t.ok(calls.includes('npm ci'));
  t.match(ran.stdout, /^node 20\.20\.2 /, 'it ran on the Node that was fetched');
  t.match(ran.stdout, /argument list\nargument --json$/);
});

t.test('what happens before the command line is told on standard error only', async (t) => {
  const machine = await makeMachine({ dir: t.testdir(), node: 'none', installed: [] });
  const ran = await machine.run(['list']);
  t.match(ran.stdout, /^node 20/);
  t.notMatch(ran.stdout, /diorama:/);
  t.match(ran.stderr, /^diorama: installing /);
});

t.test('a user without sudo gets one line to copy and exit code 69', async (t) => {
  const machine = await makeMachine({ dir: t.testdir(), user: 'somebody', installed: ['npm', 'busybox'] });
  const ran = await machine.run(['run']);
  t.equal(ran.exitCode, 69);
  t.equal(ran.stderr.split('\n').at(-1), `sudo ${apt} qemu-system-x86`);
  t.equal(ran.stdout, '');
  t.strictSame(await machine.calls(), [], 'and nothing was changed');
});

t.test('--yes without a terminal installs with sudo that does not ask', async (t) => {
  const machine = await makeMachine({ dir: t.testdir(), user: 'somebody', installed: ['npm', 'busybox', 'sudo'] });
  const ran = await machine.run(['run', '--yes', '--kernel', 'dir:x']);
  t.equal(ran.exitCode, 0, ran.stderr);
  const calls = await machine.calls();
  t.ok(calls.some((call) => call.startsWith('sudo -n ') && call.endsWith('install -y --no-install-recommends qemu-system-x86')), calls.join('\n'));
  t.match(ran.stdout, /argument run\nargument --kernel\nargument dir:x$/, '--yes is the launcher\'s own');
});

t.test('sudo without --yes and without a terminal is never used', async (t) => {
  const machine = await makeMachine({ dir: t.testdir(), user: 'somebody', installed: ['npm', 'busybox', 'sudo'] });
  const ran = await machine.run(['run']);
  t.equal(ran.exitCode, 69);
  t.match(ran.stderr, /^diorama: missing here; install with this line/, 'nor is anybody asked who cannot answer');
  t.strictSame(await machine.calls(), []);
});

t.test('at a terminal it asks, and a yes installs with sudo', { skip }, async (t) => {
  const machine = await makeMachine({ dir: t.testdir(), user: 'somebody', installed: ['npm', 'busybox', 'sudo'] });
  const ran = await machine.run(['run'], { typed: 'y\n' });
  t.equal(ran.exitCode, 0, ran.stdout);
  t.match(ran.stdout, /missing: qemu-system-x86/);
  t.ok((await machine.calls()).some((call) => call.startsWith('sudo env ')));
});

t.test('at a terminal a no installs nothing and names the line', { skip }, async (t) => {
  const machine = await makeMachine({ dir: t.testdir(), user: 'somebody', installed: ['npm', 'busybox', 'sudo'] });
  const ran = await machine.run(['run'], { typed: 'n\n' });
  t.equal(ran.exitCode, 69);
  t.match(ran.stdout, `sudo ${apt} qemu-system-x86`);
  t.strictSame(await machine.calls(), []);
});

const lines = {
  fedora: 'dnf install -y qemu-core',
  arch: 'pacman -S --needed --noconfirm qemu-arch',
  alpine: 'apk add qemu-alpine',
  'opensuse-leap': 'zypper install -y qemu-suse',
} as const;

for (const [distribution, line] of Object.entries(lines) as [keyof typeof lines, string][]) {
  t.test(`${distribution} gets its own package line, and root installs nothing by itself`, async (t) => {
    const machine = await makeMachine({ dir: t.testdir(), distribution, installed: ['npm', 'busybox'] });
    const ran = await machine.run(['run', '--yes']);
    t.equal(ran.exitCode, 69);
    t.equal(ran.stderr.split('\n').at(-1), line);
    t.strictSame(await machine.calls(), []);
  });

  t.test(`${distribution} with everything there goes on`, async (t) => {
    const machine = await makeMachine({ dir: t.testdir(), distribution });
    const ran = await machine.run(['run']);
    t.equal(ran.exitCode, 0, ran.stderr);
    t.match(ran.stdout, /argument run$/);
  });
}

t.test('ubuntu is taken for the Debian it descends from', async (t) => {
  const machine = await makeMachine({ dir: t.testdir(), distribution: 'ubuntu', installed: ['npm', 'busybox'] });
  t.equal((await machine.run(['run'])).exitCode, 0);
});

t.test('a distribution that nobody knows is told what Debian calls the packages', async (t) => {
  const machine = await makeMachine({ dir: t.testdir(), distribution: 'void', installed: ['npm', 'busybox'] });
  const ran = await machine.run(['run']);
  t.equal(ran.exitCode, 69);
  t.match(ran.stderr, 'Some void is not known; install what Debian calls qemu-system-x86, and start again');
});

for (const command of ['doctor', '--help', '--version']) {
  t.test(`${command} runs where kernels cannot be built, without a question`, async (t) => {
    const machine = await makeMachine({ dir: t.testdir(), user: 'somebody', installed: ['npm', 'sudo'] });
    t.equal((await machine.run([command])).exitCode, 0);
    t.strictSame(await machine.calls(), ['npm ci']);
  });
}

t.test('check does without shellcheck where that would need a question, and installs it where not', async (t) => {
  const dir = t.testdir({ user: {}, root: {} });
  const user = await makeMachine({ dir: join(dir, 'user'), user: 'somebody', installed: ['npm', 'qemu', 'busybox'] });
  t.equal((await user.run(['check'])).exitCode, 0);
  t.strictSame(await user.calls(), ['npm ci']);
  const admin = await makeMachine({ dir: join(dir, 'root'), installed: ['npm', 'qemu', 'busybox'] });
  t.equal((await admin.run(['run'])).exitCode, 0);
  t.strictSame(await admin.calls(), ['npm ci'], 'run has no use for it');
  t.equal((await admin.run(['check'])).exitCode, 0);
  t.ok((await admin.calls()).includes(`${quietApt} shellcheck`));
});

t.test('check goes on without what the archive does not have for it', async (t) => {
  const machine = await makeMachine({ dir: t.testdir(), installed: ['npm', 'busybox'] });
  const fake = join(machine.bin, '../store/apt-get');
  await writeFile(fake, (await readFile(fake, 'utf8')).replace(/\n/, '\n[[ $* != *shellcheck* ]] || { echo "E: Unable to locate package"; exit 100; }\n'));
  const ran = await machine.run(['check']);
  t.equal(ran.exitCode, 0, ran.stderr);
  t.match(ran.stderr, /apt-get could not install shellcheck, and check goes on without; all it said is in \S+apt\.log/);
  t.ok((await machine.calls()).includes(`${quietApt} qemu-system-x86`), 'what all commands need is asked for apart');
});

t.test('a busybox that needs a loader is as good as none', async (t) => {
  const machine = await makeMachine({ dir: t.testdir(), user: 'somebody', installed: ['npm', 'qemu'] });
  await writeFile(join(machine.bin, 'busybox'), '\u007fELF\0\0\0/lib64/ld-linux-x86-64.so.2\0', { mode: 0o755 });
  t.match((await machine.run(['run'])).stderr, `${apt} busybox-static`);
});

t.test('apt-get that fails ends with its own words, the log, and 69', async (t) => {
  const machine = await makeMachine({ dir: t.testdir(), installed: ['npm', 'busybox'] });
  await writeFile(join(machine.bin, '../store/apt-get'), '#!/usr/bin/env bash\necho "E: Unable to locate package $*"\nexit 100\n');
  const ran = await machine.run(['run']);
  t.equal(ran.exitCode, 69);
  t.match(ran.stderr, /E: Unable to locate package .*qemu-system-x86/);
  t.match(ran.stderr, join(machine.cache, 'setup/apt.log'));
});

t.test('an archive whose package brings no program is said, not gone round in circles', async (t) => {
  const machine = await makeMachine({ dir: t.testdir(), installed: ['npm', 'busybox'] });
  await writeFile(join(machine.bin, '../store/apt-get'), '#!/usr/bin/env bash\nexit 0\n');
  const ran = await machine.run(['run']);
  t.equal(ran.exitCode, 69);
  t.match(ran.stderr, /installed, and still not found: qemu-system-x86/);
});

t.test('a kernel that is built already needs no packages to build one', async (t) => {
  const row = ['bison', 'build', 'no-such-bison', 'bison', 'bison', 'bison', 'bison', 'bison', 'builds kernels'].join('\t');
  const missing = async (...args: string[]): Promise<string> => {
    const machine = await makeMachine({ dir: t.testdir(), user: 'somebody', installed: ['npm', 'busybox'] });
    await appendFile(join(machine.tree, 'harness/host/needs.tsv'), `${row}\n`);
    return (await machine.run(args)).stderr.split('\n').at(-1) ?? '';
  };
  t.equal(await missing('run', '--kernel', 'image:debian:7.2'), `sudo ${apt} qemu-system-x86`);
  t.equal(await missing('test', 'a-scene', '--kernel=image:host'), `sudo ${apt} qemu-system-x86`);
  for (const args of [['run'], ['run', '--kernel', 'dir:image:x'], ['run', '--kernel', 'debian:6.12'], ['run', '--', '--kernel', 'image:host']]) t.equal(await missing(...args), `sudo ${apt} qemu-system-x86 bison`, args.join(' '));
});
