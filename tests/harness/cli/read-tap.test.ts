import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { countsLine, describeCheck } from '../../../harness/cli/check/describe-check.ts';
import { type CheckedUnit, countOutcomes } from '../../../harness/cli/check/outcome.ts';
import { readTap } from '../../../harness/cli/check/read-tap.ts';
import { neverRun } from '../../../harness/cli/check/run-tests.ts';

/** What tap 21 wrote for small files of each kind, with paths made neutral. */
const captured = (name: string): Promise<string> => readFile(join(import.meta.dirname, 'tap', name), 'utf8');
const cases = (units: readonly CheckedUnit[], file: string): string[] =>
  (units.find(({ name }) => name === file)?.cases ?? []).map(({ name, outcome }) => `${outcome}: ${name}`);
const evidence = (units: readonly CheckedUnit[], file: string): string =>
  (units.find(({ name }) => name === file)?.cases ?? []).flatMap(({ evidence }) => evidence).join('\n');

t.test('each top-level test counts once, and so does a bare assertion', async (t) => {
  t.strictSame(cases(readTap(await captured('every-outcome.tap')), 'tests/a.test.ts'), [
    'passed: one is good',
    'failed: two is bad',
    'skipped: three skipped',
    'skipped: four todo',
    'failed: five throws',
    'failed: six nested',
    'passed: bare',
  ]);
});

t.test('a failed test shows every failed assertion below it, whole', async (t) => {
  const text = evidence(readTap(await captured('every-outcome.tap')), 'tests/a.test.ts');
  t.match(text, /^numbers differ\n/);
  t.match(text, /^should be equivalent\n[^]*^ +- {2}"a": 2,\n +\+ {2}"a": 1,$/m);
  t.match(text, /^boom$/m);
  t.match(text, /^inner › inner bad$/m);
  t.match(text, 'tests/a.test.ts:7:76');
});

t.test('a file that died fails although its tests passed', async (t) => {
  const units = readTap(await captured('every-outcome.tap'));
  t.strictSame(cases(units, 'tests/b.test.ts'), ['passed: ok', 'failed: the file itself']);
  t.match(evidence(units, 'tests/b.test.ts'), 'it was ended by SIGKILL');
  t.strictSame(cases(units, 'tests/c.test.ts'), ['failed: the file itself']);
  t.match(evidence(units, 'tests/c.test.ts'), 'exit code 1');
});

t.test('a plan that was not fulfilled and a file without tests fail', async (t) => {
  const units = readTap(await captured('every-outcome.tap'));
  t.strictSame(cases(units, 'tests/d.test.ts'), ['passed: should be equal', 'failed: test count(1) != plan(3)']);
  t.strictSame(cases(units, 'tests/e.test.ts'), ['failed: the file itself']);
  t.equal(evidence(units, 'tests/e.test.ts'), 'it ran no test');
});

t.test('the counts are those of the cases, on a line of their own at the end', async (t) => {
  const units = readTap(await captured('every-outcome.tap'));
  t.strictSame(countOutcomes(units), { passed: 5, failed: 7, skipped: 2 });
  t.strictSame(describeCheck(units, '/logs').slice(-2), ['2 skipped', '5 passed, 7 failed']);
  t.equal(countsLine([{ name: 'lint', ms: 1, cases: [{ name: 'lint', outcome: 'passed', evidence: [] }] }]), '1 passed, 0 failed');
});

t.test('an output cut anywhere never counts as a success', async (t) => {
  const good = 'TAP version 14\n1..1\n# Subtest: tests/f.test.ts\n    # Subtest: fine\n        ok 1 - yes\n        1..1\n    ok 1 - fine # time=1ms\n    1..1\nok 1 - tests/f.test.ts # time=2ms\n';
  t.strictSame(countOutcomes(readTap(good)), { passed: 1, failed: 0, skipped: 0 });
  for (let length = 0; length < good.indexOf('\nok 1 -') + 1; length += 1) {
    t.ok(countOutcomes(readTap(good.slice(0, length))).failed > 0, `after ${String(length)} characters`);
  }
});

t.test('an output that stops between two files fails although all that it has passed', async (t) => {
  const file = (n: number): string => `# Subtest: tests/${String(n)}.test.ts\n    ok 1 - fine\n    1..1\nok ${String(n)} - tests/${String(n)}.test.ts # time=2ms\n`;
  const units = readTap(`TAP version 14\n1..3\n${file(1)}${file(2)}`);
  t.strictSame(countOutcomes(units), { passed: 2, failed: 1, skipped: 0 });
  t.equal(evidence(units, 'tap'), '3 files were to be run, 2 came to their end');
});

t.test('what came before the cut is counted still', async (t) => {
  const text = await captured('every-outcome.tap');
  const units = readTap(text.slice(0, text.indexOf('not ok 1 - inner bad')));
  t.ok(cases(units, 'tests/a.test.ts').includes('passed: one is good'));
  t.ok(cases(units, 'tests/a.test.ts').includes('failed: six nested'));
});

t.test('a test that ran out of time fails with its file, and the file that tap then forgot fails too', async (t) => {
  const units = readTap(await captured('timed-out.tap'));
  t.strictSame(cases(units, 'x/g.test.ts'), ['passed: starts', 'failed: hangs']);
  t.strictSame(neverRun(['x/g.test.ts', 'x/h.test.ts'], units, []).map(({ name }) => name), ['x/h.test.ts']);
});

t.test('a run that gave up at the first failure names the test and shows it', async (t) => {
  const units = readTap(await captured('bailed-out.tap'));
  t.strictSame(cases(units, 'x/i.test.ts'), ['failed: bad']);
  t.match(evidence(units, 'x/i.test.ts'), 'x/i.test.ts:2:32');
  t.strictSame(countOutcomes(units), { passed: 0, failed: 1, skipped: 0 });
});

t.test('a file that skips itself with a reason is skipped', async (t) => {
  const text = 'TAP version 14\n1..1\n# Subtest: tests/h.test.ts\n    1..0 # no KVM here\nok 1 - tests/h.test.ts # SKIP no KVM here\n';
  t.strictSame(cases(readTap(text), 'tests/h.test.ts'), ['skipped: no KVM here']);
});
