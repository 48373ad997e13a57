import t from 'tap';
import { courseOf } from '../../../harness/judge/series-course.ts';
import type { Verdict, VerdictKind } from '../../../harness/judge/verdict.ts';

const of = (kind: VerdictKind, reason = kind === 'pass' ? '' : `a ${kind}`): Verdict => ({ kind, reason });
const course = (...kinds: (VerdictKind | undefined)[]): string[] => {
  const [base = 'error', ...steps] = kinds;
  return courseOf(of(base), steps.map((kind) => kind && of(kind))).map(({ word, patches, from, to }) => `${word} ${patches.join('|')} ${from.kind}>${to.kind}`);
};

t.test('a scene that is broken and mended within the series has both, each with its patch', async (t) => {
  t.same(course('pass', 'pass', 'pass', 'fail', 'fail', 'pass'), ['broken 3 pass>fail', 'mended 5 fail>pass']);
});

t.test('a scene that stays as it was has nothing to tell, whatever it is', async (t) => {
  for (const kind of ['pass', 'fail', 'skip', 'known', 'splat'] as const) t.same(course(kind, kind, kind), []);
});

t.test('a change across a prefix that does not build, or whose verdict is an error, is one of several patches', async (t) => {
  t.same(course('pass', 'pass', undefined, 'fail', 'pass'), ['broken 2|3 pass>fail', 'mended 4 fail>pass']);
  t.same(course('pass', 'error', 'fail'), ['broken 1|2 pass>fail']);
  t.same(course('pass', undefined, 'pass'), [], 'and none when it comes to the same');
  t.same(course('pass', undefined), []);
});

t.test('a base that could not be judged blames no patch for the first verdict there is', async (t) => {
  t.same(course('error', 'fail', 'pass'), ['mended 2 fail>pass']);
});

t.test('a failure that becomes another is changed, a capability that goes is broken, one that comes and fails is broken', async (t) => {
  t.same(course('fail', 'splat', 'pass'), ['changed 1 fail>splat', 'mended 2 splat>pass']);
  t.same(course('pass', 'skip'), ['broken 1 pass>skip']);
  t.same(course('skip', 'fail'), ['broken 1 skip>fail']);
  const reasons = courseOf(of('fail', 'step 3: one'), [of('fail', 'step 4: other'), of('fail', 'step 4: other')]);
  t.match(reasons, [{ word: 'changed', patches: [1] }]);
  t.equal(reasons.length, 1);
});
