/**
 * Whether a template's clock was skipped ahead to the next tick after the guest had stopped itself. The CPU thread stops the CPU and asks the
 * main loop to stop the machine; a main loop that comes by in between sees a machine that runs and whose only CPU does nothing, and
 * skips the sleep (QEMU 7.2: icount_start_warp_timer() in softmmu/icount.c, cpu_thread_is_idle()). Which of the two comes first is up to the host;
 * clones of such a template begin with a tick, others do not.
 *
 * In the saved state the clock (the subsection timer/icount: version, bias and count of instructions) stands then exactly at the PIT's
 * next transition. False where QEMU writes neither.
 */
export function skippedAhead(state: Buffer): boolean {
  const counts = after(state, 'timer/icount');
  const pit = after(state, 'i8254');
  if (counts === undefined || pit === undefined || counts + versionBytes + 16 > state.length) return false;
  const now = state.readBigInt64BE(counts + versionBytes) + state.readBigInt64BE(counts + versionBytes + 8);
  const clock = Buffer.alloc(8);
  clock.writeBigInt64BE(now);
  return state.subarray(pit, pit + mostPitBytes).includes(clock);
}

const versionBytes = 4;
/** Three channels and the section's numbers (hw/timer/i8254_common.c). */
const mostPitBytes = 120;

function after(state: Buffer, name: string): number | undefined {
  const at = state.indexOf(name, 0, 'latin1');
  return at === -1 ? undefined : at + name.length;
}
