import { printable } from '../printable.ts';
import type { RunRecord } from '../results/run-record.ts';

/** What was tested, as names and values in one harmless line each; what is not known yet is left out. */
export function describeRunHead(record: RunRecord): (readonly [name: string, value: string])[] {
  const { kernel, series, base } = record;
  const rows: (readonly [string, string | undefined])[] = [
    ['run', record.id],
    ['kernel', kernel && `${kernel.version} (${kernel.spec}, ${kernel.origin})`],
    ['series', series && `${series.patches.length === 1 ? '1 patch' : `${series.patches.length} patches`} of ${series.label}`],
    ['config', record.config],
    ['guest', record.guest],
    ['compiler', base?.compiler],
    ['qemu', record.qemu],
    ['libfuse', record.libfuse],
    ['seed', String(record.seed)],
    ['summary', record.summary],
  ];
  return rows.flatMap(([name, value]) => (value === undefined ? [] : [[name, printable(value)] as const]));
}
