import type { Guest } from '../guest/read-guest.ts';
import type { Host } from '../host/host.ts';
import type { KnownIssue } from '../judge/known-issues.ts';
import { runOutcome, type Outcome } from '../judge/run-outcome.ts';
import { stepsOutcome } from '../judge/steps-outcome.ts';
import type { KernelConfig, KernelSpec, Source } from '../kernel/types.ts';
import { keepSeries, seriesRow } from '../results/keep-series.ts';
import type { RunDirectory } from '../results/run-directory.ts';
import type { Scenario } from '../scenario/types.ts';
import type { Series } from '../series/types.ts';
import { keepMachines } from './keep-machines.ts';
import { latencyScene, measureLatency } from './measure-latency.ts';
import type { PlayedHere } from './play-scene.ts';
import { playSides, playedOn } from './play-sides.ts';
import { prepareSides, type Prepared, type PreparedSide } from './prepare-sides.ts';
import { stepName } from './prepare-steps.ts';
import { playSteps } from './play-steps.ts';
import { recordRun } from './record-run.ts';
import { variantRow } from './variant-row.ts';

export interface RunRequest {
  readonly kernel: KernelSpec;
  readonly kernelText: string;
  /** The kernel's tree, where somebody is obtaining it already. */
  readonly look?: Promise<Source>;
  readonly series?: Series;
  readonly config: KernelConfig;
  readonly guest: Guest;
  readonly guestWords: readonly string[];
  readonly configNames: readonly string[];
  readonly scenes: readonly Scenario[];
  readonly issues: readonly KnownIssue[];
  /** The generation whose model judges; undefined for the kernel's own. */
  readonly model?: string;
  /** Stop giving out scenes after the first that failed, or regressed. */
  readonly failFast: boolean;
  /** Play everything, also what an earlier play already shows. */
  readonly fresh?: boolean;
  /** Build and play every prefix of the series too, and say which patch broke or mended what. */
  readonly eachPatch?: boolean;
  /** Measure on the wall clock too: so many boots of each side in this guest, which is in the host's time. */
  readonly wallClock?: { readonly boots: number; readonly guest: Guest };
  readonly guide?: RunGuide;
}

/** Who decides more about a run than its request says, and hears more of it than its events tell: `watch`. */
export interface RunGuide {
  /** The kernel's tree, obtained already. */
  readonly source: Source;
  /** The scenes in the order in which they are to be played on what was built. */
  arrange(scenes: readonly Scenario[], on: PreparedSide): Promise<readonly Scenario[]>;
  /** Whether the functions that a scene runs are to be recorded. */
  wantsCoverage(scene: Scenario): boolean;
  /** A scene was played and is in the record; `dir` is where its evidence is. */
  played(scene: Scenario, given: PlayedHere & { readonly dir: string }): Promise<void>;
}

/**
 * The main job: prepares both sides, plays every scene on each, writes all of it into the run's directory as it comes, and says
 * what it came to.
 * @throws DioramaError of the stage that failed, after the record says so too
 */
export async function runScenes(outer: Host, run: RunDirectory, request: RunRequest): Promise<Outcome> {
  return recordRun(outer, run, async (host, stages) => {
    const kept = await keepSeries(run.dir, request.series);
    await run.update(request.series ? { series: seriesRow(request.series) } : {});
    const prepared = await prepareSides(host, { ...request, evidenceDir: run.dir, ...(await sourceOf(request)) });
    await run.update({
      kernel: prepared.kernel,
      libfuse: prepared.stage.libfuse,
      ...(request.series ? { series: seriesRow(request.series, prepared.patchedTreeId) } : {}),
      ...Object.fromEntries(prepared.sides.map((side) => [side.side, variantRow(side)])),
      qemu: prepared.sides[0]?.template.qemu,
      stages: stages(),
    });
    // Both to their end, whatever becomes of the other: nothing may be written into a run that is over.
    const [keeping, playing] = await Promise.allSettled([
      keepMachines(host, { dir: run.dir, guest: request.guest, stage: prepared.stage, sides: machinesOf(prepared) }),
      playSides(host, { run, request, sides: prepared.sides, seriesFiles: kept }),
    ]);
    for (const came of [playing, keeping]) if (came.status === 'rejected') throw came.reason;
    if (request.wallClock) await measureSides(host, run, { ...request.wallClock, sides: prepared.sides });
    const played = runOutcome(playedOn(run, prepared.sides.length));
    const outcome = prepared.steps.length === 0 ? played : stepsOutcome(played, await playSteps(host, { run, request, prepared, seriesFiles: kept }));
    // What was asked for cannot be said when the whole series does not build; what its prefixes came to is kept all the same.
    const trouble = prepared.steps.at(-1)?.trouble;
    return { outcome, ...(trouble && { trouble }) };
  });
}

/** The boots of a side stand among its scenes, under a name of their own: one that hangs or splats is a finding like any other. */
async function measureSides(host: Host, run: RunDirectory, request: { readonly boots: number; readonly guest: Guest; readonly sides: readonly PreparedSide[] }): Promise<void> {
  const { wallClock, sides } = await measureLatency(host, { ...request, dir: run.dir });
  await run.update({ wallClock });
  for (const { side, verdict, ms, dir } of sides) await run.addScene({ scene: latencyScene, side, verdict: { ...verdict }, ms, dir });
}

async function sourceOf({ guide, look }: RunRequest): Promise<{ readonly source?: Source }> {
  if (guide) return { source: guide.source };
  return look === undefined ? {} : { source: await look };
}

/** The sides by the names of their directories, the prefixes of a series among them. */
function machinesOf({ sides, steps }: Prepared): ReadonlyMap<string, PreparedSide> {
  const prefixes = steps.slice(0, -1).flatMap(({ index, on }): [string, PreparedSide][] => (on ? [[stepName(index, steps.length), on]] : []));
  return new Map([...sides.map((side): [string, PreparedSide] => [side.side, side]), ...prefixes]);
}
