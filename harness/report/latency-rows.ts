import type { Side } from '../events.ts';
import type { MeasureRow, SceneView } from './report-view.ts';

/** What both sides took for one operation in one mode beside so many writers. */
export interface LatencyRow {
  readonly scene: string;
  readonly operation: string;
  readonly mode: string;
  readonly writers: number;
  readonly bytes: number | undefined;
  readonly sides: Readonly<Partial<Record<Side, LatencyFigures>>>;
}

/** All exact nanoseconds of the guest's clock; `ns` in ascending order and never empty. */
export interface LatencyFigures {
  readonly ns: readonly number[];
  readonly median: number;
}

/** What the scenes of a run measured: scene by scene, each operation as it comes there, with its modes and writers. */
export function latencyRows(scenes: readonly SceneView[]): LatencyRow[] {
  const rows = new Map<string, { readonly scene: string; readonly row: MeasureRow; readonly sides: Map<Side, number[]> }>();
  for (const { scene, played } of scenes.flatMap((one) => Object.values(one.played).map((side) => ({ scene: one.name, played: side })))) {
    for (const row of played.measures) {
      if (row.ns.length === 0) continue;
      const key = JSON.stringify([scene, row.operation, row.mode, row.writers, row.bytes]);
      const found = rows.get(key) ?? { scene, row, sides: new Map<Side, number[]>() };
      found.sides.set(played.side, [...(found.sides.get(played.side) ?? []), ...row.ns]);
      rows.set(key, found);
    }
  }
  return [...rows.values()].map(({ scene, row, sides }): LatencyRow => ({
    scene, operation: row.operation, mode: row.mode, writers: row.writers, bytes: row.bytes,
    sides: Object.fromEntries([...sides].map(([side, ns]) => [side, figuresOf(ns)])),
  }));
}

/** Whether the sides differ: a difference of one nanosecond in one repetition is one. */
export function differs({ sides: { base, patched } }: LatencyRow): boolean {
  return base !== undefined && patched !== undefined && (base.ns.length !== patched.ns.length || base.ns.some((value, index) => value !== patched.ns[index]));
}

/** Bytes a second of the guest's clock that all writers together move, in the median time from the first call to the last return. */
export function throughputOf(row: LatencyRow, side: Side): number | undefined {
  const median = row.sides[side]?.median;
  return row.bytes === undefined || median === undefined || median === 0 ? undefined : (row.bytes * 1e9) / median;
}

function figuresOf(ns: readonly number[]): LatencyFigures {
  const sorted = [...ns].sort((a, b) => a - b);
  return { ns: sorted, median: sorted[Math.floor((sorted.length - 1) / 2)] ?? 0 };
}
