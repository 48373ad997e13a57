import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DioramaError, exitCodeOf } from '../errors.ts';
import type { EngineEvent } from '../events.ts';
import type { Guest } from '../guest/read-guest.ts';
import type { Host } from '../host/host.ts';
import type { KnownIssue } from '../judge/known-issues.ts';
import { runOutcome, type Outcome, type SceneVerdicts } from '../judge/run-outcome.ts';
import { stepsOutcome } from '../judge/steps-outcome.ts';
import type { KernelConfig, KernelSpec } from '../kernel/types.ts';
import type { RunDirectory } from '../results/run-directory.ts';
import type { RunRecord } from '../results/run-record.ts';
import { sceneFacts } from '../results/scene-facts.ts';
import { sizeOnDisk } from '../results/size-on-disk.ts';
import { verdictsOf } from '../results/verdicts-of.ts';
import type { Scenario } from '../scenario/types.ts';
import type { Series } from '../series/types.ts';
import { playScene } from './play-scene.ts';
import { prepareSides, type PreparedSide } from './prepare-sides.ts';
import { playSteps } from './play-steps.ts';
import { reproScript } from './repro-script.ts';
import { variantRow } from './variant-row.ts';

export interface RunRequest {
  readonly kernel: KernelSpec;
  readonly kernelText: string;
  readonly series?: Series;
  readonly config: KernelConfig;
  readonly guest: Guest;
  readonly guestText: string;
  readonly configNames: readonly string[];
  readonly scenes: readonly Scenario[];
  readonly issues: readonly KnownIssue[];
  /** The generation whose model judges; undefined for the kernel's own. */
  readonly model?: string;
  /** Stop giving out scenes after the first that failed, or regressed. */
  readonly failFast: boolean;
  /** Build and play every prefix of the series too, and say which patch broke or mended what. */
  readonly eachPatch?: boolean;
}

/**
 * The main job: prepares both sides, plays every scene on each, writes all of it into the run's directory as it comes, and says
 * what it came to.
 * @throws DioramaError of the stage that failed, after the record says so too
 */
export async function runScenes(outer: Host, run: RunDirectory, request: RunRequest): Promise<Outcome> {
  const stages: RunRecord['stages'] = [];
  const host: Host = { ...outer, emit: (event) => {
    if (event.kind === 'stage-end') stages.push(stageRow(event));
    outer.emit(event);
  } };
  try {
    const kept = await keepSeries(run.dir, request.series);
    await run.update(request.series ? { series: seriesRow(request.series) } : {});
    const prepared = await prepareSides(host, { ...request, evidenceDir: run.dir });
    const { source } = prepared;
    await run.update({
      kernel: { spec: source.spec, version: source.version, origin: source.origin, treeId: source.treeId },
      libfuse: prepared.stage.libfuse,
      ...(request.series ? { series: { ...seriesRow(request.series), ...(prepared.patchedTreeId === undefined ? {} : { treeId: prepared.patchedTreeId }) } } : {}),
      ...Object.fromEntries(prepared.sides.map((side) => [side.side, variantRow(side)])),
      qemu: prepared.sides[0]?.template.qemu,
      stages,
    });
    await playAll(host, { run, request, sides: prepared.sides, seriesFiles: kept });
    const played = runOutcome(finished(run, prepared.sides.length));
    const outcome = prepared.steps.length === 0 ? played : stepsOutcome(played, await playSteps(host, { run, request, prepared, seriesFiles: kept }));
    // What was asked for cannot be said when the whole series does not build; what its prefixes came to is kept all the same.
    const trouble = prepared.steps.at(-1)?.trouble;
    const status = trouble ? { status: 'failed', error: errorRow(trouble) } as const : { status: 'done' } as const;
    await run.update({ ...status, ended: new Date().toISOString(), summary: outcome.summary, exitCode: outcome.exitCode, stages, bytes: await sizeOnDisk(run.dir) });
    return outcome;
  } catch (error) {
    const known = error instanceof DioramaError ? error : undefined;
    await run.update({
      status: known?.blame === 'interrupt' ? 'interrupted' : 'failed',
      ended: new Date().toISOString(),
      error: errorRow(error),
      exitCode: exitCodeOf[known?.blame ?? 'machine'],
      stages,
      bytes: await sizeOnDisk(run.dir),
    }).catch(() => undefined);
    throw error;
  }
}

function errorRow(error: unknown): NonNullable<RunRecord['error']> {
  const known = error instanceof DioramaError ? error : undefined;
  return { blame: known?.blame ?? 'machine', code: known?.code ?? 'internal', message: error instanceof Error ? error.message : String(error) };
}

async function playAll(
  host: Host,
  given: { readonly run: RunDirectory; readonly request: RunRequest; readonly sides: readonly PreparedSide[]; readonly seriesFiles: readonly string[] },
): Promise<void> {
  const { run, request } = given;
  // The longest first, so that no CPU waits at the end for the one that plays it.
  const jobs = [...request.scenes].sort((a, b) => b.steps.length - a.steps.length).flatMap((scene) => given.sides.map((on) => ({ scene, on })));
  let stopped = false;
  const worker = async (): Promise<void> => {
    for (let job = jobs.shift(); job && !stopped; job = jobs.shift()) {
      const { scene, on } = job;
      const began = performance.now();
      host.emit({ kind: 'scene-start', side: on.side, scene: scene.name });
      const dir = join(on.side, scene.name);
      const repro = reproScript(host.root, { request, side: on.side, seriesFiles: given.seriesFiles });
      const { verdict, measures } = await playScene(host, { scene, on, guest: request.guest, issues: request.issues, ...(request.model === undefined ? {} : { model: request.model }), dir: join(run.dir, dir), repro });
      const ms = performance.now() - began;
      const measured = measures.length === 0 ? {} : { measures: measures.map((one) => ({ ...one, ns: [...one.ns] })) };
      await run.addScene({ scene: scene.name, side: on.side, verdict: { ...verdict }, ms, dir, covers: [...scene.covers], ...measured, ...(await sceneFacts(join(run.dir, dir))) });
      host.emit({ kind: 'scene-end', side: on.side, scene: scene.name, verdict, ms });
      if (request.failFast && runOutcome(finished(run, given.sides.length)).exitCode === 1) stopped = true;
    }
  };
  const workers = Array.from({ length: Math.max(1, Math.min(host.jobs, jobs.length)) }, worker);
  const ends = await Promise.allSettled(workers);
  const failed = ends.find((end) => end.status === 'rejected');
  if (failed) throw failed.reason as Error;
}

/** The scenes that were played on every side, in name order. */
function finished({ record }: RunDirectory, sides: number): SceneVerdicts[] {
  return verdictsOf(record).filter(({ patched }) => sides === 1 || patched !== undefined);
}

/** The series as it was read goes into the results: what was tested can be tested again when the input is gone. */
async function keepSeries(dir: string, series: Series | undefined): Promise<string[]> {
  if (!series) return [];
  await mkdir(join(dir, 'series'), { recursive: true });
  const names = series.patches.map((_, index) => `${String(index + 1).padStart(4, '0')}.patch`);
  for (const [index, patch] of series.patches.entries()) {
    await writeFile(join(dir, 'series', names[index] ?? ''), Buffer.concat([Buffer.from(`${patch.subject}\n---\n`), patch.diff]));
  }
  return names;
}

function seriesRow(series: Series): { label: string; patches: { subject: string; from: string }[] } {
  return { label: series.label, patches: series.patches.map(({ subject, from }) => ({ subject, from })) };
}

function stageRow({ stage, label, ms, reused, why }: Extract<EngineEvent, { kind: 'stage-end' }>): RunRecord['stages'][number] {
  return { stage, label, ms: Math.round(ms), reused, ...(why === undefined ? {} : { why }) };
}
