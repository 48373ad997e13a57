import { formatDuration, formatRoom } from '../format-units.ts';
import type { RunRecord } from '../results/run-record.ts';
import type { Colours } from './colours.ts';
import { alignColumns } from './table.ts';

/** Where a run's wall time went, a line a stage, and what diorama itself took of time and memory. */
export function describeTime(time: NonNullable<RunRecord['time']>, colours: Colours): string[] {
  const header = ['stage', 'wall', 'compilers', 'guests', 'diorama'].map((cell) => colours.dim(cell));
  const sum = (key: 'compilersMs' | 'guestsMs'): number => time.stages.reduce((all, row) => all + row[key], 0);
  const rows = time.stages.map((row) => [row.stage, ...[row.ms, row.compilersMs, row.guestsMs, row.harnessMs].map(cellOf)]);
  const total = ['all', ...[time.ms, sum('compilersMs'), sum('guestsMs'), time.harnessMs].map(cellOf)];
  const percent = ((100 * time.harnessMs) / Math.max(1, time.ms)).toFixed(1);
  return [
    ...alignColumns([header, ...rows, total], [1, 2, 3, 4]),
    `neither compiler nor guest: ${formatDuration(time.harnessMs)} of ${formatDuration(time.ms)} (${percent} %); diorama itself took ${formatDuration(time.cpuMs)} of CPU time and at most ${formatRoom(time.peakRssBytes)} of memory`,
  ];
}

function cellOf(ms: number): string {
  return ms === 0 ? '-' : formatDuration(ms);
}
