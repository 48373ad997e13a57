/**
 * The state of a machine that stopped itself, with its clock at the PIT's next transition, where QEMU may have put it or not. The CPU thread stops
 * the CPU and asks the main loop to stop the machine; a main loop that comes by in between sees a machine that runs and whose only CPU does
 * nothing, and skips the sleep up to the next timer (QEMU 7.2: icount_start_warp_timer() in softmmu/icount.c, cpu_thread_is_idle()). Which of the
 * two comes first is up to the host: on one that does nothing else it is nearly always the skip, on a busy one every other time. So the
 * skip is made good where it was not made, and machines of the same parts are the same.
 *
 * The clock is in the subsection timer/icount (version, bias, count of instructions: ns, softmmu/cpu-timers.c), the transition at the end of the
 * section i8254 (hw/timer/i8254_common.c, version 3). A state without them, of another machine or of none, is returned as it is.
 */
export function settleClock(state: Buffer): Buffer {
  const clock = after(state, 'timer/icount');
  const pit = after(state, 'i8254');
  if (clock === undefined || pit === undefined || clock + versionBytes + 16 > state.length || pit + transitionAt + 8 > state.length) return state;
  const bias = state.readBigInt64BE(clock + versionBytes);
  const now = bias + state.readBigInt64BE(clock + versionBytes + 8);
  const transition = state.readBigInt64BE(pit + transitionAt);
  if (transition <= now || transition - now > longestSleepNs) return state;
  const settled = Buffer.from(state);
  settled.writeBigInt64BE(bias + transition - now, clock + versionBytes);
  return settled;
}

const versionBytes = 4;
/** Behind instance and version of the section: whether irq 0 is off, three channels of 32 bytes each. */
const transitionAt = 8 + 4 + 3 * 32;
/** The PIT counts to 65536 at 1.193182 MHz, 55 ms; anything beyond a second is no time of it. */
const longestSleepNs = 1_000_000_000n;

function after(state: Buffer, name: string): number | undefined {
  const at = state.indexOf(name, 0, 'latin1');
  return at === -1 ? undefined : at + name.length;
}
