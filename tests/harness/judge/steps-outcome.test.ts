import t from 'tap';
import type { Outcome } from '../../../harness/judge/run-outcome.ts';
import { doesNot, namePatches, stepsOutcome, type StepsResult } from '../../../harness/judge/steps-outcome.ts';

const clean: Outcome = { exitCode: 0, summary: 'no regression', comparisons: new Map() };
const nothing: StepsResult = { of: 5, changes: [], unmade: [], errors: 0 };

t.test('a series whose patches change nothing is what the run was', async (t) => {
  t.match(stepsOutcome(clean, nothing), { exitCode: 0, summary: 'no regression; no patch changes a verdict' });
  t.match(stepsOutcome({ ...clean, exitCode: 1 }, nothing), { exitCode: 1 });
});

t.test('what is broken and mended again is 1, and told in the order of the patches', async (t) => {
  const changes = [
    { word: 'broken', patches: [3] }, { word: 'mended', patches: [5] }, { word: 'broken', patches: [3] }, { word: 'mended', patches: [5] }, { word: 'changed', patches: [1, 2] },
  ] as const;
  t.match(stepsOutcome(clean, { ...nothing, changes }), {
    exitCode: 1, summary: 'no regression; patch 1/5 or 2/5 changes 1 scene, patch 3/5 breaks 2 scenes, patch 5/5 mends 2 scenes',
  });
  t.match(stepsOutcome(clean, { ...nothing, changes: [{ word: 'mended', patches: [2] }] }), { exitCode: 0 });
});

t.test('a prefix that does not build is 1, the whole that does not is 3', async (t) => {
  t.match(stepsOutcome(clean, { ...nothing, unmade: [{ patch: 2, does: doesNot('build-failed') }] }), { exitCode: 1, summary: 'no regression; patch 2/5 does not build' });
  t.match(stepsOutcome(clean, { ...nothing, unmade: [{ patch: 4, does: doesNot('boot-failed') }, { patch: 5, does: doesNot('boot-failed') }] }), {
    exitCode: 3, summary: 'no regression; patch 4/5 does not boot, patch 5/5 does not boot',
  });
});

t.test('verdicts that could not be reached are 69 where nothing is worse', async (t) => {
  t.match(stepsOutcome(clean, { ...nothing, errors: 2 }), { exitCode: 69 });
  t.match(stepsOutcome({ ...clean, exitCode: 1 }, { ...nothing, errors: 2 }), { exitCode: 1 });
});

t.test('patches are named of how many', async (t) => {
  t.equal(namePatches([3], 5), 'patch 3/5');
  t.equal(namePatches([2, 3], 5), 'patch 2/5 or 3/5');
});
