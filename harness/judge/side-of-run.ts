import type { Side } from '../events.ts';
import type { PlayedScene, RunRecord } from '../results/run-record.ts';
import { figureOf } from './compare-measures.ts';

/** The figure of a measurement (judge/compare-measures.ts): an exact duration in virtual time. */
export interface Measure {
  readonly name: string;
  readonly unit: 'ns';
  readonly value: number;
  /** Of several at once, who come in an order that one instruction changes. */
  readonly together: boolean;
}

/** One scene of a run on one side. */
export type Row = Omit<PlayedScene, 'measures'> & { readonly measures?: readonly Measure[] };

/** One side of a run: what is compared. */
export interface RunSide {
  readonly record: RunRecord;
  readonly side: Side;
  readonly rows: ReadonlyMap<string, Row>;
}

/** The side of a run that counts: what the series made of the kernel, where there is a series. */
export function ownSide(record: Pick<RunRecord, 'series'>): Side {
  return record.series ? 'patched' : 'base';
}

export function sideOfRun(record: RunRecord, side: Side): RunSide {
  return { record, side, rows: new Map(record.scenes.filter((row) => row.side === side).map((row) => [row.scene, { ...row, measures: measuresOf(row) }])) };
}

function measuresOf({ measures = [] }: PlayedScene): Measure[] {
  const together = measures.some(({ writers }) => writers > 1);
  return measures.map((one) => ({ name: `${one.operation}, ${one.mode}${together ? `, ${one.writers} at once` : ''}`, unit: 'ns', value: figureOf(one), together }));
}

/** Whether both are the same kernel, built in the same way: what differs between them then is no patch's doing. */
export function sameVariant(before: RunSide, after: RunSide): boolean {
  const [one, other] = [before.record[before.side]?.id, after.record[after.side]?.id];
  return one !== undefined && one === other;
}
