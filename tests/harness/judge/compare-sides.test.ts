import fc from 'fast-check';
import t from 'tap';
import { compareSides, type Comparison } from '../../../harness/judge/compare-sides.ts';
import { runOutcome } from '../../../harness/judge/run-outcome.ts';
import type { Verdict, VerdictKind } from '../../../harness/judge/verdict.ts';

const kinds: readonly VerdictKind[] = ['pass', 'fail', 'splat', 'hang', 'crash', 'known', 'skip', 'error'];
const verdict = (kind: VerdictKind, reason = ''): Verdict => ({ kind, reason });

t.test('a scene that passes no more is a regression, one that passes now a fix, and one that nobody could judge neither', async (t) => {
  const words: readonly (readonly [VerdictKind, VerdictKind, Comparison])[] = [
    ['pass', 'pass', 'same'], ['pass', 'fail', 'regression'], ['pass', 'splat', 'regression'], ['pass', 'hang', 'regression'], ['pass', 'crash', 'regression'],
    ['pass', 'skip', 'regression'], ['pass', 'known', 'regression'], ['pass', 'error', 'error'], ['error', 'pass', 'error'], ['error', 'error', 'error'],
    ['fail', 'pass', 'fix'], ['skip', 'pass', 'fix'], ['fail', 'fail', 'same'], ['fail', 'splat', 'changed'], ['skip', 'skip', 'same'], ['skip', 'crash', 'regression'], ['known', 'fail', 'regression'],
  ];
  for (const [base, patched, word] of words) t.equal(compareSides(verdict(base), verdict(patched)), word, `${base} and ${patched}`);
  t.equal(compareSides(verdict('fail', 'step 1'), verdict('fail', 'step 2')), 'changed');
});

t.test('a run of the base alone is 1 when anything failed, 69 when only something could not be judged', async (t) => {
  const exit = (...given: VerdictKind[]): number => runOutcome(given.map((kind, index) => ({ scene: `s${index}`, base: verdict(kind) }))).exitCode;
  t.equal(exit('pass', 'skip', 'known'), 0);
  t.equal(exit('pass', 'error'), 69);
  for (const kind of ['fail', 'splat', 'hang', 'crash'] as const) t.equal(exit('pass', 'error', kind), 1);
  t.match(runOutcome([{ scene: 's', base: verdict('skip') }]).summary, 'nothing was judged');
  t.equal(exit(), 69, 'a run that judged nothing at all');
});

t.test('a run with a series is 1 for a regression, and a scene that was not played with it is no same', async (t) => {
  const both = (base: VerdictKind, patched: VerdictKind) => ({ scene: `${base}-${patched}`, base: verdict(base), patched: verdict(patched) });
  t.match(runOutcome([both('pass', 'pass'), both('fail', 'fail')]), { exitCode: 0, summary: 'no regression, 2 of 2 scenes the same' });
  t.match(runOutcome([both('pass', 'fail'), both('pass', 'error')]), { exitCode: 1, summary: /^1 regression/ });
  t.match(runOutcome([both('pass', 'pass'), both('pass', 'error')]), { exitCode: 69 });
  t.match(runOutcome([both('pass', 'pass'), { scene: 'alone', base: verdict('pass') }]), { exitCode: 69 });
});

t.test('nothing but a pass on both sides, or the same on both, is free of blame', async (t) => {
  const kind = fc.constantFrom(...kinds);
  t.doesNotThrow(() => fc.assert(fc.property(kind, kind, (base, patched) => {
    const word = compareSides(verdict(base), verdict(patched));
    return word !== 'same' || base === patched;
  })));
});
