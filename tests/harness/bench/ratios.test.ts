import t from 'tap';
import { median, type Figure } from '../../../harness/bench/figures.ts';
import { ratiosOf } from '../../../harness/bench/ratios.ts';

t.test('a median is the middle one, or the mean of the two in the middle', async (t) => {
  t.equal(median([9]), 9);
  t.equal(median([30, 1, 2]), 2);
  t.equal(median([4, 1, 100, 2]), 3);
});

t.test('ratios are of medians, sums where one does several things by hand, and are left out where a part was not measured', async (t) => {
  const figures: Figure[] = [
    { id: 'clone-start', ms: [50, 40, 60] }, { id: 'hand-boot', ms: [1000] }, { id: 'verdict-file-c', ms: [2000, 4000] }, { id: 'hand-again', ms: [5000] },
    { id: 'catalogue', ms: [20_000] },
  ];
  const of = (title: RegExp): number | undefined => ratiosOf(figures, 100).find((ratio) => title.test(ratio.title))?.times;
  t.equal(of(/first event, sooner than a boot/), 20);
  t.equal(of(/sooner than make and boot by hand/), 2);
  t.equal(of(/the whole catalogue/), 5, 'a boot for each of 100 scenes');
  t.equal(of(/virtme-ng/), undefined);
  t.equal(of(/from nothing/), undefined);
});
