import t from 'tap';
import { historyOf } from '../../../harness/report/history-of.ts';
import { record, row, seriesRecord } from '../judge/records.ts';

t.test('a scene\'s history is every run that played it, in the order of the runs, the patched side where there is one', async (t) => {
  const history = historyOf([
    record([row('s', 'pass')], { id: '1' }), record([row('other', 'skip: x')], { id: '2' }), record([row('s', 'known: K1')], { id: '3', kernel: undefined }),
    record([], { id: '4', status: 'failed' }), seriesRecord([row('s', 'fail: step 1')], { id: '5', started: '2026-11-23T00:00:00.000Z' }),
  ]);
  t.same([...history.keys()], ['s', 'other']);
  t.same(history.get('s')?.map(({ run, kernel, verdict, reason }) => [run, kernel, verdict, reason]), [
    ['1', '6.12.107', 'pass', ''], ['3', 'no kernel', 'known', 'K1'], ['5', '6.12.107 + v3.mbox', 'fail', 'step 1'],
  ]);
  t.equal(history.get('s')?.at(-1)?.started, '2026-11-23T00:00:00.000Z');
});

t.test('a run whose patched side was not reached tells its base, and no run tells nothing', async (t) => {
  const cut = { ...seriesRecord([row('s', 'fail: step 1')]), scenes: [row('s', 'pass')] };
  t.same(historyOf([cut]).get('s')?.map(({ kernel, verdict }) => [kernel, verdict]), [['6.12.107', 'pass']]);
  t.equal(historyOf([]).size, 0);
});
