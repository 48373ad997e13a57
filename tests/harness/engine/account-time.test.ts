import t from 'tap';
import { accountTime, type Clocked } from '../../../harness/engine/account-time.ts';

const clocked: Clocked = {
  began: 100,
  stages: [{ stage: 'source', from: 100, to: 150 }, { stage: 'build', from: 150, to: 1150 }, { stage: 'template', from: 1150, to: 1250 }, { stage: 'build', from: 1250, to: 1300 }],
  plays: [{ from: 1300, to: 1700 }, { from: 1310, to: 1900 }, { from: 1710, to: 2000 }],
};
const spans = [
  { kind: 'program', from: 110, to: 150 }, { kind: 'compiler', from: 200, to: 1100 }, { kind: 'guest', from: 1160, to: 1250 },
  { kind: 'guest', from: 1320, to: 1690 }, { kind: 'guest', from: 1330, to: 1880 }, { kind: 'guest', from: 1720, to: 1990 },
] as const;

t.test('what is neither compiler nor guest is the harness, by stage, and all rows are the whole', async (t) => {
  const rows = accountTime(clocked, { spans, lanes: 2, ms: 2050 });
  t.strictSame(rows, [
    { stage: 'start', ms: 100, compilersMs: 0, guestsMs: 0, harnessMs: 100 },
    { stage: 'source', ms: 50, compilersMs: 0, guestsMs: 0, harnessMs: 50 },
    { stage: 'build', ms: 1050, compilersMs: 900, guestsMs: 0, harnessMs: 150 },
    { stage: 'template', ms: 100, compilersMs: 0, guestsMs: 90, harnessMs: 10 },
    // The plays took 30, 40 and 20 ms longer than their guests, on two lanes.
    { stage: 'scene', ms: 700, compilersMs: 0, guestsMs: 655, harnessMs: 45 },
    { stage: 'rest', ms: 50, compilersMs: 0, guestsMs: 0, harnessMs: 50 },
  ]);
  t.equal(rows.reduce((sum, row) => sum + row.ms, 0), 2050);
});

t.test('a run that played nothing is accounted for too', async (t) => {
  t.strictSame(accountTime({ began: 5, stages: [], plays: [] }, { spans: [], lanes: 2, ms: 9 }).map(({ stage, ms }) => [stage, ms]), [['start', 5], ['rest', 4]]);
});
