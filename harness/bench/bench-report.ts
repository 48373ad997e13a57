import { alignColumns } from '../cli/table.ts';
import { formatDuration } from '../format-units.ts';
import { median, titles, type Figure, type FigureId, type NotMeasured } from './figures.ts';
import { ratiosOf } from './ratios.ts';

/** What a benchmark came to. */
export interface BenchReport {
  /** When it began, ISO 8601, UTC. */
  readonly began: string;
  readonly machine: { readonly os: string; readonly cpu: string; readonly cpus: number; readonly memoryBytes: number; readonly accelerator: string };
  /** Of programs by name, as they say it themselves. */
  readonly versions: Readonly<Record<string, string>>;
  readonly kernel: string;
  /** How many scenes the catalogue has, and which one was played alone. */
  readonly scenes: number;
  readonly scene: string;
  /** The load average of the last minute, before and after. */
  readonly load: readonly [number, number];
  readonly figures: readonly Figure[];
  readonly notMeasured: readonly NotMeasured[];
}

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
