import { execa } from 'execa';
import { execFileSync } from 'node:child_process';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { kernelHistory, type History } from './kernel-history.ts';
import { diorama, leftWith, readText, startDiorama } from './run-diorama.ts';
import { canary, revertOf } from './series-of-canaries.ts';

const scene = 'write-does-not-overtake-mmap';
const overtaking = { subject: 'fuse: \u001b[31mlet writers pass', patch: await canary('overtaking-write') };
// Nothing that is in the cache already would be built.
const unique = { subject: 'fuse: a comment', iomode: (text: string) => `${text}\n/* ${process.pid} ${Date.now()} */\n` };
const breaks = { subject: 'fuse: break the build', iomode: (text: string) => `${text}#error "broken"\n` };
const mends = { subject: 'fuse: mend the build', iomode: (text: string) => text.replace('#error "broken"\n', '') };
const harmless = { subject: 'fuse: write it out', patch: await canary('same-if-else') };

interface Document {
  readonly end: { readonly kind: string; readonly commit?: { readonly id: string; readonly subject: string }; readonly commits?: readonly { readonly subject: string }[] };
  readonly steps: readonly { readonly id: string; readonly subject: string; readonly mark: string; readonly remembered: boolean; readonly tested: { readonly dir: string } }[];
  readonly dir: string;
}

function argsFor(history: History, given: { readonly results: string; readonly good?: number; readonly bad?: number }): string[] {
  const { commits } = history;
  return [
    'bisect', '--kernel', `git:${history.path}`, '--good', commits[given.good ?? 0] ?? '', '--bad', commits[given.bad ?? commits.length - 1] ?? '',
    '--scenario', scene, '--results', given.results,
  ];
}

const dir = t.testdir();
const history = await kernelHistory(dir, [unique, harmless, breaks, mends, overtaking, { subject: 'fuse: leave early', patch: await canary('same-early-return') }]);

await t.test('the canary in the middle is found, a commit that does not build is skipped, and every step costs a module', async (t) => {
  const refs = (): string => execFileSync('git', ['for-each-ref'], { env: { PATH: process.env['PATH'], GIT_DIR: history.path }, encoding: 'utf8' });
  const before = refs();
  const results = join(dir, 'results');
  const ended = await diorama([...argsFor(history, { results }), '--json']);
  t.equal(ended.exitCode, 0, ended.stderr);
  const found = JSON.parse(ended.stdout) as Document;
  t.match(found, { end: { kind: 'found', commit: { id: history.commits[5], subject: 'fuse: let writers pass' } }, sought: { kind: 'fail', step: 7, reason: /it overtook m's mmap/ } });
  t.match(found.steps.find(({ subject }) => subject === breaks.subject), { mark: 'skip', tested: { trouble: { code: 'build-failed', details: [/^fs\/fuse\/iomode\.c:\d+:2: error: #error "broken"/] } } });
  t.ok(found.steps.length <= 4, `${found.steps.length} steps`);
  t.match(ended.stderr, /commits left after this one, some \d steps/);
  t.equal(refs(), before);
  for (const id of await readdir(found.dir)) {
    const log = await readText(found.dir, id, 'build.log').catch(() => '');
    const made = log.split('\n').flatMap((line) => /^ {2}(?:CC|LD|AR)(?: \[M\])? +(\S+)$/.exec(line)?.[1] ?? []);
    t.same(made.filter((path) => !path.startsWith('fs/fuse/') && path !== 'scripts/module-common.o' && path !== '.module-common.o'), [], `${id} makes the module alone`);
  }

  const again = await diorama(argsFor(history, { results }));
  t.equal(again.exitCode, 0, again.stderr);
  t.match(again.stdout, new RegExp(`^${history.commits[5] ?? ''} is the first bad commit\n    fuse: let writers pass\n    A U Thor <a@localhost>, 2023-11-14`, 'm'));
  t.match(again.stdout, /^step 7 .* <- here they part$/m, 'the trace is shown');
  t.match(again.stdout, /^write-does-not-overtake-mmap there: fail, step 7: w2's pwrite of 4K at 4K reached the server/m);
  t.match(again.stdout, /^skipped, not blamed:\n {4}[0-9a-f]{12} fuse: break the build: does not build: fs\/fuse\/iomode\.c:/m);
  t.match(again.stdout, new RegExp(`: ${found.steps.length} tested, .* 1 skipped, ${found.steps.length} remembered$`, 'm'), 'nothing is played again');
  t.notMatch(again.stdout, /\u001b/);
  const evidence = /^replay with (.*)$/m.exec(again.stdout)?.[1] ?? '';
  t.match(evidence, (history.commits[5] ?? '').slice(0, 12));
  const repro = await execa(evidence, ['--results', join(dir, 'repro')], { reject: false, cwd: process.cwd() });
  t.equal(repro.exitCode, 1, repro.stderr);
  t.match(repro.stdout, /here they part/);
});

for (const signal of ['SIGKILL', 'SIGINT'] as const) {
  await t.test(`a bisect that is ended by ${signal} goes on where it was`, async (t) => {
    const results = join(dir, signal);
    const args = [...argsFor(history, { results }), '--json'];
    const started = await startDiorama(args, /^note +[0-9a-f]{12} (good|bad|skip)/m);
    process.kill(started.pid, signal);
    t.equal((await started.ended).exitCode, signal === 'SIGINT' ? 130 : undefined);
    t.same(await leftWith(results), [], 'nothing of it is left');
    const ended = await diorama(args);
    t.equal(ended.exitCode, 0, ended.stderr);
    const found = JSON.parse(ended.stdout) as Document;
    t.match(found.end, { kind: 'found', commit: { id: history.commits[5] } });
    t.ok(found.steps.some(({ remembered }) => remembered), 'what was tested is remembered');
  });
}

await t.test('where the commits around the change do not build, the range is 1', async (t) => {
  const unbuilt = await kernelHistory(dir, [harmless, breaks, overtaking, mends]);
  const ended = await diorama(argsFor(unbuilt, { results: join(dir, 'range') }));
  t.equal(ended.exitCode, 1, ended.stderr);
  t.match(ended.stdout, /^the first bad commit is one of 3: those between the last good and the first bad one cannot be judged$/m);
  for (const [at, word] of [[4, 'bad'], [3, 'skip'], [2, 'skip']] as const) t.match(ended.stdout, new RegExp(`^ {4}${(unbuilt.commits[at] ?? '').slice(0, 12)} +${word} `, 'm'));
  const bounded = await diorama([...argsFor(unbuilt, { results: join(dir, 'range') }), '--max-steps', '1']);
  t.equal(bounded.exitCode, 1, bounded.stderr);
  t.match(bounded.stdout, /the limit of steps was reached/);
});

await t.test('a commit that fails otherwise is skipped, and blamed only when every failure counts', async (t) => {
  const another = await canary('mmap-does-not-wait');
  const other = await kernelHistory(dir, [
    harmless, { subject: 'fuse: mmap does not wait', patch: another }, { ...overtaking, patch: `${revertOf(another)}\n${overtaking.patch}` },
  ]);
  const ends = argsFor(other, { results: join(dir, 'other') });
  const ended = await diorama(ends);
  t.equal(ended.exitCode, 1, ended.stderr);
  t.match(ended.stdout, /skip +fuse: mmap does not wait: fails otherwise: splat, /);
  const any = await diorama([...ends, '--any-failure', '--json']);
  t.equal(any.exitCode, 0, any.stderr);
  t.match(JSON.parse(any.stdout), { end: { kind: 'found', commit: { subject: 'fuse: mmap does not wait' } } });
});

await t.test('ends that are not what they are said to be are 2, one that does not build is 3', async (t) => {
  const results = join(dir, 'ends');
  const wrong: readonly (readonly [args: readonly string[], exitCode: number, said: RegExp])[] = [
    [argsFor(history, { results, good: 5 }), 2, /--good [0-9a-f]{40}: write-does-not-overtake-mmap is not good there: fail, step 7/],
    [argsFor(history, { results, bad: 2 }), 2, /--bad [0-9a-f]{40}: write-does-not-overtake-mmap passes there/],
    [argsFor(history, { results, good: 6, bad: 0 }), 2, /the bad commit is an ancestor of the good one/],
    [argsFor(history, { results, good: 3 }), 3, /--good [0-9a-f]{40}: .*does not build: fs\/fuse\/iomode\.c/],
    [['bisect', '--kernel', 'debian:6.12', '--good', 'a', '--bad', 'b', '--scenario', scene], 2, /only a git: kernel has commits to bisect/],
    [['bisect', '--kernel', `git:${history.path}@v1`, '--good', 'a', '--bad', 'b', '--scenario', scene], 2, /bisect tests what is between --good and --bad, not v1/],
    [['bisect', '--kernel', `git:${history.path}`, '--good', 'nonsense', '--bad', 'b', '--scenario', scene], 2, /has no commit "nonsense"/],
    [['bisect', '--kernel', `git:${history.path}`, '--good', '-x', '--bad', 'b', '--scenario', scene], 2, /--good -x: not a revision/],
    [['bisect', '--good', 'a', '--bad', 'b', '--scenario', 'mmap-*'], 2, /these are \d+ scenes, and bisect plays one/],
    [['bisect', '--good', 'a', '--scenario', scene], 2, /required option '--bad <rev>' not specified/],
  ];
  for (const [args, exitCode, said] of wrong) {
    const ended = await diorama(args);
    t.equal(ended.exitCode, exitCode, `${args.join(' ')}: ${ended.stderr}`);
    t.match(ended.stderr, said);
    t.equal(ended.stdout, '');
  }
});
