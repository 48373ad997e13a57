import t from 'tap';
import { markOf } from '../../../harness/judge/bisect-mark.ts';
import { sameFailure } from '../../../harness/judge/same-failure.ts';
import type { Verdict } from '../../../harness/judge/verdict.ts';

const overtook: Verdict = { kind: 'fail', step: 7, reason: "step 7: w2's pwrite of 4K at 4K reached the server (WRITE): it overtook m's mmap" };
const splat: Verdict = { kind: 'splat', step: 3, reason: 'the kernel said: WARNING: CPU: 0 PID: 71 at fs/fuse/file.c:1365 fuse_x+0x1f/0x240 (console line 12)' };

t.test('only the failure that is looked for is bad; another one hides it and is skipped', async (t) => {
  t.equal(markOf(overtook, overtook), 'bad');
  t.equal(markOf({ ...overtook, step: 6 }, overtook), 'skip');
  t.equal(markOf({ ...overtook, kind: 'hang' }, overtook), 'skip');
  t.equal(markOf({ ...overtook, reason: "step 7: w2's pwrite of 4K at 4K returned EIO" }, overtook), 'skip');
  t.equal(markOf(splat, overtook), 'skip');
  for (const other of [splat, { ...overtook, step: 6 }]) t.equal(markOf(other, undefined), 'bad', 'unless every failure counts');
});

t.test('a pass is good, and what could not be judged or played says nothing', async (t) => {
  for (const sought of [overtook, undefined]) {
    t.equal(markOf({ kind: 'pass', reason: '' }, sought), 'good');
    t.equal(markOf({ kind: 'skip', reason: 'needs io-modes' }, sought), 'skip');
    t.equal(markOf({ kind: 'error', reason: 'no witness' }, sought), 'skip');
  }
});

t.test('line numbers, offsets, addresses and process ids do not make another failure of one, names do', async (t) => {
  t.ok(sameFailure(splat, { ...splat, reason: splat.reason.replace('1365', '1401').replace('0x1f', '0x3c').replace('71', '80').replace('line 12', 'line 9') }));
  t.notOk(sameFailure(splat, { ...splat, reason: splat.reason.replace('fuse_x', 'fuse_y') }));
  const bug: Verdict = { kind: 'crash', reason: 'the kernel said: BUG: unable to handle page fault for address: ffff88800dead000' };
  t.ok(sameFailure(bug, { ...bug, reason: bug.reason.replace('ffff88800dead000', 'ffffc9000012fe10') }));
});
