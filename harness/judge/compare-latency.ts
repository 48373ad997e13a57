import { compareRatios } from './mann-whitney.ts';

/** What one boot measured of one operation under one load. */
export interface BootLatency {
  readonly operation: string;
  readonly mode: 'alone' | 'mapped';
  readonly writers: number;
  readonly delayUs: number;
  /** Of the calls that the boot's window saw, in nanoseconds; undefined where there was none, and the 99th percentile where there were less than 100. */
  readonly medianNs?: number;
  readonly p99Ns?: number;
  /** Calls that ended within the window, a second. */
  readonly perSecond: number;
}

export type LatencyQuantity = 'median' | 'p99' | 'rate';

/** A figure of every boot, base against patched; nanoseconds, of `rate` calls a second. */
export interface LatencyFigure {
  readonly operation: string;
  readonly mode: 'alone' | 'mapped';
  readonly writers: number;
  readonly delayUs: number;
  readonly quantity: LatencyQuantity;
  /** Of each boot that has it, in their order. */
  readonly base: readonly number[];
  readonly patched?: readonly number[];
  /** Patched to base; absent without a series. */
  readonly ratio?: number;
  readonly interval?: { readonly low: number; readonly high: number; readonly level: number };
  readonly p?: number;
  /** `~` is noise: as far as so many boots can tell, it is the same. */
  readonly word?: 'slower' | 'faster' | '~';
}

/** What is rarer by chance counts as a difference. */
export const significance = 0.05;

/**
 * Every figure that the boots of a side have, held against the other side's where there is one. The boot is the unit: calls of the same
 * boot have its luck in common, so a thousand of them are one observation.
 */
export function compareLatency(base: readonly (readonly BootLatency[])[], patched: readonly (readonly BootLatency[])[] | undefined): LatencyFigure[] {
  const loads = [...new Map((base[0] ?? patched?.[0] ?? []).map((row) => [keyOf(row), row])).values()];
  return loads.flatMap(({ operation, mode, writers, delayUs }) => quantitiesOf(operation).map((quantity): LatencyFigure => {
    const of = (boots: readonly (readonly BootLatency[])[]): number[] => boots.flatMap((rows) => {
      const row = rows.find((one) => keyOf(one) === keyOf({ operation, mode, writers, delayUs }));
      const value = row && { median: row.medianNs, p99: row.p99Ns, rate: row.perSecond }[quantity];
      return value === undefined || value <= 0 ? [] : [value];
    });
    const figure = { operation, mode, writers, delayUs, quantity, base: of(base) };
    return patched ? { ...figure, ...compared(figure.base, of(patched), quantity) } : figure;
  })).filter(({ base: ones, patched: others = [] }) => ones.length + others.length > 0);
}

/** Who maps waits between two mappings, so how many there are in a second says little. */
function quantitiesOf(operation: string): readonly LatencyQuantity[] {
  return operation === 'pwrite' || operation === 'pread' ? ['median', 'p99', 'rate'] : ['median', 'p99'];
}

function compared(base: readonly number[], patched: readonly number[], quantity: LatencyQuantity): Pick<LatencyFigure, 'patched' | 'ratio' | 'interval' | 'p' | 'word'> {
  const found = compareRatios(base, patched);
  if (!found) return { patched };
  const { ratio, interval, p } = found;
  const more = ratio > 1;
  const word = p > significance || ratio === 1 ? '~' : more === (quantity === 'rate') ? 'faster' : 'slower';
  return { patched, ratio, ...(interval && { interval }), p, word };
}

function keyOf({ operation, mode, writers, delayUs }: Pick<BootLatency, 'operation' | 'mode' | 'writers' | 'delayUs'>): string {
  return JSON.stringify([operation, mode, writers, delayUs]);
}

/**
 * What is slower beyond the chance that one of so many figures looks so: Holm's step-down (1979) over all that were compared. With few boots no
 * p is small enough for that, and then nothing is.
 */
export function surelySlower(figures: readonly LatencyFigure[]): LatencyFigure[] {
  const tested = figures.filter((figure): figure is LatencyFigure & { readonly p: number } => figure.p !== undefined).sort((a, b) => a.p - b.p);
  const sure: LatencyFigure[] = [];
  for (const [index, figure] of tested.entries()) {
    if (figure.p > significance / (tested.length - index)) break;
    sure.push(figure);
  }
  return sure.filter(({ word }) => word === 'slower');
}

/** The order in which kernels are booted: A B B A A B B A, so that a machine that gets slower or faster meanwhile does the same to both. */
export function bootOrder(boots: number, sides: readonly ('base' | 'patched')[]): ('base' | 'patched')[] {
  const [a = 'base', b] = sides;
  if (b === undefined) return Array.from({ length: boots }, () => a);
  return Array.from({ length: boots }, (_, index) => (index % 2 === 0 ? [a, b] : [b, a])).flat();
}
