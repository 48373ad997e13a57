import type { CostChange } from './compare-measures.ts';
import { compareSides, type Comparison } from './compare-sides.ts';
import type { Verdict } from './verdict.ts';

/** A scene's verdicts; `patched` when a series was played too. */
export interface SceneVerdicts {
  readonly scene: string;
  readonly base: Verdict;
  readonly patched?: Verdict;
  /** What the series made slower or faster, of a scene that measures. */
  readonly costs?: readonly CostChange[];
}

export interface Outcome {
  /**
   * 0 no regression (without a series: no failure), 1 a regression (a failure), 69 a scene could not be judged and none of those; 3, where
   * a series was played patch by patch, when the whole of it does not build.
   */
  readonly exitCode: 0 | 1 | 3 | 69;
  /** One sentence. */
  readonly summary: string;
  readonly comparisons: ReadonlyMap<string, Comparison>;
}

const harmless = new Set(['pass', 'skip', 'known', 'error']);

/** What a run came to: of its base alone, or of what the series broke and mended. */
export function runOutcome(scenes: readonly SceneVerdicts[]): Outcome {
  const withSeries = scenes.some((scene) => scene.patched !== undefined);
  return withSeries ? outcomeOfSeries(scenes) : outcomeOfBase(scenes);
}

function outcomeOfBase(scenes: readonly SceneVerdicts[]): Outcome {
  const count = (kind: string): number => scenes.filter((scene) => scene.base.kind === kind).length;
  const failed = scenes.filter((scene) => !harmless.has(scene.base.kind)).length;
  const errors = count('error');
  const parts = [
    `${count('pass')} of ${scenes.length} scenes passed`,
    failed > 0 ? `${failed} failed` : '',
    count('known') > 0 ? `${count('known')} known` : '',
    count('skip') > 0 ? `${count('skip')} skipped` : '',
    errors > 0 ? `${errors} could not be judged` : '',
  ].filter(Boolean);
  const nothing = scenes.length > 0 && count('skip') === scenes.length;
  const summary = nothing ? `nothing was judged: all ${scenes.length} scenes were skipped` : parts.join(', ');
  return { exitCode: failed > 0 ? 1 : errors > 0 || scenes.length === 0 ? 69 : 0, summary: summary + goneIssues(scenes.map((scene) => scene.base)), comparisons: new Map() };
}

const unplayed: Verdict = { kind: 'error', reason: 'it was not played' };

function outcomeOfSeries(scenes: readonly SceneVerdicts[]): Outcome {
  const comparisons = new Map(scenes.map((scene) => [scene.scene, comparisonOf(scene)]));
  const count = (word: Comparison): number => [...comparisons.values()].filter((value) => value === word).length;
  const slower = count('slower');
  const regressions = count('regression') + slower;
  const parts = [
    regressions === 0 ? 'no regression' : regressions === 1 ? '1 regression' : `${regressions} regressions`,
    slower > 0 ? `${slower} of them ${slower === 1 ? 'a scene that is' : 'scenes that are'} slower` : '',
    count('fix') > 0 ? `${count('fix')} fixed` : '',
    count('faster') > 0 ? `${count('faster')} faster` : '',
    count('changed') > 0 ? `${count('changed')} changed` : '',
    `${count('same')} of ${scenes.length} scenes the same`,
    count('error') > 0 ? `${count('error')} could not be judged` : '',
  ].filter(Boolean);
  const gone = goneIssues(scenes.map((scene) => scene.patched ?? unplayed));
  return { exitCode: regressions > 0 ? 1 : count('error') > 0 ? 69 : 0, summary: parts.join(', ') + gone, comparisons };
}

/** What a series did to a scene, by what it came to and by what it costs. */
export function comparisonOf({ base, patched, costs = [] }: Omit<SceneVerdicts, 'scene'>): Comparison {
  const word = compareSides(base, patched ?? unplayed);
  const beyond = costs.filter((cost) => cost.beyond);
  if (word !== 'same' || beyond.length === 0) return word;
  return beyond.some((cost) => cost.patchedNs > cost.baseNs) ? 'slower' : 'faster';
}

/** Known issues that this kernel should have by its version, and whose scenes passed. */
function goneIssues(verdicts: readonly Verdict[]): string {
  const ids = [...new Set(verdicts.flatMap((verdict) => (verdict.kind === 'pass' && verdict.issue !== undefined ? [verdict.issue] : [])))].sort();
  if (ids.length === 0) return '';
  return `; ${ids.join(', ')} no longer ${ids.length === 1 ? 'shows' : 'show'} (tests/known-issues.yaml)`;
}
