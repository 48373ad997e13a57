import { latencyRows } from './latency-rows.ts';
import { plotLatency, type Plot, type Plots } from './latency-plots.ts';
import { readView, type ViewRequest } from './read-view.ts';
import { renderReport } from './render-report.ts';
import { plotWallClock } from './wall-clock-plots.ts';

/**
 * The report of a run, or of several whose columns are to stand side by side, as one HTML page.
 * @param runs directories of runs; the first is the one that it is about
 * @throws DioramaError `bad-usage` or `bad-file` for a directory that is no run
 */
export async function writeReport(runs: readonly string[], options: Omit<ViewRequest, 'runs'>): Promise<string> {
  const view = await readView({ ...options, runs });
  const plots: Plots[] = [];
  const wallClock: Plot[][] = [];
  for (const run of view.runs) {
    plots.push(await plotLatency(latencyRows(run.scenes)));
    wallClock.push(await plotWallClock(run.record.wallClock));
  }
  return renderReport(view, { latency: plots, wallClock });
}
