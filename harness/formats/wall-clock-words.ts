import { significance } from '../judge/compare-latency.ts';
import type { WallClockRecord } from '../results/run-record.ts';

export type WallClockFigure = WallClockRecord['figures'][number];

/** Fewer boots of each kernel cannot differ by more than chance: two of 70 orders of four and four are the extreme ones. */
const leastBoots = 4;

/** In which circumstances it was measured, in a sentence. */
export function circumstancesOf({ guest, cpus, accelerator, boots, plan, judged, missing }: WallClockRecord): string {
  const verdict = judged ? 'what is slower beyond chance is a failure' : 'under TCG the time is mostly that of translation, so this is a report and no verdict';
  return `${boots} ${boots === 1 ? 'boot' : 'boots'} of each kernel in turn (A B B A), guest ${guest}, ${cpus} CPUs, ${accelerator.toUpperCase()}; ${plan.windowMs} ms for each load; ${verdict}.` +
    `${missing === undefined ? '' : ` The kernel lacks ${missing}, so nobody mapped.`}`;
}

/** How many figures differ, and how many would by chance; without a series, nothing. */
export function countOf({ figures, boots }: WallClockRecord): string | undefined {
  const compared = figures.filter(({ p }) => p !== undefined);
  if (compared.length === 0) return undefined;
  if (boots < leastBoots) return `With ${boots} of each no difference is more than chance; ${leastBoots} are the least with which one can be.`;
  const different = differing(figures).length;
  return `${different} of ${compared.length} figures differ with p ≤ ${significance}; by chance alone some ${Math.round(compared.length * significance)} would.`;
}

/** Those that differ by more than chance, the surest first. */
export function differing(figures: readonly WallClockFigure[]): WallClockFigure[] {
  const size = ({ ratio = 1 }: WallClockFigure): number => Math.abs(Math.log(ratio));
  return figures.filter(({ word }) => word === 'slower' || word === 'faster').sort((a, b) => (a.p ?? 1) - (b.p ?? 1) || size(b) - size(a));
}

/** `median of pwrite`, and beside what: `alone`, `4 writers`, `500 µs`. */
export function loadOf({ operation, quantity, mode, writers, delayUs }: WallClockFigure): readonly [string, string, string, string] {
  return [`${quantity} of ${operation}`, mode === 'mapped' ? 'beside a mapper' : 'alone', `${writers} ${writers === 1 ? 'writer' : 'writers'}`, `server ${delayUs === 0 ? 'at once' : `after ${delayUs} µs`}`];
}

/** The median of all boots, with the least, the most and how many: `1.24 ms (1.10–1.31, n=4)`. */
export function sampleOf(values: readonly number[] | undefined, { quantity }: Pick<WallClockFigure, 'quantity'>): string {
  const sorted = [...(values ?? [])].sort((a, b) => a - b);
  const [low, high] = [sorted[0], sorted.at(-1)];
  if (low === undefined || high === undefined) return 'none';
  const middle = ((sorted[Math.floor((sorted.length - 1) / 2)] ?? 0) + (sorted[Math.floor(sorted.length / 2)] ?? 0)) / 2;
  const [unit, factor] = quantity === 'rate' ? ['/s', 1] as const : unitFor(middle);
  const text = (value: number): string => significant(value / factor);
  return `${text(middle)}${quantity === 'rate' ? '' : ' '}${unit} (${text(low)}–${text(high)}, n=${sorted.length})`;
}

/** `2.31 × [1.90, 2.80] at 97%, p=0.029`, and `~` before what is noise; never a percentage of change. */
export function ratioOf({ ratio, interval, p, word }: WallClockFigure): string {
  if (ratio === undefined || p === undefined) return '';
  const range = interval ? ` [${significant(interval.low)}, ${significant(interval.high)}] at ${(100 * interval.level).toFixed(1)} %` : '';
  return `${word === '~' ? '~ ' : ''}${significant(ratio)} ×${range}, p=${p < 0.001 ? p.toExponential(0) : p.toFixed(3)}`;
}

function unitFor(ns: number): readonly [string, number] {
  return ns >= 1e6 ? ['ms', 1e6] : ns >= 1e3 ? ['µs', 1e3] : ['ns', 1];
}

/** Three significant digits, without an exponent. */
function significant(value: number): string {
  return value >= 100 ? String(Math.round(value)) : String(Number(value.toPrecision(3)));
}
