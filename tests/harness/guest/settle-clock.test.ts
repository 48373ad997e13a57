import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { settleClock } from '../../../harness/guest/settle-clock.ts';

/** Of two boots of the same template: QEMU 7.2 skipped the sleep after the stop in one of them. */
const state = (name: string): Buffer => readFileSync(join(import.meta.dirname, 'states', name));

/** In nanoseconds; bias and instructions stand behind the subsection's name and its version. */
function clockOf(saved: Buffer): bigint {
  const at = saved.indexOf('timer/icount') + 'timer/icount'.length + 4;
  return saved.readBigInt64BE(at) + saved.readBigInt64BE(at + 8);
}

t.test("two stops of the same template, one of them skipped ahead, come to the same time, the PIT's next transition", async (t) => {
  t.not(clockOf(state('as-it-stopped')), clockOf(state('skipped-ahead')));
  t.equal(clockOf(settleClock(state('as-it-stopped'))), clockOf(state('skipped-ahead')));
  t.same(settleClock(state('skipped-ahead')), state('skipped-ahead'));
  t.same(settleClock(settleClock(state('as-it-stopped'))), settleClock(state('as-it-stopped')));
});

t.test('nothing but the clock is touched', async (t) => {
  const [before, after] = [state('as-it-stopped'), settleClock(state('as-it-stopped'))];
  const at = before.indexOf('timer/icount') + 'timer/icount'.length + 4;
  t.same([...after.keys()].filter((index) => after[index] !== before[index] && (index < at || index >= at + 8)), []);
});

t.test('a state that is cut, of another kind, or whose PIT is not set is left alone', async (t) => {
  const whole = state('as-it-stopped');
  const pit = whole.indexOf('i8254');
  for (const other of [Buffer.alloc(0), Buffer.from('timer/icount i8254'), whole.subarray(0, pit + 100)]) t.same(settleClock(other), other);
  for (let length = 0; length < 200; length += 1) t.same(settleClock(whole.subarray(0, length)), whole.subarray(0, length));
  const unset = Buffer.from(whole);
  unset.writeBigInt64BE(-1n, pit + 'i8254'.length + 108);
  t.same(settleClock(unset), unset);
});
