import type * as linkedom from 'linkedom';
import { importLibrary } from '../host/import-library.ts';
import { differs, throughputOf, type LatencyRow } from './latency-rows.ts';
import { cutText, visibleText } from './visible-text.ts';

/** A plot: SVG text of the plotting library, whose colours are the page's own variables. */
export interface Plot {
  readonly scene: string;
  readonly title: string;
  readonly svg: string;
}

export interface Plots {
  readonly latency: readonly Plot[];
  readonly throughput: readonly Plot[];
}

const noPlots: Plots = { latency: [], throughput: [] };

/** A plot fits a telephone; several stand side by side elsewhere. */
const width = 340;
const rowHeight = 15;
/** Times drawn one by one, from the least to the most; more would only cover each other. */
const mostTicks = 15;
/** More curves than these are told in the table alone. */
const mostCurves = 12;

/** The page's own background, and letters that a telephone shows legibly. */
export const look = { background: 'none', fontSize: '11px' };

/** The little of the library that is used here. Its own types want a browser's. */
export interface PlotLibrary {
  plot(options: object): { readonly outerHTML: string };
  tickX(data: readonly object[], options: object): object;
  dot(data: readonly object[], options: object): object;
  lineY(data: readonly object[], options: object): object;
  ruleX(data: readonly number[], options?: object): object;
  ruleY(data: readonly number[], options?: object): object;
}

/**
 * Plots what was measured: each operation's times by mode and side, and throughput against writers. The library is loaded only when there
 * is something to plot.
 */
export async function plotLatency(rows: readonly LatencyRow[]): Promise<Plots> {
  if (rows.length === 0) return noPlots;
  const library = (await importLibrary('@observablehq/plot')) as PlotLibrary;
  const { parseHTML } = (await importLibrary('linkedom')) as typeof linkedom;
  const { document } = parseHTML('<!doctype html><html><body></body></html>') as unknown as { readonly document: object };
  return { latency: latencyPlots(rows, { library, document }), throughput: throughputPlots(rows, { library, document }) };
}

interface Tools {
  readonly library: PlotLibrary;
  readonly document: object;
}

export const sideColours = { domain: ['base', 'patched'], range: ['var(--base)', 'var(--patched)'] };
export const sideSymbols = { domain: ['base', 'patched'], range: ['circle', 'diamond'] };

/** One plot an operation of a scene that measures nobody beside others. */
function latencyPlots(rows: readonly LatencyRow[], { library, document }: Tools): Plot[] {
  const many = new Set(rows.filter((row) => row.writers > 1).map((row) => row.scene));
  const groups = new Map<string, LatencyRow[]>();
  for (const row of rows) {
    const key = JSON.stringify([row.scene, row.operation]);
    if (!many.has(row.scene)) groups.set(key, [...(groups.get(key) ?? []), row]);
  }
  return [...groups.values()].flatMap((shown): Plot[] => {
    const { operation = '', scene = '' } = shown[0] ?? {};
    const points = shown.flatMap((row) => sidesOf(row).map(({ side, figures }) => ({ mode: label(row), side, figures })));
    const ticks = points.flatMap(({ mode, side, figures }) => spread(figures.ns).map((ns) => ({ mode, side, us: ns / 1000 })));
    const medians = points.map(({ mode, side, figures }) => ({ mode, side, us: figures.median / 1000 }));
    const modes = new Set(points.map(({ mode }) => mode)).size;
    const sides = new Set(points.map(({ side }) => side)).size;
    const svg = library.plot({
      document, width, height: 46 + modes * (sides * rowHeight + 14), marginLeft: 96, marginRight: 12, marginBottom: 32, style: look,
      x: { label: 'µs of the guest’s clock', nice: true, zero: false, ticks: 4 },
      y: { axis: null, domain: ['base', 'patched'].slice(0, sides) }, fy: { label: null, padding: 0.2, axis: 'left' },
      color: sideColours, symbol: sideSymbols,
      marks: [
        library.tickX(ticks, { x: 'us', y: 'side', fy: 'mode', stroke: 'side', strokeOpacity: 0.45 }),
        library.dot(medians, { x: 'us', y: 'side', fy: 'mode', symbol: 'side', fill: 'side', stroke: 'var(--paper)', r: 4.5 }),
      ],
    }).outerHTML;
    return [{ svg: shortened(svg), scene, title: `${operation}${shown.some(differs) ? '' : sides === 2 ? ', no difference' : ''}` }];
  });
}

/** One plot an operation and mode that was measured beside several numbers of writers. */
function throughputPlots(rows: readonly LatencyRow[], { library, document }: Tools): Plot[] {
  const groups = new Map<string, LatencyRow[]>();
  for (const row of rows) {
    if (row.bytes === undefined) continue;
    const key = JSON.stringify([row.scene, row.operation, label(row)]);
    groups.set(key, [...(groups.get(key) ?? []), row]);
  }
  return [...groups.values()].flatMap((group): Plot[] => {
    const [first] = group;
    if (!first || new Set(group.map((row) => row.writers)).size < 2) return [];
    const points = group.flatMap((row) => sidesOf(row).map(({ side }) => ({ writers: row.writers, side, mbs: (throughputOf(row, side) ?? 0) / 1e6 })));
    const svg = library.plot({
      document, width, height: 210, marginLeft: 52, marginRight: 14, marginBottom: 34, style: look,
      x: { type: 'point', label: 'writers', domain: [...new Set(group.map((row) => row.writers))].sort((a, b) => a - b) },
      y: { label: 'MB/s of the guest’s clock', zero: true, nice: true, ticks: 5, grid: true },
      color: sideColours, symbol: sideSymbols,
      marks: [
        library.ruleY([0], { stroke: 'currentColor', strokeOpacity: 0.4 }),
        // The one below is the wider, so that both are seen where they are the same.
        library.lineY(points.filter(({ side }) => side === 'base'), { x: 'writers', y: 'mbs', stroke: 'side', strokeWidth: 5, strokeOpacity: 0.45 }),
        library.lineY(points.filter(({ side }) => side === 'patched'), { x: 'writers', y: 'mbs', stroke: 'side', strokeWidth: 1.75 }),
        library.dot(points, { x: 'writers', y: 'mbs', symbol: 'side', fill: 'side', stroke: 'var(--paper)', r: 5 }),
      ],
    }).outerHTML;
    return [{ scene: first.scene, title: `${first.operation}, ${label(first)}`, svg: shortened(svg) }];
  }).slice(0, mostCurves);
}

/** Distinct values, evenly from the first to the last. */
function spread(sorted: readonly number[]): number[] {
  const distinct = [...new Set(sorted)];
  if (distinct.length <= mostTicks) return distinct;
  return Array.from({ length: mostTicks }, (_, index) => distinct[Math.round((index * (distinct.length - 1)) / (mostTicks - 1))] ?? 0);
}

/** Numbers of an SVG made shorter: hundredths of a pixel are seen by nobody. Texts stay as they are. */
export function shortened(svg: string): string {
  return svg.replace(/<[^>]*>/g, (tag) => tag.replace(/\d+\.\d{3,}/g, (number) => String(Math.round(Number(number) * 100) / 100)));
}

function sidesOf(row: LatencyRow): { readonly side: 'base' | 'patched'; readonly figures: NonNullable<LatencyRow['sides']['base']> }[] {
  return (['base', 'patched'] as const).flatMap((side) => {
    const figures = row.sides[side];
    return figures ? [{ side, figures }] : [];
  });
}

/** A mode's name comes from a file; it is text for the library, which escapes it, and short. */
function label(row: LatencyRow): string {
  return cutText(visibleText(row.mode), 40);
}
