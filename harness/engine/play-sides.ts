import { join } from 'node:path';
import type { Host } from '../host/host.ts';
import { runOutcome, type SceneVerdicts } from '../judge/run-outcome.ts';
import type { RunDirectory } from '../results/run-directory.ts';
import { sceneFacts } from '../results/scene-facts.ts';
import { verdictsOf } from '../results/verdicts-of.ts';
import { playScene, recallScene, type PlayedHere, type SceneToPlay } from './play-scene.ts';
import type { PreparedSide } from './prepare-sides.ts';
import { reproScript } from './repro-script.ts';
import type { RunRequest } from './run-scenes.ts';
import { workOff } from '../host/work-off.ts';

/**
 * Plays every scene on every side, what an earlier play already shows first, and writes each into the run's record as it comes.
 * @throws DioramaError (machine) of the first that could not be played
 */
export async function playSides(
  host: Host,
  given: { readonly run: RunDirectory; readonly request: RunRequest; readonly sides: readonly PreparedSide[]; readonly seriesFiles: readonly string[] },
): Promise<void> {
  const { run, request } = given;
  const [base] = given.sides;
  // The longest first, so that no CPU waits at the end for the one that plays it.
  const longestFirst = [...request.scenes].sort((a, b) => b.steps.length - a.steps.length);
  const jobs = (request.guide && base ? await request.guide.arrange(longestFirst, base) : longestFirst).flatMap((scene) => given.sides.map((on) => ({ scene, on })));
  const begin = ({ scene, on }: (typeof jobs)[number]): void => host.emit({ kind: 'scene-start', side: on.side, scene: scene.name });
  const toPlay = ({ scene, on }: (typeof jobs)[number]): SceneToPlay => ({
    scene, on, guest: request.guest, issues: request.issues, dir: join(run.dir, on.side, scene.name),
    repro: reproScript(host.root, { request, side: on.side, seriesFiles: given.seriesFiles }),
    ...(request.model === undefined ? {} : { model: request.model }), ...(request.fresh === true ? { fresh: true } : {}), ...(request.guide && { coverage: request.guide.wantsCoverage(scene) }),
  });
  let stopped = false;
  const end = async ({ scene, on }: (typeof jobs)[number], came: PlayedHere, tookMs: number): Promise<void> => {
    const { verdict, measures, ms, reused } = came;
    const dir = join(on.side, scene.name);
    await run.addScene({
      scene: scene.name, side: on.side, verdict: { ...verdict }, ms, dir, covers: [...scene.covers],
      ...(measures.length === 0 ? {} : { measures: measures.map((one) => ({ ...one, ns: [...one.ns] })) }), ...(reused ? { reused } : {}), ...sceneFacts(join(run.dir, dir)),
    });
    await request.guide?.played(scene, { ...came, dir: join(run.dir, dir) });
    host.emit({ kind: 'scene-end', side: on.side, scene: scene.name, verdict, ms: tookMs, ...(reused ? { reused } : {}) });
    if (request.failFast && runOutcome(playedOn(run, given.sides.length)).exitCode === 1) stopped = true;
  };
  const left: typeof jobs = [];
  await workOff(recalledAtOnce, jobs, async (job) => {
    const began = performance.now();
    const recalled = stopped ? undefined : await recallScene(host, toPlay(job));
    if (!recalled) left.push(job);
    else {
      begin(job);
      await end(job, recalled, performance.now() - began);
    }
  });
  await workOff(host.jobs, left.sort((a, b) => jobs.indexOf(a) - jobs.indexOf(b)), async (job) => {
    if (stopped) return;
    begin(job);
    const began = performance.now();
    const came = await playScene(host, { ...toPlay(job), fresh: true });
    await end(job, came, performance.now() - began);
  });
}

/** Recalling is reading and writing small files. */
const recalledAtOnce = 16;

/** The scenes that were played on every side, in name order. */
export function playedOn({ record }: RunDirectory, sides: number): SceneVerdicts[] {
  return verdictsOf(record).filter(({ patched }) => sides === 1 || patched !== undefined);
}

