import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { skippedAhead } from '../../../harness/guest/skipped-ahead.ts';

const state = (name: string): Buffer => readFileSync(join(import.meta.dirname, 'states', name));

t.test('a template whose clock QEMU skipped ahead after the stop is told from one that stands where it stopped', async (t) => {
  t.equal(skippedAhead(state('skipped-ahead')), true);
  t.equal(skippedAhead(state('as-it-stopped')), false);
});

t.test('a state that is cut or of another kind was not skipped, as far as is known', async (t) => {
  const whole = state('skipped-ahead');
  t.equal(skippedAhead(Buffer.alloc(0)), false);
  t.equal(skippedAhead(Buffer.from('timer/icount i8254')), false);
  for (let length = 0; length < 200; length += 1) t.equal(skippedAhead(whole.subarray(0, length)), false);
});
