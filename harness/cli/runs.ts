import picomatch from 'picomatch';
import { DioramaError } from '../errors.ts';
import type { Host } from '../host/host.ts';
import { findFlaky, type FlakyScene } from '../judge/find-flaky.ts';
import { printable } from '../printable.ts';
import { listRuns, type ListedRun } from '../results/list-runs.ts';
import { readRun } from '../results/read-run.ts';
import type { RunRecord } from '../results/run-record.ts';
import { coloursFor } from './colours.ts';
import { describeFlaky } from './flaky-table.ts';
import { resultsDir, shown } from './results-paths.ts';
import { describeRuns } from './runs-table.ts';

export interface RunsOptions {
  readonly kernel?: string;
  readonly series?: string;
  readonly verdict?: string;
  /** Milliseconds since 1970. */
  readonly since?: number;
  readonly limit?: number;
  readonly flaky: boolean;
  readonly results?: string;
  readonly json: boolean;
}

/**
 * `./diorama runs`: the stored runs, newest first, or with `--flaky` the scenes that came out differently on the same kernel, guest and
 * program.
 * @returns 0, also where there are none
 */
export async function runs(host: Host, options: RunsOptions): Promise<number> {
  const results = resultsDir(host, options.results);
  const { runs: all, broken } = await listRuns(results);
  for (const { why } of broken) process.stderr.write(`${printable(why, 400)}\n`);
  const found = all.filter((run) => isAsked(run, options)).slice(0, options.limit ?? all.length);
  const lines = options.flaky ? await showFlaky(results, found, options.json) : showRuns(found, { all: all.length, json: options.json, results });
  process.stdout.write(`${lines.join('\n')}\n`);
  return 0;
}

/** A glob may match a kernel's spec, version or package; a `*` in it goes across the slashes of paths. */
function isAsked(run: ListedRun, { kernel, series, verdict, since }: RunsOptions): boolean {
  if (kernel !== undefined && ![run.kernel?.spec, run.kernel?.version, run.kernel?.origin].some((text) => text !== undefined && matches(text, kernel))) return false;
  if (series !== undefined && (!run.series || !matches(run.series.label, series))) return false;
  if (verdict !== undefined && ![run.base, run.patched, run.bySeries].some((counts) => (counts?.[verdict] ?? 0) > 0)) return false;
  return since === undefined || Date.parse(run.started) >= since;
}

function matches(text: string, glob: string): boolean {
  return text === glob || picomatch.isMatch(text, glob, { bash: true, dot: true, nonegate: true });
}

function showRuns(found: readonly ListedRun[], given: { readonly all: number; readonly json: boolean; readonly results: string }): string[] {
  if (given.json) return [JSON.stringify(found, null, 2)];
  if (given.all === 0) return [`no runs in ${shown(given.results)}`];
  return describeRuns(found, coloursFor(process.stdout), given.all);
}

async function showFlaky(results: string, found: readonly ListedRun[], json: boolean): Promise<string[]> {
  const records: RunRecord[] = [];
  for (const run of found) {
    const record = await readRun(results, run.name).then((read) => read.record, pruned);
    if (record) records.push(record);
  }
  const flaky: readonly FlakyScene[] = findFlaky(records);
  return json ? [JSON.stringify(flaky, null, 2)] : describeFlaky(flaky, { runs: records.length });
}

/** A run that went between the list and the reading is one less. */
function pruned(error: unknown): undefined {
  if (error instanceof DioramaError) return undefined;
  throw error;
}
