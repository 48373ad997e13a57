import { execa } from 'execa';
import { chmod, copyFile, mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';

/** What a small machine of our making is like before the launcher comes. */
export interface MachineGiven {
  /** An empty directory; the machine's tree, programs, cache and calls are kept below it. */
  readonly dir: string;
  readonly user?: 'root' | 'somebody';
  /** What os-release says, in one word; `void` is one that nobody knows. */
  readonly distribution?: 'debian' | 'ubuntu' | 'fedora' | 'arch' | 'alpine' | 'opensuse-leap' | 'void';
  readonly node?: 'none' | '18.20.4' | '20.20.2';
  /** Programs that are installed from the start; the others of `programs` come only by a package. */
  readonly installed?: readonly ProgramName[];
  /** Shell text in place of npm's own doings; `$arguments` holds its arguments and `$dest` its node_modules. */
  readonly npm?: string;
  /** Name of the tree's directory. */
  readonly tree?: string;
}

export type ProgramName = 'npm' | 'sudo' | 'qemu' | 'busybox' | 'shellcheck';

export interface Machine {
  readonly tree: string;
  readonly cache: string;
  readonly bin: string;
  run(args: readonly string[], more?: RunMore): Promise<Ran>;
  /** Every call of a fake program since the machine was made, e.g. `apt-get install -y …`. */
  calls(): Promise<string[]>;
}

export interface RunMore {
  readonly file?: string;
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Typed at a terminal, which the launcher then has. */
  readonly typed?: string;
}

export interface Ran {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

const root = resolve(import.meta.dirname, '../../..');

/** The real programs that the launcher itself is made of. */
const tools = [
  ...['bash', 'sh', 'env', 'cat', 'dirname', 'readlink', 'sha256sum', 'find', 'mkdir', 'mv', 'rm', 'cp', 'chmod', 'touch', 'head', 'tail'],
  ...['grep', 'flock', 'timeout', 'uname', 'sleep', 'stat'],
];

/**
 * Makes a machine that is only a PATH: the launcher's own tools, and fakes for everything that would change a real one. The tree
 * holds the real launcher with a needs.tsv of three rows, and a node_modules that the fake npm makes.
 */
export async function makeMachine(given: MachineGiven): Promise<Machine> {
  const tree = join(given.dir, given.tree ?? 'tree');
  const bin = join(given.dir, 'bin');
  const cache = join(given.dir, 'cache');
  const calls = join(given.dir, 'calls');
  await mkdir(bin, { recursive: true });
  await writeFile(calls, '');
  for (const name of tools) await symlink(await realPath(name), join(bin, name));
  await makeTree(tree);
  await writeFile(join(given.dir, 'os-release'), `PRETTY_NAME="Some ${given.distribution ?? 'debian'}"\nID=${given.distribution ?? 'debian'}\n`);

  const fake = async (name: string, body: string): Promise<void> => {
    await mkdir(join(given.dir, 'store'), { recursive: true });
    const path = join(given.dir, 'store', name);
    await writeFile(path, `#!${bin}/bash\narguments=$*\necho "${name} $arguments" >>'${calls}'\n${body}\n`);
    await chmod(path, 0o755);
  };
  await fake('id', given.user === 'somebody' ? 'echo 1000' : 'echo 0');
  await fake('dpkg', 'exit 0');
  await fake('apt-get', aptGet(given.dir));
  await fake('sudo', 'while [[ $1 == -* ]]; do shift; done; exec "$@"');
  await fake('npm', given.npm ?? npmCi);
  await fake('qemu', 'echo QEMU emulator version 9.9.9');
  await fake('busybox', 'echo BusyBox v1.0.1');
  await fake('shellcheck', 'exit 0');
  await writeFile(join(given.dir, 'store/node-18.20.4'), fakeNode(bin, '18.20.4'), { mode: 0o755 });
  await writeFile(join(given.dir, 'store/node-20.20.2'), fakeNode(bin, '20.20.2'), { mode: 0o755 });

  for (const name of ['id', 'dpkg', 'apt-get', ...(given.installed ?? ['npm', 'qemu', 'busybox', 'shellcheck'])]) await install(given.dir, name, name);
  if (given.node !== 'none') await install(given.dir, `node-${given.node ?? '20.20.2'}`, 'node');

  return {
    tree,
    cache,
    bin,
    calls: async () => (await readFile(calls, 'utf8')).split('\n').filter((line) => line !== '' && !line.startsWith('id ')),
    run: async (args, more = {}) => {
      const file = more.file ?? join(tree, 'diorama');
      const env = { PATH: bin, HOME: given.dir, DIORAMA_CACHE: cache, DIORAMA_OS_RELEASE: join(given.dir, 'os-release'), ...more.env };
      const options = { reject: false, extendEnv: false, env, cwd: given.dir, timeout: 60_000 } as const;
      const ran =
        more.typed === undefined
          ? await execa(file, args, { ...options, stdin: 'ignore' })
          : await execa(await realPath('script'), ['-qec', [file, ...args].map((word) => `'${word}'`).join(' '), '/dev/null'], {
              ...options,
              input: more.typed,
            });
      return { exitCode: ran.exitCode ?? -1, stdout: ran.stdout, stderr: ran.stderr };
    },
  };
}

/** Why `typed` cannot be used here, as tap's `skip` wants it: a machine may be without script(1) or, in a chroot, without /dev/pts. */
export async function withoutTerminal(): Promise<string | false> {
  const ran = await execa('script', ['-qec', 'test -t 0', '/dev/null'], { reject: false, stdin: 'ignore', timeout: 10_000 });
  return ran.exitCode === 0 ? false : 'no terminal can be opened here';
}

async function realPath(name: string): Promise<string> {
  const { stdout } = await execa('sh', ['-c', `command -v ${name}`]);
  return stdout;
}

async function install(dir: string, stored: string, name: string): Promise<void> {
  await symlink(join(dir, 'store', stored), join(dir, 'bin', name));
}

async function makeTree(tree: string): Promise<void> {
  for (const path of ['diorama', 'scripts/setup.sh']) {
    await mkdir(dirname(join(tree, path)), { recursive: true });
    await copyFile(join(root, path), join(tree, path));
  }
  await mkdir(join(tree, 'harness/host'), { recursive: true });
  await mkdir(join(tree, 'harness/cli'), { recursive: true });
  await writeFile(join(tree, 'package-lock.json'), '{}\n');
  await writeFile(join(tree, 'harness/cli/main.ts'), 'the command line\n');
  await writeFile(join(tree, 'harness/host/needs.tsv'), needs);
}

const needs = `# a small table
node	start	node	nodejs	nodejs	nodejs	nodejs	nodejs20	runs diorama
npm	start	npm	npm	nodejs-npm	npm	npm	npm20	brings libraries
qemu	run	no-such-qemu qemu	qemu-system-x86	qemu-core	qemu-arch	qemu-alpine	qemu-suse	boots guests
busybox	run	static:busybox	busybox-static	busybox	busybox	busybox-static	busybox-static	is in the guest
shellcheck	check	shellcheck	shellcheck	ShellCheck	shellcheck	shellcheck	ShellCheck	checks bash
`;

/** apt-get install puts the stored fakes of the packages onto the PATH; Debian's nodejs is 18. */
function aptGet(dir: string): string {
  return `
for word in $arguments; do
  case $word in
    nodejs) from=node-18.20.4 to=node ;;
    npm) from=npm to=npm ;;
    qemu-system-x86) from=qemu to=qemu ;;
    busybox-static) from=busybox to=busybox ;;
    shellcheck) from=shellcheck to=shellcheck ;;
    *) continue ;;
  esac
  [[ -e '${dir}/bin/'$to ]] || cp '${dir}/store/'$from '${dir}/bin/'$to
done`;
}

/** Says its version, or shows the bundle and what it was given. */
function fakeNode(bin: string, version: string): string {
  return `#!${bin}/bash
if [[ $1 == --version ]]; then echo v${version}; exit; fi
echo "node ${version} root=$DIORAMA_ROOT"
while [[ $1 == -* ]]; do shift; done
cat "$1"
shift
printf 'argument %s\\n' "$@"
`;
}

/** `npm ci` makes a node_modules with an esbuild that copies; `npm install --prefix DIR` brings Node 20. */
const npmCi = `
if [[ $arguments == *--prefix* ]]; then
  while [[ $1 != --prefix ]]; do shift; done
  case $(uname -m) in aarch64) machine=arm64 ;; *) machine=x64 ;; esac
  mkdir -p "$2/node_modules/node-linux-$machine/bin"
  cp "\${0%/*}/../store/node-20.20.2" "$2/node_modules/node-linux-$machine/bin/node"
else
  rm -rf node_modules
  mkdir -p node_modules/@esbuild/linux-x64/bin
  printf '%s\\n' '#!/usr/bin/env bash' 'echo esbuild >>"\${BASH_SOURCE[0]%/*}/calls"' 'for word; do case $word in --outdir=*) mkdir -p "\${word#*=}"; for name in main start; do cp "$1" "\${word#*=}/$name.cjs"; done ;; esac; done' >node_modules/@esbuild/linux-x64/bin/esbuild
  chmod +x node_modules/@esbuild/linux-x64/bin/esbuild
fi`;
