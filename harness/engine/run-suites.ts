import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Side } from '../events.ts';
import type { Guest } from '../guest/read-guest.ts';
import type { Accelerator } from '../host/accelerator.ts';
import { chooseAccelerator } from '../host/choose-accelerator.ts';
import type { Host } from '../host/host.ts';
import { onPath } from '../host/on-path.ts';
import { workOff } from '../host/work-off.ts';
import { runOutcome, type Outcome } from '../judge/run-outcome.ts';
import type { Verdict } from '../judge/verdict.ts';
import type { BuiltVariant, KernelConfig, SourceSpec, Variant } from '../kernel/types.ts';
import { keepSeries, seriesRow } from '../results/keep-series.ts';
import type { RunDirectory } from '../results/run-directory.ts';
import type { RunRecord } from '../results/run-record.ts';
import { verdictsOf } from '../results/verdicts-of.ts';
import type { Series } from '../series/types.ts';
import { buildShell } from '../stage/build-shell.ts';
import type { Stage } from '../stage/build-stage.ts';
import { buildLibfuseTree } from '../suites/libfuse-tree.ts';
import { buildMixedIo } from '../suites/mixed-io.ts';
import { buildPassthroughHp } from '../suites/passthrough-hp.ts';
import type { ServerName, Suite } from '../suites/read-suite.ts';
import { keepEvidence } from './keep-evidence.ts';
import { playSuite } from './play-suite.ts';
import { buildFromSource } from './prepare-sides.ts';
import { recordRun } from './record-run.ts';

export interface SuitesRequest {
  readonly kernel: SourceSpec;
  readonly kernelText: string;
  readonly series?: Series;
  readonly config: KernelConfig;
  readonly guest: Guest;
  readonly suites: readonly Suite[];
  /** A built fstests tree. */
  readonly fstests?: string;
}

interface Job {
  readonly suite: Suite;
  readonly server: ServerName;
  readonly side: Side;
  readonly variant: Variant;
}

/** As a run's record names it. */
export function suiteName(suite: Suite, server: ServerName): string {
  return server === 'none' ? suite.name : `${suite.name}@${server}`;
}

/**
 * Plays every suite on each of its servers, on the kernel and, with a series, on the kernel with it, and keeps the record of that.
 * @throws DioramaError of the stage that failed, after the record says so too
 */
export async function runSuites(outer: Host, run: RunDirectory, request: SuitesRequest): Promise<Outcome> {
  return recordRun(outer, run, async (host, stages) => {
    const { series } = request;
    await keepSeries(run.dir, series);
    const base = await prepareOne(host, run, { ...request, side: 'base' });
    const patched = series && (await prepareOne(host, run, { ...request, side: 'patched' }));
    const stage = await buildShell(host);
    await run.update({
      kernel: base.kernel, libfuse: stage.libfuse, stages: stages(), base: rowOf(base.variant), ...(series && patched && { series: seriesRow(series, patched.treeId), patched: rowOf(patched.variant) }),
    });
    const variants = new Map<Side, Variant>([['base', base.variant], ...(patched ? [['patched', patched.variant] as const] : [])]);
    const accelerator = request.guest.accelerator ?? (await chooseAccelerator(host));
    const jobs = [...variants].flatMap(([side, variant]) => request.suites.flatMap((suite) => suite.servers.map((server): Job => ({ suite, server, side, variant }))));
    // A guest that shares its CPUs with another may run into the bound of its suite.
    await workOff(Math.max(1, Math.floor(host.jobs / request.guest.cpus)), jobs, (job) => playJob(host, { run, request, stage, accelerator, job }));
    return { outcome: runOutcome(verdictsOf(run.record)) };
  });
}

async function prepareOne(host: Host, run: RunDirectory, given: SuitesRequest & { readonly side: Side }): ReturnType<typeof buildFromSource> {
  const { side, series, ...rest } = given;
  const dir = join(run.dir, side);
  await mkdir(dir, { recursive: true });
  return keepEvidence({ dir: run.dir, name: side }, () => buildFromSource(host, { ...rest, evidenceDir: dir, ...(series && side === 'patched' && { series }) }));
}

function rowOf({ id, treeId, release, compiler, vmlinuxId }: BuiltVariant): NonNullable<RunRecord['base']> {
  return { id, treeId, release, compiler, vmlinuxId };
}

async function playJob(
  host: Host, given: { readonly run: RunDirectory; readonly request: SuitesRequest; readonly stage: Stage; readonly accelerator: Accelerator; readonly job: Job },
): Promise<void> {
  const { run, request, job: { suite, server, side, variant } } = given;
  const scene = suiteName(suite, server);
  const dir = join(side, scene);
  host.emit({ kind: 'scene-start', side, scene });
  const began = performance.now();
  const tools = await findTools(host, { suite, server, fstests: request.fstests });
  const verdict: Verdict = 'missing' in tools ? { kind: 'skip', reason: `needs ${tools.missing}` }
    : await playSuite(host, { ...given, suite, server, variant, guest: request.guest, variables: tools.variables, dir: join(run.dir, dir) });
  const ms = performance.now() - began;
  await run.addScene({ scene, side, verdict: { ...verdict }, ms, dir });
  host.emit({ kind: 'scene-end', side, scene, verdict, ms });
}

type Tools = { readonly variables: ReadonlyMap<string, string> } | { readonly missing: string };

/** What the script needs of this machine, or the first thing that is not there. */
async function findTools(host: Host, given: { readonly suite: Suite; readonly server: ServerName; readonly fstests: string | undefined }): Promise<Tools> {
  const variables = new Map([['MIXED_IO', await buildMixedIo(host)]]);
  for (const program of given.suite.needs) if ((await onPath(program)) === undefined) return { missing: program };
  if (given.suite.fstests === true) {
    if (given.fstests === undefined) return { missing: 'an fstests tree (--fstests DIR)' };
    variables.set('FSTESTS', given.fstests);
  }
  if (given.suite.libfuse === true) variables.set('LIBFUSE', await buildLibfuseTree(host));
  if (given.server !== 'stage') {
    const hp = await buildPassthroughHp(host);
    if (hp === undefined) return { missing: 'g++, to build passthrough_hp' };
    variables.set('PASSTHROUGH_HP', hp);
  }
  return { variables };
}
