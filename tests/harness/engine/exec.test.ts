import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { onPath } from '../../../harness/host/on-path.ts';
import { diorama, readText, type Ended } from './run-diorama.ts';

/** `exec` with its evidence in `results`. */
async function exec(results: string, words: readonly string[], options: { readonly cwd?: string } = {}): Promise<Ended & { readonly dir: string }> {
  const ended = await diorama(['exec', '--results', results, '--', ...words], options);
  const [when = ''] = await readdir(join(results, 'exec')).catch(() => []);
  return { ...ended, dir: join(results, 'exec', when) };
}

await t.test('a program of the host runs on the other kernel, where we are, with its words, output and exit code', async (t) => {
  const results = t.testdir({ here: { 'a file': 'seen\n' } });
  const ended = await exec(results, ['sh', '-c', 'cat "$1"; uname -r; echo aside >&2; touch "$1" new; ls; exit 7', 'sh', 'a file'], { cwd: join(results, 'here') });
  t.equal(ended.exitCode, 7, ended.stderr);
  t.match(ended.stdout, /^seen\n6\.12\.\d+\na file\nnew$/);
  t.match(ended.stderr, /^aside$/m);
  t.same(await readdir(join(results, 'here')), ['a file'], 'what it wrote is gone with the guest');
});

await t.test('it has the server\'s files, and what it leaves in $RESULTS comes back', async (t) => {
  const ended = await exec(t.testdir(), ['sh', '-c', 'head -c 4 /mnt/parallel; printf new | dd of=/mnt/cached conv=notrunc status=none; mkdir $RESULTS/sub; head -c 5 /mnt/cached >$RESULTS/sub/out']);
  t.same([ended.exitCode, ended.stdout], [0, 'pppp'], ended.stderr);
  t.equal(await readText(ended.dir, 'files', 'sub', 'out'), 'newcc');
  t.match(await readFile(join(ended.dir, 'console'), 'latin1'), /fuse: init \(API version/);
});

await t.test('a guest without the host\'s root has none of its programs', async (t) => {
  const ended = await diorama(['exec', '--guest', 'parallel', '--results', t.testdir(), '--', 'true']);
  t.equal(ended.exitCode, 2);
  t.match(ended.stderr, /exec --guest parallel: the host's programs are not in that guest\ntry: --guest virtme/);
});

await t.test('without virtme-ng, --via vng is told before anything is built', { skip: (await onPath('vng')) !== undefined && 'vng is here' }, async (t) => {
  const ended = await diorama(['exec', '--via', 'vng', '--results', join(t.testdir(), 'r'), '--', 'true']);
  t.equal(ended.exitCode, 69);
  t.equal(ended.stderr, 'diorama: vng: not on PATH\ntry: install virtme-ng, or leave out --via vng: diorama boots the same by itself');
});

await t.test('virtme-ng boots the same kernel, with the server\'s files, $RESULTS and the exit code', { skip: (await onPath('vng')) === undefined && 'vng is not on PATH' }, async (t) => {
  const results = t.testdir();
  const { exitCode, stdout, stderr } = await diorama(['exec', '--via', 'vng', '--results', results, '--', 'sh', '-c', 'uname -r; head -c 4 /mnt/parallel; printf kept >"$RESULTS/file"; exit 7']);
  t.equal(exitCode, 7, stderr);
  t.match(stdout, /6\.12\.\d+\r?\npppp/);
  const [when = ''] = await readdir(join(results, 'exec'));
  t.equal(await readText(results, 'exec', when, 'files', 'file'), 'kept');
  t.match(await readText(results, 'exec', when, 'console'), /Linux version 6\.12/);
});
