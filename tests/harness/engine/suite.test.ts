import { access } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { runRecordSchema } from '../../../harness/results/run-record.ts';
import { diorama, readText, root, type Ended } from './run-diorama.ts';

type Suites = Readonly<Record<string, string>>;

/** `suite --json` with suites of its own: the rest of their files after `about`. */
async function play(dir: string, suites: Suites, options: readonly string[] = []): Promise<Ended & { readonly dir: string; readonly verdicts: ReadonlyMap<string, { kind: string; reason: string }> }> {
  const files = Object.keys(suites).map((name) => join(dir, `${name}.yaml`));
  const ended = await diorama(['suite', '--json', '--results', join(dir, 'results'), ...options, ...files]);
  if (!ended.stdout.startsWith('{')) throw new Error(`no document on stdout: ${ended.stderr}`);
  const document = JSON.parse(ended.stdout) as { dir: string };
  const verdicts = new Map(runRecordSchema.parse(document).scenes.map(({ scene, side, verdict }) => [`${scene} ${side}`, verdict]));
  return { ...ended, dir: document.dir, verdicts };
}

function filesOf(suites: Suites): Record<string, string> {
  return Object.fromEntries(Object.entries(suites).map(([name, rest]) => [`${name}.yaml`, `about: ${name}\n${rest}`]));
}

await t.test('a suite runs on its servers, and what it came to is a verdict of a run', async (t) => {
  const suites = {
    good: 'needs: [sh]\nservers: [stage, hp, hp-direct]\nbound: 2m\nrun: |\n  printf new | dd of="$MNT/x" status=none || [ $SERVER = stage ]\n  printf "%s" "$SERVER" >"$RESULTS/kept"\n',
    bad: 'needs: []\nservers: [none]\nbound: 2m\nrun: |\n  echo "verify: bad header"\n  false\n  echo not reached\n',
    lacks: 'needs: [no-such-program-here]\nservers: [hp]\nbound: 2m\nrun: exit 0\n',
    hangs: 'needs: []\nservers: [none]\nbound: 20s\nrun: |\n  echo begun\n  sleep 1000\n',
    dies: 'needs: []\nservers: [none]\nbound: 2m\nrun: echo c >/proc/sysrq-trigger\n',
  };
  const { exitCode, verdicts, dir, stderr } = await play(t.testdir(filesOf(suites)), suites);
  t.same(['good@stage', 'good@hp', 'good@hp-direct'].map((name) => verdicts.get(`${name} base`)?.kind), ['pass', 'pass', 'pass'], stderr);
  t.equal(await readText(dir, 'base', 'good@hp-direct', 'files', 'kept'), 'hp-direct');
  t.same(verdicts.get('bad base'), { kind: 'fail', reason: 'exit code 1: verify: bad header' });
  t.same(verdicts.get('lacks@hp base'), { kind: 'skip', reason: 'needs no-such-program-here' });
  t.match(verdicts.get('hangs base'), { kind: 'hang', reason: /^the guest was not done within 20 s.*; the last it said was: begun$/ });
  t.match(verdicts.get('dies base'), { kind: 'crash', reason: /^the guest went away before the command had ended; the kernel said: .*sysrq triggered crash/i });
  t.equal(exitCode, 1);
});

await t.test('a kernel with a series is compared with the one without', async (t) => {
  const suites = {
    // A direct write whose file is mapped beside it: the mapping shows what was written (6.12 invalidates around it).
    stale: 'needs: [python3]\nservers: [hp-direct]\nbound: 2m\nrun: |\n  python3 -c \'import mmap, os, sys\n  fd = os.open(sys.argv[1], os.O_RDWR | os.O_CREAT)\n  os.write(fd, b"a" * 4096)\n  seen = mmap.mmap(fd, 4096)\n  before = seen[:1]\n  os.pwrite(fd, b"b" * 4096, 0)\n  print(before, seen[:1])\n  sys.exit(seen[:1] != b"b")\' "$MNT/file"\n',
  };
  const { exitCode, verdicts, stderr } = await play(t.testdir(filesOf(suites)), suites, ['--series', join(root, 'tests/canaries/no-invalidation-around-write.patch')]);
  t.match(verdicts.get('stale@hp-direct base'), { kind: 'pass' }, stderr);
  t.match(verdicts.get('stale@hp-direct patched'), { kind: 'fail', reason: /^exit code 1/ });
  t.equal(exitCode, 1);
});

await t.test('a guest that has no root of the host\'s, and an unknown suite, are told at once', async (t) => {
  const results = t.testdir();
  const guest = await diorama(['suite', '--guest', 'parallel', '--results', join(results, 'r')]);
  t.equal(guest.exitCode, 2);
  t.match(guest.stderr, /suite --guest parallel: the host's programs are not in that guest\ntry: --guest virtme/);
  t.equal((await diorama(['suite', '--results', join(results, 'r'), 'nothing'])).exitCode, 2);
  await t.rejects(access(join(results, 'r')));
});
