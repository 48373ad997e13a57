import { DioramaError, exitCodeOf } from '../errors.ts';
import type { EngineEvent } from '../events.ts';
import type { Host } from '../host/host.ts';
import type { Outcome } from '../judge/run-outcome.ts';
import type { RunDirectory } from '../results/run-directory.ts';
import type { RunRecord } from '../results/run-record.ts';
import { sizeOnDisk } from '../results/size-on-disk.ts';
import { keepTime, type RunTime } from './account-time.ts';

/** What the work of a run came to; `trouble` where it could not do all that was asked for, and what it did is kept. */
export interface Worked {
  readonly outcome: Outcome;
  readonly trouble?: DioramaError;
}

/**
 * Does the work of a run and keeps its record: the stages and where the time went as they come, and at the end what it came to, also where that is an error.
 * `stages` tells those that have ended.
 * @throws whatever the work throws, after the record says so too
 */
export async function recordRun(
  outer: Host, run: RunDirectory, work: (host: Host, stages: () => RunRecord['stages']) => Promise<Worked>,
): Promise<Outcome> {
  const stages: RunRecord['stages'] = [];
  const time = keepTime(outer.jobs);
  const host: Host = { ...outer, emit: (event) => {
    if (event.kind === 'stage-end') stages.push(stageRow(event));
    time.emit(event);
    outer.emit(event);
  } };
  try {
    const { outcome, trouble } = await work(host, () => stages);
    const status = trouble ? { status: 'failed', error: errorRow(trouble) } as const : { status: 'done' } as const;
    await run.update({ ...status, ended: new Date().toISOString(), summary: outcome.summary, exitCode: outcome.exitCode, stages, time: timeRow(time.now()), bytes: sizeOnDisk(run.dir) });
    return outcome;
  } catch (error) {
    const known = error instanceof DioramaError ? error : undefined;
    await run.update({
      status: known?.blame === 'interrupt' ? 'interrupted' : 'failed',
      ended: new Date().toISOString(),
      error: errorRow(error),
      exitCode: exitCodeOf[known?.blame ?? 'machine'],
      stages,
      bytes: sizeOnDisk(run.dir),
    }).catch(() => undefined);
    throw error;
  }
}

/** Whole milliseconds: what is below is noise. */
function timeRow({ stages, ms, harnessMs, cpuMs, peakRssBytes }: RunTime): NonNullable<RunRecord['time']> {
  const rows = stages.map((row) => ({ stage: row.stage, ms: Math.round(row.ms), compilersMs: Math.round(row.compilersMs), guestsMs: Math.round(row.guestsMs), harnessMs: Math.round(row.harnessMs) }));
  return { stages: rows, ms: Math.round(ms), harnessMs: Math.round(harnessMs), cpuMs: Math.round(cpuMs), peakRssBytes };
}

function errorRow(error: unknown): NonNullable<RunRecord['error']> {
  const known = error instanceof DioramaError ? error : undefined;
  return { blame: known?.blame ?? 'machine', code: known?.code ?? 'internal', message: error instanceof Error ? error.message : String(error) };
}

function stageRow({ stage, label, ms, reused, why }: Extract<EngineEvent, { kind: 'stage-end' }>): RunRecord['stages'][number] {
  return { stage, label, ms: Math.round(ms), reused, ...(why === undefined ? {} : { why }) };
}
