import t from 'tap';
import type { CostChange } from '../../../harness/judge/compare-measures.ts';
import { runOutcome } from '../../../harness/judge/run-outcome.ts';
import type { Verdict } from '../../../harness/judge/verdict.ts';

const pass: Verdict = { kind: 'pass', reason: '' };
const gone = (issue: string): Verdict => ({ ...pass, issue });
const known: Verdict = { kind: 'known', reason: 'K6, …', issue: 'K6' };

t.test('an issue that this kernel should have and whose scene passed is told at the end, and blames nobody', async (t) => {
  t.match(runOutcome([{ scene: 'a', base: gone('K6') }, { scene: 'b', base: pass }]), { exitCode: 0, summary: '2 of 2 scenes passed; K6 no longer shows (tests/known-issues.yaml)' });
  t.equal(runOutcome([{ scene: 'a', base: gone('K6') }, { scene: 'b', base: gone('K1') }]).summary, '2 of 2 scenes passed; K1, K6 no longer show (tests/known-issues.yaml)');
});

t.test('an issue with two scenes is told once, as one', async (t) => {
  t.equal(runOutcome([{ scene: 'a', base: gone('K6') }, { scene: 'b', base: gone('K6') }]).summary, '2 of 2 scenes passed; K6 no longer shows (tests/known-issues.yaml)');
});

t.test('an issue that shows is counted, and not told to be gone', async (t) => {
  t.match(runOutcome([{ scene: 'a', base: known }, { scene: 'b', base: pass }]), { exitCode: 0, summary: '1 of 2 scenes passed, 1 known' });
});

t.test('with a series it is what the series mended that is gone, not what the base never had', async (t) => {
  t.equal(runOutcome([{ scene: 'a', base: known, patched: gone('K6') }]).summary, 'no regression, 1 fixed, 0 of 1 scenes the same; K6 no longer shows (tests/known-issues.yaml)');
  t.equal(runOutcome([{ scene: 'a', base: gone('K6'), patched: known }]).summary, '1 regression, 0 of 1 scenes the same');
});

const cost = (patchedNs: number, beyond = true): CostChange => ({ operation: 'pwrite', mode: 'parallel', writers: 1, baseNs: 100, patchedNs, beyond });

t.test('a scene that is as good as before and slower is a regression; one that is faster is none', async (t) => {
  const scene = { scene: 'a', base: pass, patched: pass };
  t.match(runOutcome([{ ...scene, costs: [cost(90), cost(120)] }]), { exitCode: 1, summary: '1 regression, 1 of them a scene that is slower, 0 of 1 scenes the same' });
  t.match(runOutcome([{ ...scene, costs: [cost(90)] }]), { exitCode: 0, summary: 'no regression, 1 faster, 0 of 1 scenes the same' });
  t.match(runOutcome([{ ...scene, costs: [cost(103, false)] }]), { exitCode: 0, summary: 'no regression, 1 of 1 scenes the same' });
});

t.test('a scene that fails is a regression for that, whatever it costs', async (t) => {
  const fail: Verdict = { kind: 'fail', reason: 'x' };
  t.equal(runOutcome([{ scene: 'a', base: pass, patched: fail, costs: [cost(90)] }]).comparisons.get('a'), 'regression');
});
