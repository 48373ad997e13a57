import type * as linkedom from 'linkedom';
import { importLibrary } from '../host/import-library.ts';
import type { WallClockRecord } from '../results/run-record.ts';
import { look, shortened, sideColours, sideSymbols, type Plot, type PlotLibrary } from './latency-plots.ts';

/** Direct writes a second against writers, a dot a boot and a line through the medians: one plot for each delay, alone and beside a mapper. */
export async function plotWallClock(wallClock: WallClockRecord | undefined): Promise<Plot[]> {
  const rates = wallClock?.figures.filter(({ operation, quantity }) => operation === 'pwrite' && quantity === 'rate') ?? [];
  if (rates.length === 0) return [];
  const library = (await importLibrary('@observablehq/plot')) as PlotLibrary;
  const { parseHTML } = (await importLibrary('linkedom')) as typeof linkedom;
  const { document } = parseHTML('<!doctype html><html><body></body></html>') as unknown as { readonly document: object };
  const groups = [...new Set(rates.map(({ mode, delayUs }) => JSON.stringify([mode, delayUs])))];
  return groups.map((group): Plot => {
    const rows = rates.filter(({ mode, delayUs }) => JSON.stringify([mode, delayUs]) === group);
    const dots = rows.flatMap(({ writers, base, patched = [] }) => [...base.map((rate) => ({ writers, side: 'base', rate })), ...patched.map((rate) => ({ writers, side: 'patched', rate }))]);
    const medians = rows.flatMap(({ writers, base, patched }) => [
      { writers, side: 'base', rate: medianOf(base) }, ...(patched ? [{ writers, side: 'patched', rate: medianOf(patched) }] : []),
    ]);
    const [first] = rows;
    const svg = library.plot({
      document, width: 340, height: 210, marginLeft: 52, marginRight: 14, marginBottom: 34, style: look,
      x: { type: 'point', label: 'writers', domain: [...new Set(rows.map(({ writers }) => writers))] },
      y: { label: 'pwrites a second of the host’s clock', zero: true, nice: true, ticks: 5, grid: true },
      color: sideColours, symbol: sideSymbols,
      marks: [
        library.ruleY([0], { stroke: 'currentColor', strokeOpacity: 0.4 }),
        library.lineY(medians, { x: 'writers', y: 'rate', stroke: 'side', strokeWidth: 1.75 }),
        library.dot(dots, { x: 'writers', y: 'rate', symbol: 'side', stroke: 'side', r: 3.5 }),
      ],
    }).outerHTML;
    return { scene: 'wall clock', title: `pwrite ${first?.mode === 'mapped' ? 'beside a mapper' : 'alone'}, server ${first?.delayUs === 0 ? 'at once' : `after ${first?.delayUs ?? 0} µs`}`, svg: shortened(svg) };
  });
}

function medianOf(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return ((sorted[Math.floor((sorted.length - 1) / 2)] ?? 0) + (sorted[Math.floor(sorted.length / 2)] ?? 0)) / 2;
}
