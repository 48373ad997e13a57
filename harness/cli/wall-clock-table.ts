import { circumstancesOf, countOf, differing, loadOf, ratioOf, sampleOf, type WallClockFigure } from '../formats/wall-clock-words.ts';
import type { RunRecord } from '../results/run-record.ts';
import type { Colours } from './colours.ts';
import { alignColumns } from './table.ts';

const mostShown = 16;

/** What was measured on the wall clock: with a series what differs, without one how direct writes do beside more writers. */
export function describeWallClock({ wallClock }: RunRecord, colours: Colours): string[] {
  if (!wallClock) return [];
  const { figures } = wallClock;
  const withSeries = figures.some(({ patched }) => patched !== undefined);
  const chosen = withSeries ? differing(figures) : figures.filter(({ operation, quantity }) => operation === 'pwrite' && quantity !== 'p99');
  const rows = chosen.slice(0, mostShown).map((figure) => [
    ...loadOf(figure), sampleOf(figure.base, figure), ...(withSeries ? [sampleOf(figure.patched, figure), ratioOf(figure), painted(figure, colours)] : []),
  ]);
  const header = ['on the wall clock', '', '', '', 'base', ...(withSeries ? ['patched', 'patched ÷ base', ''] : [])];
  const count = countOf(wallClock);
  return [
    '', ...(rows.length === 0 ? [] : alignColumns([header.map((cell) => colours.dim(cell)), ...rows])),
    ...(chosen.length > mostShown ? [`and ${chosen.length - mostShown} more (./diorama report has all)`] : []),
    ...(count === undefined ? [] : [`${rows.length === 0 ? 'On the wall clock: ' : ''}${count}`]), colours.dim(circumstancesOf(wallClock)),
  ];
}

function painted({ word }: WallClockFigure, colours: Colours): string {
  return word === 'slower' ? colours.bad(word) : word === 'faster' ? colours.good(word) : '';
}
