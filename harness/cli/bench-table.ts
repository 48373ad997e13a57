import type { BenchReport } from '../bench/bench-report.ts';
import { median, titles, type Figure, type FigureId } from '../bench/figures.ts';
import { ratiosOf } from '../bench/ratios.ts';
import { formatDuration } from '../format-units.ts';
import { alignColumns } from './table.ts';

/** The report as a table for people: figures by their medians with the extremes, what was not measured and why, ratios, and the machine. */
export function describeBench(report: BenchReport): string[] {
  const rows = (Object.keys(titles) as FigureId[]).flatMap((id) => {
    const figure = report.figures.find((one) => one.id === id);
    return figure ? [rowOf(figure)] : [];
  });
  const ratios = ratiosOf(report.figures, report.scenes).map(({ title, times }) => [`${times >= 10 ? times.toFixed(0) : times.toFixed(1)} ×`, title]);
  const { machine } = report;
  return [
    ...alignColumns([['', 'median', 'least', 'most', 'of'], ...rows], [1, 2, 3, 4]),
    ...report.notMeasured.map(({ id, why }) => `${titles[id]}: not measured, ${why}`),
    '',
    ...alignColumns(ratios, [0]),
    '',
    `${machine.cpus} × ${machine.cpu}, ${Math.round(machine.memoryBytes / 2 ** 30)} GiB, ${machine.os}, guests by ${machine.accelerator}`,
    `${report.kernel}; ${Object.entries(report.versions).map(([name, version]) => `${name} ${version}`).join('; ')}`,
    `one scene: ${report.scene}, of ${report.scenes}; load average ${report.load.map((load) => load.toFixed(1)).join(' before, ')} after; ${report.began}`,
  ];
}

function rowOf({ id, ms }: Figure): string[] {
  return [titles[id], ...[median(ms), Math.min(...ms), Math.max(...ms)].map(formatDuration), String(ms.length)];
}
