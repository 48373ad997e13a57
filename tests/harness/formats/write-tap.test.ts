import { Parser, type FinalResults, type Result } from 'tap-parser';
import t from 'tap';
import { readKtap } from '../../../harness/formats/read-ktap.ts';
import { writeKtap } from '../../../harness/formats/write-ktap.ts';
import { writeTap } from '../../../harness/formats/write-tap.ts';
import { runOutcome } from '../../../harness/judge/run-outcome.ts';
import { verdictsOf } from '../../../harness/results/verdicts-of.ts';
import type { RunRecord } from '../../../harness/results/run-record.ts';
import { factsOf } from './facts.ts';
import { everyPair, everyVerdict, oneSided, twoSided } from './run-fixture.ts';

/** What a TAP consumer makes of it. */
async function consume(dir: string, record: RunRecord): Promise<{ readonly final: FinalResults; readonly points: readonly Result[]; readonly nested: readonly Result[]; readonly text: string }> {
  const text = writeTap(await factsOf(dir, record));
  const points: Result[] = [];
  const nested: Result[] = [];
  let final: FinalResults | undefined;
  const strange: string[] = [];
  const parser = new Parser((results) => (final = results));
  parser.on('assert', (result: Result) => points.push(result));
  parser.on('child', (child: Parser) => child.on('assert', (result: Result) => nested.push(result)));
  parser.on('extra', (line: string) => strange.push(line));
  parser.end(text);
  t.strictSame(strange, [], 'each line is TAP');
  if (!final) throw new Error('the parser came to no end');
  return { final, points, nested, text };
}

const outcome = (record: RunRecord): ReturnType<typeof runOutcome> => runOutcome(verdictsOf(record));

t.test('a consumer counts what the summary of a base says', async (t) => {
  const record = oneSided({ ...everyVerdict, again: everyVerdict.pass, worse: everyVerdict.fail });
  const { final, points } = await consume(t.testdir(), record);
  const { summary, exitCode } = outcome(record);
  t.equal(summary, '2 of 10 scenes passed, 5 failed, 1 known, 1 skipped, 1 could not be judged');
  t.match(final, { count: 10, todo: 1, skip: 1, bailout: false });
  t.equal(points.filter(({ ok, skip }) => ok && skip === false).length, 2, 'passed');
  t.equal(points.filter(({ ok, todo }) => !ok && todo === false).length, 5 + 1, 'failed and not judged');
  t.equal(final.ok, exitCode === 0);
});

t.test('with a series it counts regressions and what could not be judged, and fails as diorama does', async (t) => {
  const record = twoSided(everyPair());
  const { final, points } = await consume(t.testdir(), record);
  const { comparisons } = outcome(record);
  const bad = [...comparisons].filter(([, word]) => word === 'regression' || word === 'error').map(([scene]) => scene);
  t.strictSame(points.filter(({ ok, todo }) => !ok && todo === false).map(({ name }) => name).sort(), bad.sort());
  t.equal(final.count, comparisons.size);
  for (const [scene, pair] of Object.entries(everyPair())) {
    const one = twoSided({ [scene]: pair });
    const read = await consume(t.testdir(), one);
    t.equal(read.final.ok, outcome(one).exitCode === 0, scene);
  }
});

t.test('both sides stand below the scene, with what they came to', async (t) => {
  const { nested, points } = await consume(t.testdir(), twoSided({ 'writes-wait': [everyVerdict.pass, everyVerdict.fail] }));
  t.match(nested, [{ name: 'base', ok: true, diag: { verdict: 'pass', ms: 484 } }, { name: 'patched', ok: false, diag: { verdict: 'fail', step: 7, reason: everyVerdict.fail.reason, evidence: '2026-11-23T035438-512c/patched/writes-wait' } }]);
  t.match(points, [{ name: 'writes-wait', ok: false, diag: { comparison: 'regression' } }]);
});

t.test('a known issue is TODO with its name, a skip has its reason, and # and \\ are escaped', async (t) => {
  const { points, text } = await consume(t.testdir(), oneSided({ known: everyVerdict.known, skip: { kind: 'skip', reason: 'no #1 \\ #2' } }));
  t.match(points[0], { todo: /^K1, a thread in mmap/ });
  t.match(points[1], { ok: true, skip: 'no #1 \\ #2' });
  t.match(text, /# SKIP no \\#1 \\\\ \\#2\n/);
});

t.test('a run that did not come to its end, or judged nothing, bails out', async (t) => {
  const error = { blame: 'series', code: 'build-failed', message: 'the series does not build # at all' };
  const none = await consume(t.testdir(), oneSided({}, { status: 'failed', error }));
  t.equal(none.final.bailout, 'failed: the series does not build # at all');
  t.equal(none.final.ok, false);
  const cut = await consume(t.testdir(), oneSided({ pass: everyVerdict.pass }, { status: 'interrupted', error: { blame: 'interrupt', code: 'interrupted', message: 'interrupted' } }));
  t.match(cut.final, { ok: false, pass: 1, bailout: 'interrupted: interrupted' });
  t.match((await consume(t.testdir(), oneSided({ pass: everyVerdict.pass }, { status: 'running' }))).final, { ok: false, bailout: 'it is running, or was killed' });
  t.match((await consume(t.testdir(), oneSided({ error: everyVerdict.error }))).final, { ok: false, bailout: 'nothing could be judged' });
  t.match((await consume(t.testdir(), oneSided({}))).final, { ok: false, bailout: 'no scene was played' });
});

t.test('a scene that was played on one side only is skipped, not lost', async (t) => {
  const whole = twoSided({ a: [everyVerdict.pass, everyVerdict.pass], b: [everyVerdict.pass, everyVerdict.fail] });
  const { points } = await consume(t.testdir(), { ...whole, scenes: whole.scenes.filter(({ scene, side }) => scene !== 'b' || side === 'patched') });
  t.match(points, [{ name: 'a', ok: true, skip: false }, { name: 'b', ok: true, skip: 'only one side was played' }]);
});

t.test('KTAP says the same, in the words of KTAP', async (t) => {
  const read = readKtap(writeKtap(await factsOf(t.testdir(), oneSided(everyVerdict))));
  t.equal(read.incomplete, false);
  t.strictSame(read.groups[0]?.results.map(({ name, outcome: came }) => `${name} ${came}`), [
    'crash fail', 'error error', 'fail fail', 'hang timeout', 'known xfail', 'pass pass', 'skip skip', 'splat fail',
  ]);
  const record = twoSided(everyPair());
  const both = readKtap(writeKtap(await factsOf(t.testdir(), record)));
  t.equal(both.incomplete, false);
  const bad = both.groups[0]?.results.filter(({ outcome: came }) => ['fail', 'timeout', 'error'].includes(came)).map(({ name }) => name);
  t.strictSame(bad, [...outcome(record).comparisons].filter(([, word]) => word === 'regression' || word === 'error').map(([scene]) => scene).sort());
  t.ok(both.groups[0]?.results.every(({ groups }) => groups.length === 1 && groups[0]?.results.length === 2), 'with both sides below each');
});
