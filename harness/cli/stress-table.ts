import { functionOf, type SplatGroup } from '../judge/group-splats.ts';
import type { StressEvent, StressTally, StressTrace } from '../judge/read-stress-trace.ts';
import { printable } from '../printable.ts';
import type { Colours } from './colours.ts';
import { alignColumns } from './table.ts';

/** Calls in the order of a file's life, as guests/stress/calls.c names them. */
const calls = ['open', 'mmap', 'load', 'store', 'msync', 'munmap', 'pread', 'pwrite', 'splice', 'fstat', 'ftruncate', 'close'] as const;
const mostEvents = 6;

/** What a stress has done: how often each call, and how long the longest took. */
export function describeTally(tally: StressTally, colours: Colours): string[] {
  const number = (key: string): number => Number(tally[key] ?? 0);
  const rows = calls.map((call) => [call, String(number(call)), `${(number(`${call}_us`) / 1000).toFixed(1)} ms`]);
  const brought = tally.brought_back > 0 ? [`${tally.brought_back} times something was read again from the page cache that a cached write had replaced`] : [];
  return [
    ...alignColumns([['call', 'times', 'longest'].map((head) => colours.dim(head)), ...rows], [1, 2]),
    '',
    `${tally.judged} words of reads judged, ${tally.unjudged} not, ${tally.torn} torn; ${tally.met} direct writes met another at the server, ${tally.exclusive} came alone while the file was mapped`,
    `${tally.waits} times somebody was seen waiting for caching mode; ${tally.kills} killed, ${tally.evicted} inodes evicted at ${tally.quiets} quiet points`,
    ...brought,
  ];
}

/** The complaints of the kernel, each once, with where it was. */
export function describeSplats(splats: readonly SplatGroup[], lines: ReadonlyMap<string, string>, colours: Colours): string[] {
  return splats.flatMap(({ title, count, places, line }) => [
    `${title}${count > 1 ? `  ${colours.dim(`${count} times`)}` : ''}  ${colours.dim(`console line ${line}`)}`,
    ...places.slice(0, mostEvents).map((place) => `    ${functionOf(place)}${lines.has(place) ? colours.dim(`  ${lines.get(place) ?? ''}`) : ''}`),
  ]);
}

/** The last calls of every actor that has any, the newest last, and where those are that have not returned. */
export function describeLast(trace: StressTrace, colours: Colours): string[] {
  const actors = [...new Set(trace.events.map(({ who }) => who))];
  return actors.flatMap((who) => {
    const events = trace.events.filter((event) => event.who === who).slice(-mostEvents);
    const place = trace.places.find((one) => one.who === who);
    return [
      `${printable(who)}${place ? `  ${colours.dim(printable(`in ${place.in || place.state}: ${place.stack}`, 160))}` : ''}`,
      ...events.map((event) => `    ${printable(eventWords(event))}`),
    ];
  });
}

function eventWords({ call, mode, off, len, at, took, ret }: StressEvent): string {
  const what = call === 'open' ? `open ${mode ?? ''}` : len > 0 ? `${call} ${len} at ${off}` : call;
  const came = took === undefined ? 'not returned' : `${ret ?? ''} after ${(took / 1e6).toFixed(3)} ms`;
  return `${(at / 1e9).toFixed(6)} s  ${what.padEnd(24)}  ${came}`;
}
