import { findSplats } from '../judge/find-splats.ts';
import type { TraceEvent } from '../judge/parse-trace.ts';
import { isRegisters } from '../report/marked-excerpt.ts';

export interface ConsoleMoment {
  /** The trace's clock; undefined where the guest did not tie the two. */
  readonly ns: number | undefined;
  /** The line as it is, its stamp included. */
  readonly text: string;
  /** It is what the kernel complains of. */
  readonly complaint: boolean;
  /** It is a dump of registers, code bytes or modules. */
  readonly registers: boolean;
}

/** printk's stamp: seconds and microseconds of sched_clock() (print_time() in kernel/printk/printk.c), after a level where one is shown. */
const stamp = /^(?:<\d+>)?\[ *(\d{1,9})\.(\d{6})\]/;

/**
 * The lines of a console with the trace's clock. The guest ties the two in its line `log` (guests/stage/log-time.h), to some 4 us; on
 * 6.12 they were not seen to drift within a second. A line without a stamp, a part of a message of several, has that of the line before.
 */
export function consoleTimes(console: string, events: readonly TraceEvent[]): ConsoleMoment[] {
  const lines = console.split(/\r*\n/);
  if (lines.at(-1) === '') lines.pop();
  const tie = events.find((event) => event.e === 'log');
  const complaints = new Set(findSplats(console).map(({ line }) => line));
  const behindNs = tie && tie.us >= 0 ? tie.us * 1000 - tie.at : undefined;
  let ns: number | undefined = behindNs === undefined ? undefined : Number.NEGATIVE_INFINITY;
  return lines.map((text, index) => {
    const [, seconds, micros] = stamp.exec(text) ?? [];
    // A later line never goes before an earlier one: stamps come from several CPUs, and text from strangers.
    if (behindNs !== undefined && seconds !== undefined) ns = Math.max(ns ?? 0, (Number(seconds) * 1e6 + Number(micros)) * 1000 - behindNs);
    return { ns, text, complaint: complaints.has(index + 1), registers: isRegisters(text) };
  });
}
