import fc from 'fast-check';
import t from 'tap';
import type { RunFacts } from '../../../harness/formats/run-facts.ts';
import { columnsOf, wrapText } from '../../../harness/formats/wrap-text.ts';
import { writeMail } from '../../../harness/formats/write-mail.ts';
import type { RunRecord } from '../../../harness/results/run-record.ts';
import { factsOf } from './facts.ts';
import { everyPair, everyVerdict, oneSided, twoSided } from './run-fixture.ts';

const tester = { name: 'Ada Löwe', email: 'ada@example.org' };
const mailOf = async (dir: string, record: RunRecord, more: Partial<RunFacts> = {}): Promise<string> => writeMail({ ...(await factsOf(dir, record)), tester, ...more });
const { pass, fail, known, skip, error, hang } = everyVerdict;

t.test('the first line is a subject: what was tested, and what it came to', async (t) => {
  const summary = '1 regression, 3 of 4 scenes the same';
  t.match(await mailOf(t.testdir(), twoSided({ a: [pass, fail] }, { summary, exitCode: 1 })), /^diorama: fuse: take the lock shared on 6\.12\.107: 1 regression\n\n/);
  const long = twoSided({ a: [pass, fail] }, { summary, series: { label: 'x', patches: [{ subject: 'fuse: a very long subject '.repeat(9), from: 'x' }] } });
  t.match((await mailOf(t.testdir(), long)).split('\n')[0], /^diorama: fuse: a very long subject.*… on 6\.12\.107: 1 regression$/);
  t.match(await mailOf(t.testdir(), oneSided({ a: pass }, { summary: '1 of 1 scenes passed' })), /^diorama: 6\.12\.107: 1 of 1 scenes passed\n/);
});

t.test('what was tested is all there, and no path of this machine', async (t) => {
  const mail = await mailOf(t.testdir(), twoSided({ a: [pass, fail] }, {
    command: ['run', '--kernel', 'git:/home/me/linux@v6.12', '--series', '/home/me/v3.mbox', '--config', 'lockdep', '--model', '7.3'], config: 'default+lockdep',
    kernel: { spec: 'git:/home/me/linux@v6.12', version: '6.12.0', origin: `commit ${'a'.repeat(40)}`, treeId: 'b'.repeat(40) },
  }));
  for (const part of ['6.12.0, git:PATH@v6.12', 'a'.repeat(40), '1/2 fuse: take the lock shared', '2/2 fuse: and give it back', 'default+lockdep', 'gcc (Debian 12.2.0', 'deterministic, QEMU emulator', '3.17.2', '7.3']) t.ok(mail.includes(part), part);
  t.notMatch(mail, /home/);
  t.match(mail.replace(/ \\\n +/g, ' '), /\n {2}\.\/diorama run --kernel git:PATH@v6\.12 --config lockdep --model 7\.3 --series SERIES --scenario a\n/);
});

t.test('each kind of finding has its place, with its reason quoted', async (t) => {
  const mail = await mailOf(t.testdir(), twoSided({ broke: [pass, fail], mended: [fail, pass], old: [hang, hang], listed: [known, known], absent: [skip, skip], odd: [error, pass], other: [fail, hang] }));
  t.match(mail, /\nRegressions\n {2}broke \(base pass, patched fail\)\n> step 7: w2's pwrite/);
  t.match(mail, /\nFixed\n {2}mended \(base fail, patched pass\)\n> step 7/);
  t.match(mail, /\nFail with and without the series\n {2}old /);
  t.match(mail, /\nCould not be judged\n {2}odd /);
  t.match(mail, /\nChanged\n {2}other /);
  t.match(mail, /\nKnown issues of this kernel\n {2}K1: a thread in mmap/);
  t.match(mail, /\nSkipped\n {2}absent\n> the kernel has no passthrough/);
});

const clean = { a: [pass, pass], b: [known, known], c: [skip, skip] } as const;
const testedBy = /^Tested-by: Ada Löwe <ada@example\.org>$/m;

t.test('Tested-by stands only below a series that broke, failed and left open nothing', async (t) => {
  t.match(await mailOf(t.testdir(), twoSided(clean)), testedBy);
  t.match(await mailOf(t.testdir(), twoSided({ ...clean, mended: [fail, pass] })), testedBy);
  const never: Readonly<Record<string, RunRecord>> = {
    'without a series': oneSided({ a: pass }),
    'with a regression': twoSided({ ...clean, d: [pass, fail] }, { exitCode: 1 }),
    'whatever the exit code says': twoSided({ ...clean, d: [pass, fail] }),
    'with a failure that was there before': twoSided({ ...clean, d: [fail, fail] }),
    'with an error': twoSided({ ...clean, d: [error, pass] }, { exitCode: 69 }),
    'when nothing passed': twoSided({ c: [skip, skip] }),
    'when nothing was played': twoSided({}),
    'for a choice of scenes': twoSided(clean, { command: ['run', '--scenario', 'a*'] }),
    'nor with an equals sign': twoSided(clean, { command: ['run', '--scenario=a*'] }),
    'interrupted': twoSided(clean, { status: 'interrupted' }),
    'running': twoSided(clean, { status: 'running' }),
    'one side missing': { ...twoSided(clean), scenes: twoSided(clean).scenes.slice(1) },
  };
  for (const [why, record] of Object.entries(never)) t.notMatch(await mailOf(t.testdir(), record), /Tested-by/, why);
});

t.test('without a name nobody is said to have tested', async (t) => {
  t.notMatch(writeMail(await factsOf(t.testdir(), twoSided(clean))), /Tested-by/);
  t.notMatch(await mailOf(t.testdir(), twoSided(clean), { tester: { name: '\u0000', email: 'x@y' } }), /Tested-by/);
});

t.test('a run that failed says why, and what would replay it', async (t) => {
  const { kernel: _, base: __, patched: ___, ...early } = twoSided({}, { status: 'failed', command: ['run', '--kernel', 'debian:6.1'], error: { blame: 'series', code: 'series-does-not-apply', message: 'fs/fuse/file.c: hunk 1 does not apply' } });
  const mail = await mailOf(t.testdir(), early);
  t.match(mail, /^diorama: fuse: take the lock shared on debian:6\.1: failed\n\nThe run did not come to a verdict: failed: fs\/fuse\/file\.c: hunk 1/);
  t.match(mail, /No scene was\s+played/);
  t.match(mail, /--kernel debian:6\.1 --series SERIES/);
});

t.test('no line is wider than a mail may be, whatever stands in it', async (t) => {
  const wide = '修正'.repeat(200);
  const records = [
    twoSided(everyPair()), oneSided(everyVerdict),
    oneSided({ ['x'.repeat(300)]: { kind: 'fail', reason: 'y'.repeat(5000) }, [wide]: { kind: 'fail', reason: wide } }, { summary: wide, guest: wide, config: `default+${'z'.repeat(200)}`, kernel: { spec: `git:/a@${'r'.repeat(300)}`, version: wide, origin: wide, treeId: wide } }),
  ];
  for (const record of records) for (const line of (await mailOf(t.testdir(), record)).split('\n')) if (columnsOf(line) >= 80) t.fail(line);
  t.pass();
});

t.test('text is broken at spaces, within words only where it must, and nothing of it is lost', async (t) => {
  t.strictSame(wrapText('one two three', { columns: 9, first: '- ', rest: '  ' }), ['- one two', '  three']);
  t.strictSame(wrapText('abcdefgh ij', { columns: 5 }), ['abcde', 'fgh', 'ij']);
  t.strictSame(wrapText('', { columns: 5, first: '> ' }), ['>']);
  t.doesNotThrow(() => fc.assert(fc.property(fc.array(fc.stringMatching(/^[^\s]{1,30}$/), { maxLength: 20 }), fc.integer({ min: 2, max: 40 }), (words, columns) => {
    const lines = wrapText(words.join(' '), { columns });
    return lines.every((line) => columnsOf(line) <= columns) && lines.join('').replaceAll(' ', '') === words.join('');
  })));
});
