import { createHash } from 'node:crypto';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { playClone } from '../guest/play-clone.ts';
import type { Guest } from '../guest/read-guest.ts';
import { underLoad } from '../host/host-load.ts';
import type { Host } from '../host/host.ts';
import { diskError } from '../host/run-program.ts';
import { firstDifference, type FirstDifference } from '../judge/first-difference.ts';
import type { KnownIssue } from '../judge/known-issues.ts';
import type { Verdict } from '../judge/verdict.ts';
import type { KernelConfig, KernelSpec } from '../kernel/types.ts';
import { seededRandom, shuffled } from '../random.ts';
import { writeWhole } from '../results/run-directory.ts';
import { compileScenario } from '../scenario/compile-scenario.ts';
import type { Scenario } from '../scenario/types.ts';
import type { Series } from '../series/types.ts';
import { cloneFiles } from './clone-files.ts';
import { judgePlayed } from './judge-played.ts';
import { prepareSides, type Prepared, type PreparedSide } from './prepare-sides.ts';
import { workOff } from '../host/work-off.ts';

export interface StableRequest {
  readonly kernel: KernelSpec;
  readonly kernelText: string;
  /** With one, it is the patched kernel that plays, and the base only as far as it must be built. */
  readonly series?: Series;
  readonly config: KernelConfig;
  readonly guest: Guest;
  readonly scenes: readonly Scenario[];
  readonly issues: readonly KnownIssue[];
  readonly model?: string;
  /** How often each scene is played. */
  readonly runs: number;
  /** Processes of artificial load beside the guests. */
  readonly load: number;
  /** Of the load's bursts, and of the order in which the scenes are played. */
  readonly seed: number;
  /** Evidence of what differs goes to `<dir>/<scene>/`. */
  readonly dir: string;
}

/** A play that did not come out as the first one that was over did. */
export interface DifferingPlay {
  readonly run: number;
  /** The run of the play that it was held against. */
  readonly against: number;
  /** What the two differ in, the weightiest first: a trace that differs has a console that does. */
  readonly in: 'verdict' | 'trace' | 'console';
  /** Undefined when only what the judge knows besides trace and console differs: how the machine ended. */
  readonly first: FirstDifference | undefined;
  readonly verdicts: readonly [Verdict, Verdict];
  /** Where both plays are, relative to the directory of evidence; later ones of a scene with many are counted only. */
  readonly kept?: readonly [string, string];
}

/** What came of all the plays of one scene. */
export interface SceneStability {
  readonly scene: string;
  readonly plays: number;
  readonly verdict: Verdict;
  /** SHA-256 of the first play's trace. */
  readonly traceId: string;
  readonly differing: readonly DifferingPlay[];
}

export interface Stability {
  readonly prepared: Prepared;
  readonly scenes: readonly SceneStability[];
}

/** Evidence of so many differing plays of a scene is kept. */
const mostKept = 3;
/** A number that no scene has names a play's directory. */
const playName = (run: number): string => `play-${String(run).padStart(4, '0')}`;

/** One play, as far as it is compared. */
interface Play {
  readonly run: number;
  readonly traceId: string;
  readonly consoleId: string;
  readonly verdict: Verdict;
  readonly dir: string;
}

interface Course {
  readonly reference: Play;
  plays: number;
  readonly differing: DifferingPlay[];
}

/**
 * Plays every scene several times, afresh each time and under load, each round in another order, and holds each play against the first of
 * its scene by hash. What is the same is not kept.
 * @throws DioramaError of a stage that failed, or of the load
 */
export async function stableScenes(host: Host, request: StableRequest): Promise<Stability> {
  const prepared = await prepareSides(host, { ...request, evidenceDir: request.dir });
  const on = prepared.sides.at(-1);
  if (!on) throw new Error('nothing was prepared to play on');
  const random = seededRandom(request.seed);
  const jobs = Array.from({ length: request.runs }, (_, round) => shuffled(request.scenes, random).map((scene) => ({ scene, run: round + 1 }))).flat();
  const courses = new Map<string, Course>();
  let done = 0;
  const playAll = (loaded: Host): Promise<void> => workOff(host.jobs, jobs, async ({ scene, run }) => {
    host.emit({ kind: 'stage-progress', stage: 'scene', detail: progressOf({ done, of: jobs.length, courses }, scene.name) });
    const play = await playOnce(loaded, request, { scene, run, on });
    const course = courses.get(scene.name);
    if (!course) courses.set(scene.name, { reference: play, plays: 1, differing: [] });
    else await hold(host, course, { play, scene, dir: request.dir });
    done += 1;
  });
  try {
    await underLoad(host, { processes: request.load, seed: request.seed }, playAll);
  } finally {
    // Also of what was interrupted only the evidence stays.
    for (const { name } of request.scenes) if ((courses.get(name)?.differing.length ?? 0) === 0) await rm(join(request.dir, name), { recursive: true, force: true });
  }
  const scenes = request.scenes.flatMap(({ name }): SceneStability[] => {
    const course = courses.get(name);
    return course ? [{ scene: name, plays: course.plays, verdict: course.reference.verdict, traceId: course.reference.traceId, differing: course.differing }] : [];
  });
  return { prepared, scenes };
}

function progressOf(given: { readonly done: number; readonly of: number; readonly courses: ReadonlyMap<string, Course> }, scene: string): string {
  const differing = [...given.courses.values()].reduce((sum, course) => sum + course.differing.length, 0);
  return `played ${given.done} of ${given.of}, ${differing} ${differing === 1 ? 'differs' : 'differ'}  ${scene}`;
}

async function playOnce(host: Host, request: StableRequest, given: { readonly scene: Scenario; readonly run: number; readonly on: PreparedSide }): Promise<Play> {
  const { scene, run, on } = given;
  const dir = join(request.dir, scene.name, playName(run));
  const file = (name: string): string => join(dir, name);
  try {
    await mkdir(dir, { recursive: true });
    await writeFile(file('program'), compileScenario(scene));
  } catch (error) {
    throw diskError(error as NodeJS.ErrnoException, dir);
  }
  const played = await playClone(host, {
    guest: request.guest,
    template: on.template,
    files: cloneFiles(on, file('program')),
    console: file('console'),
    trace: file('trace'),
  });
  const verdict = judgePlayed(scene, played, { on, guest: request.guest, issues: request.issues, ...(request.model === undefined ? {} : { model: request.model }) });
  await writeWhole(file('verdict.json'), `${JSON.stringify(verdict, null, 2)}\n`);
  return { run, dir, verdict, traceId: hashOf(played.trace), consoleId: hashOf(played.console) };
}

/** Holds a play against the first of its scene; one that is the same leaves nothing. */
async function hold(host: Host, course: Course, given: { readonly play: Play; readonly scene: Scenario; readonly dir: string }): Promise<void> {
  const { play, scene, dir } = given;
  const { reference } = course;
  course.plays += 1;
  const differs = differenceIn(reference, play);
  if (differs === undefined) {
    await rm(play.dir, { recursive: true, force: true });
    return;
  }
  const keep = course.differing.length < mostKept;
  const read = (from: Play): Promise<string> => readFile(join(from.dir, differs === 'console' ? 'console' : 'trace'), 'latin1').catch(() => '');
  const first = firstDifference(await read(reference), await read(play));
  const differing: DifferingPlay = {
    run: play.run, against: reference.run, in: differs, first, verdicts: [reference.verdict, play.verdict],
    ...(keep ? { kept: [relativeTo(dir, reference.dir), relativeTo(dir, play.dir)] as const } : {}),
  };
  course.differing.push(differing);
  if (!keep) await rm(play.dir, { recursive: true, force: true });
  host.emit({ kind: 'note', text: `${scene.name}: play ${play.run} is not as play ${reference.run} was: its ${differs} differs${first ? `, from line ${first.line} on` : ''}` });
}

function differenceIn(one: Play, other: Play): DifferingPlay['in'] | undefined {
  if (one.verdict.kind !== other.verdict.kind || one.verdict.reason !== other.verdict.reason) return 'verdict';
  if (one.traceId !== other.traceId) return 'trace';
  return one.consoleId === other.consoleId ? undefined : 'console';
}

function relativeTo(dir: string, path: string): string {
  return path.slice(dir.length + 1);
}

function hashOf(text: string): string {
  return createHash('sha256').update(text, 'latin1').digest('hex');
}
