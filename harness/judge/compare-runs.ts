import type { Side } from '../events.ts';
import type { RunRecord } from '../results/run-record.ts';
import { compareCircumstances, type Circumstances } from './compare-circumstances.ts';
import { compareCoverage, type CoverageChange } from './compare-coverage.ts';
import type { CostBounds } from './compare-measures.ts';
import { compareRunMeasures, type MeasureComparison } from './compare-run-measures.ts';
import { compareScenes, sceneWords, type SceneChange, type SceneWord } from './compare-scenes.ts';
import { compareSplats, type SplatChange } from './compare-splats.ts';
import { compareStages, type StageTiming } from './compare-stages.ts';
import { sideOfRun, type RunSide } from './side-of-run.ts';

/** Two runs held against each other. */
export interface RunComparison {
  readonly before: ComparedRun;
  readonly after: ComparedRun;
  readonly circumstances: Circumstances;
  /** Every scene of either run, in name order. One regresses in its verdict, by a new complaint of the kernel, or in a latency where times are comparable. */
  readonly scenes: readonly SceneChange[];
  readonly splats: readonly SplatChange[];
  readonly latency: MeasureComparison & { readonly bounds: CostBounds };
  /** Undefined when a run did not keep what its scenes cover. */
  readonly coverage: CoverageChange | undefined;
  readonly stages: readonly StageTiming[];
  /** 0 no regression, 1 a regression, 69 none, but the later run left something to be judged, or nothing was played by both. */
  readonly exitCode: 0 | 1 | 69;
  /** One sentence. */
  readonly summary: string;
}

export interface ComparedRun {
  readonly id: string;
  readonly side: Side;
  readonly status: RunRecord['status'];
  readonly started: string;
  readonly kernel?: string;
  readonly series?: string;
}

export interface CompareOptions {
  readonly beforeSide: Side;
  readonly afterSide: Side;
  /** Latencies that differ by no more are the same. */
  readonly bounds: CostBounds;
}

/** Holds the later run `after` against the earlier run `before`, one side of each. */
export function compareRuns(before: RunRecord, after: RunRecord, options: CompareOptions): RunComparison {
  const [one, other] = [sideOfRun(before, options.beforeSide), sideOfRun(after, options.afterSide)];
  const circumstances = compareCircumstances(one, other);
  const splats = compareSplats(one, other);
  const latency = compareRunMeasures(one, other, options.bounds);
  const came = new Set(splats.filter((change) => change.after > change.before).map(({ scene }) => scene));
  const slower = new Set(circumstances.sameMachine ? latency.changes.filter(({ scene, word }) => word === 'slower' && samePlay(scene, one, other)).map(({ scene }) => scene) : []);
  const scenes = compareScenes(one, other).map((change): SceneChange => {
    if (came.has(change.scene) && comparable.has(change.word)) return { ...change, word: 'regression', by: 'splat' };
    return slower.has(change.scene) && change.word === 'same' ? { ...change, word: 'regression', by: 'latency' } : change;
  });
  return {
    before: describe(one), after: describe(other), circumstances, scenes, splats, latency: { ...latency, bounds: options.bounds },
    coverage: compareCoverage(one, other), stages: compareStages(before, after), exitCode: exitCodeOf(after, scenes), summary: summaryOf(after, scenes),
  };
}

/** Words under which a new complaint of the kernel would go unseen. */
const comparable: ReadonlySet<SceneWord> = new Set(['same', 'changed', 'known']);

/** Another program takes another time. */
function samePlay(scene: string, before: RunSide, after: RunSide): boolean {
  return before.rows.get(scene)?.programId === after.rows.get(scene)?.programId;
}

function describe({ record, side }: RunSide): ComparedRun {
  const { id, status, started, kernel, series } = record;
  return { id, side, status, started, ...(kernel && { kernel: `${kernel.spec} (${kernel.version})` }), ...(series && side === 'patched' && { series: series.label }) };
}

function exitCodeOf(after: RunRecord, scenes: readonly SceneChange[]): 0 | 1 | 69 {
  if (scenes.some(({ word }) => word === 'regression')) return 1;
  const unjudged = scenes.some(({ word, after: verdict }) => word === 'error' && verdict?.kind === 'error');
  return after.status !== 'done' || unjudged || inBoth(scenes) === 0 ? 69 : 0;
}

const counted: Readonly<Record<Exclude<SceneWord, 'regression' | 'same'>, string>> = {
  error: 'could not be judged', changed: 'changed', fix: 'fixed', gone: 'gone', new: 'new', known: 'known',
};

function summaryOf(after: RunRecord, scenes: readonly SceneChange[]): string {
  const ended = after.status === 'done' ? '' : `; the later run did not end in order (${after.status})`;
  if (inBoth(scenes) === 0) return `nothing was compared: ${scenes.length === 0 ? 'neither run played a scene' : 'no scene was played by both runs'}${ended}`;
  const count = (word: SceneWord): number => scenes.filter((scene) => scene.word === word).length;
  const parts = sceneWords.flatMap((word) => (word === 'regression' || word === 'same' || count(word) === 0 ? [] : [`${count(word)} ${counted[word]}`]));
  const regressions = count('regression') === 0 ? 'no regression' : `${count('regression')} ${count('regression') === 1 ? 'regression' : 'regressions'}`;
  return [regressions, ...parts, `${count('same')} of ${scenes.length} scenes the same`].join(', ') + ended;
}

function inBoth(scenes: readonly SceneChange[]): number {
  return scenes.filter((scene) => scene.before && scene.after).length;
}
