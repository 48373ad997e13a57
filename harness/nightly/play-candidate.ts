import { join, resolve } from 'node:path';
import { shown } from '../cli/results-paths.ts';
import { formatDuration } from '../format-units.ts';
import type { Host } from '../host/host.ts';
import { parseKernelSpec } from '../kernel/source/parse-kernel-spec.ts';
import { writeReport } from '../report/write-report.ts';
import { readRun } from '../results/read-run.ts';
import { writeWhole } from '../results/run-directory.ts';
import type { RunRecord } from '../results/run-record.ts';
import { bisectRegressions } from './bisect-regressions.ts';
import { commitRange } from './commit-range.ts';
import { compareNights } from './compare-nights.ts';
import { failedCell } from './failed-cell.ts';
import type { Entry } from './list-entries.ts';
import type { NightlyConfig } from './nightly-config.ts';
import type { Cell, CommitRange, Memory, Night, PlayedCell, Resolved } from './night-state.ts';
import type { Candidate } from './plan-night.ts';
import { playEntry } from './play-entry.ts';

/**
 * Plays an entry, compares it with the last night that played it, names the commits since where that is news, and writes its report.
 * @returns its cell, and what is to be remembered of it
 * @throws the signal's reason when the host's was aborted; when `stop` was, the entry is left to the next night
 */
export async function playCandidate(
  host: Host,
  given: { readonly config: NightlyConfig; readonly night: Night; readonly candidate: Candidate; readonly stop: AbortSignal },
): Promise<{ readonly cell: Cell; readonly memory: Partial<Memory> }> {
  const { config, night, candidate: { entry, fingerprint, memory }, stop } = given;
  const { results } = config;
  const kernel = night.kernels[entry.kernel];
  if (kernel?.kind !== 'found') throw new Error(`${entry.name} is played without a kernel`);
  const began = performance.now();
  const end = await playEntry(host, entry, { kernel: kernel.spec, scenarios: config.scenarios, ...(config.fstests !== undefined && { fstests: config.fstests }), slowerNs: config.slowerNs, results, stop });
  const ms = performance.now() - began;
  if (end.kind === 'stopped') return { cell: { kind: 'unplayed', why: 'budget', message: `the budget ended after ${formatDuration(ms)} of it` }, memory: { carried: true } };
  const report = end.run === undefined ? undefined : await writeReportOf(host, results, end.run);
  const common = { ms, ...(report === undefined ? {} : { report }) };
  const wasFailed = memory.last?.kind === 'failed' ? memory.last.why : undefined;
  if (end.kind === 'failed') {
    const news = end.failure.blame === 'kernel' || end.failure.blame === 'series';
    const commits = news ? await rangeSince(host, memory, kernel) : undefined;
    const cell = failedCell(end.failure, { ...common, again: wasFailed === end.failure.why, run: end.run, commits });
    // What the machine is to blame for may be over tomorrow, with nothing else changed.
    return { cell, memory: news ? { ...settled(night, fingerprint), last: cell, carried: false } : { carried: false } };
  }
  const before = memory.baseline && (await recordOf(results, memory.baseline.run));
  const change = compareNights(before, end.record, config);
  const news = change.regressions.length + change.fixed.length > 0 || wasFailed !== undefined;
  const range = news && before ? await rangeSince(host, memory, kernel) : undefined;
  const commits = range && { ...range, ...(await bisected(host, { config, entry, range, spec: kernel.spec, scenes: change.regressions.map(({ scene }) => scene), stop })) };
  const cell: PlayedCell = {
    kind: 'played', at: new Date().toISOString(), ...common, run: end.run, change,
    ...(commits === undefined ? {} : { commits }), ...(wasFailed === undefined ? {} : { mended: wasFailed }),
  };
  const judged = change.unjudged.length === 0 && change.scenes > 0;
  return {
    cell,
    memory: {
      ...(judged ? settled(night, fingerprint) : {}), last: cell, lastMs: ms, carried: false,
      baseline: { run: end.run, ...(kernel.commit === undefined ? {} : { commit: kernel.commit }) },
    },
  };
}

function settled(night: Night, fingerprint: string | undefined): Partial<Memory> {
  return { night: night.id, ...(fingerprint === undefined ? {} : { fingerprint }) };
}

/** A night is no worse for a report that could not be written; whoever opens the index finds the record instead. */
async function writeReportOf(host: Host, results: string, run: string): Promise<string | undefined> {
  const dir = resolve(results, run);
  try {
    await writeWhole(join(dir, 'report.html'), await writeReport([dir], { root: host.root, written: new Date(), shown }));
    return join(run, 'report.html');
  } catch (error) {
    host.emit({ kind: 'note', text: `${run}: its report could not be written: ${(error as Error).message}` });
    return undefined;
  }
}

/** Undefined when it was removed. */
function recordOf(results: string, run: string): Promise<RunRecord | undefined> {
  return readRun(results, join(results, run)).then(({ record }) => record, () => undefined);
}

async function rangeSince(host: Host, { baseline }: Memory, kernel: Extract<Resolved, { kind: 'found' }>): Promise<CommitRange | undefined> {
  const spec = parseKernelSpec(kernel.spec);
  const from = baseline?.commit;
  if (spec.kind !== 'git' || kernel.commit === undefined || from === undefined || from === kernel.commit) return undefined;
  return commitRange(host, { path: spec.path, from, to: kernel.commit });
}

async function bisected(
  host: Host,
  given: { readonly config: NightlyConfig; readonly entry: Entry; readonly range: CommitRange; readonly spec: string; readonly scenes: readonly string[]; readonly stop: AbortSignal },
): Promise<Pick<CommitRange, 'bisected'>> {
  const { config, entry, range, scenes } = given;
  const spec = parseKernelSpec(given.spec);
  // A series is judged against its own base; which commit of the base it no longer goes with is another question. Suites race, and a bisection needs a test that does not.
  if (!config.bisect || entry.series || entry.suites || spec.kind !== 'git' || range.relation !== 'ahead' || range.count < 2 || scenes.length === 0) return {};
  return { bisected: await bisectRegressions(host, { entry, range, path: spec.path, scenes, scenarios: config.scenarios, results: config.results, stop: given.stop }) };
}
