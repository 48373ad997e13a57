import type { VerdictKind } from '../judge/verdict.ts';
import { formatRoom } from '../format-units.ts';
import { printable } from '../printable.ts';
import type { ListedRun } from '../results/list-runs.ts';
import type { Colours } from './colours.ts';
import { alignColumns } from './table.ts';

const kinds: readonly VerdictKind[] = ['pass', 'fail', 'splat', 'hang', 'crash', 'known', 'skip', 'error'];
const harmless: ReadonlySet<string> = new Set<VerdictKind>(['pass', 'known', 'skip']);
const longestCell = 40;

/** A list of runs for people, a line each; the verdicts are those of the patched side where there is a series. */
export function describeRuns(runs: readonly ListedRun[], colours: Colours, all: number): string[] {
  const header = ['run', 'started', 'kernel', 'series', 'guest/config', 'verdicts', 'status', 'exit', 'size'].map((cell) => colours.dim(cell));
  const rows = runs.map((run) => [
    printable(run.name, longestCell),
    printable(run.started.slice(0, 16).replace('T', ' '), longestCell),
    run.kernel ? printable(`${run.kernel.spec} (${run.kernel.version})`, longestCell) : '-',
    run.series ? printable(run.series.label, longestCell) : '-',
    printable(`${run.guest}/${run.config}`, longestCell),
    verdictCell(run, colours),
    run.status === 'done' ? run.status : colours.bad(run.status),
    run.exitCode === undefined ? '-' : String(run.exitCode),
    run.bytes === undefined ? '-' : formatRoom(run.bytes),
  ]);
  const count = `${runs.length} of ${all} runs (verdicts with the series where there is one)`;
  return runs.length === 0 ? [`none of ${all} runs is asked for`] : [...alignColumns([header, ...rows], [7, 8]), '', count];
}

function verdictCell(run: ListedRun, colours: Colours): string {
  const counts = run.patched ?? run.base;
  const parts = kinds.flatMap((kind) => {
    const count = counts[kind] ?? 0;
    if (count === 0) return [];
    const text = `${count} ${kind}`;
    return [harmless.has(kind) ? text : colours.bad(text)];
  });
  const broke = run.bySeries?.['regression'] ?? 0;
  const mended = run.bySeries?.['fix'] ?? 0;
  const series = [...(broke > 0 ? [colours.bad(`${broke} ${broke === 1 ? 'regression' : 'regressions'}`)] : []), ...(mended > 0 ? [colours.good(`${mended} fixed`)] : [])];
  const error = parts.length === 0 && run.error ? printable(run.error.code, longestCell) : '-';
  return [parts.join(', ') || error, ...series].join('; ');
}
