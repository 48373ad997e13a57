import { formatDuration } from '../format-units.ts';
import type { Circumstance } from '../judge/compare-circumstances.ts';
import type { ComparedRun, RunComparison } from '../judge/compare-runs.ts';
import { sceneWords, type SceneChange } from '../judge/compare-scenes.ts';
import type { StageTiming } from '../judge/compare-stages.ts';
import type { Verdict } from '../judge/verdict.ts';
import { printable } from '../printable.ts';
import type { Colours } from './colours.ts';
import { paintVerdict } from './run-table.ts';
import { alignColumns } from './table.ts';

const longestReason = 600;
const longestValue = 80;

/** Two runs held against each other, for people: what differs around them, the scenes that differ, the rest in short, and one sentence. */
export function describeComparison(comparison: RunComparison, colours: Colours): string[] {
  const parts = [
    headLines(comparison, colours),
    sceneLines(comparison.scenes, colours),
    reasonLines(comparison.scenes),
    splatLines(comparison, colours),
    latencyLines(comparison, colours),
    coverageLines(comparison),
    stageLines(comparison.stages, colours),
    [...traceLines(comparison.scenes), comparison.summary],
  ];
  return parts.filter((lines) => lines.length > 0).flatMap((lines, index) => (index === 0 ? lines : ['', ...lines]));
}

function headLines({ before, after, circumstances }: RunComparison, colours: Colours): string[] {
  const run = ({ id, side, kernel, series, status }: ComparedRun): string[] => [
    `${printable(id, longestValue)}, ${side}`, printable(kernel ?? 'no kernel yet', longestValue), series === undefined ? '' : printable(series, longestValue), status === 'done' ? '' : status,
  ];
  const required = new Set<Circumstance['what']>(['guest', 'config', 'compiler']);
  const rows = (differences: readonly Circumstance[]): string[] =>
    alignColumns(differences.map(({ what, before: one, after: other }) => [`  ${what}`, ...[one, other].map((value) => shownValue(what === 'tree' ? value?.slice(0, 12) : value))]));
  const unlike = circumstances.differences.filter(({ what }) => required.has(what));
  const beside = circumstances.differences.filter(({ what }) => !required.has(what));
  return [
    ...(circumstances.likeForLike ? [] : [colours.bad('not like for like: guest, config and compiler must be the same and known'), ...rows(unlike)]),
    ...alignColumns([['before', ...run(before)], ['after', ...run(after)]]),
    ...(beside.length === 0 ? [] : ['different:', ...rows(beside)]),
  ];
}

function shownValue(value: string | undefined): string {
  return value === undefined ? '-' : printable(value, longestValue);
}

const harmless: ReadonlySet<string> = new Set(['pass', 'skip', 'known']);
const mostNamed = 6;

/** What is the same is counted in the last line; of scenes that only one run played, those are told one by one that failed in the later one. */
function isTold({ word, after }: SceneChange): boolean {
  if (word === 'new') return after !== undefined && !harmless.has(after.kind);
  return word !== 'same' && word !== 'known' && word !== 'gone';
}

function toldScenes(scenes: readonly SceneChange[]): SceneChange[] {
  return scenes.filter(isTold).sort((a, b) => sceneWords.indexOf(a.word) - sceneWords.indexOf(b.word));
}

function sceneLines(scenes: readonly SceneChange[], colours: Colours): string[] {
  const shown = toldScenes(scenes);
  const verdict = (found: Verdict | undefined): string => (found ? paintVerdict(found, colours) : '-');
  const table = alignColumns([
    ['scene', 'before', 'after', ''].map((cell) => colours.dim(cell)),
    ...shown.map((scene) => [printable(scene.scene, longestValue), verdict(scene.before), verdict(scene.after), paintWord(scene, colours)]),
  ]);
  return [...(shown.length === 0 ? [] : table), ...namesLine(scenes, 'gone'), ...namesLine(scenes, 'new')];
}

function namesLine(scenes: readonly SceneChange[], word: 'gone' | 'new'): string[] {
  const names = scenes.filter((scene) => scene.word === word && !isTold(scene)).map(({ scene }) => scene);
  return names.length === 0 ? [] : [`${word}: ${someOf(names)}`];
}

/** All of a few, the first of many and how many they are. */
function someOf(names: readonly string[]): string {
  const some = names.slice(0, mostNamed).map((name) => printable(name, longestValue)).join(', ');
  return names.length <= mostNamed ? some : `${some}, … (${names.length} in all)`;
}

function paintWord({ word, by }: SceneChange, colours: Colours): string {
  const text = by === undefined ? word : `${word} (${by})`;
  if (word === 'fix') return colours.good(text);
  return word === 'new' ? colours.dim(text) : colours.bad(text);
}

/** Both reasons where a scene came to something else, one where they are the same. */
function reasonLines(scenes: readonly SceneChange[]): string[] {
  return toldScenes(scenes).flatMap(({ scene, before, after }) => {
    const line = (when: string, verdict: Verdict | undefined): string[] =>
      !verdict || verdict.reason === '' ? [] : [`${printable(scene, longestValue)}, ${when}: ${printable(verdict.reason, longestReason)}`];
    return before?.reason === after?.reason ? line('before and after', after) : [...line('before', before), ...line('after', after)];
  });
}

function splatLines({ splats }: RunComparison, colours: Colours): string[] {
  if (splats.length === 0) return [];
  const rows = splats.map(({ scene, title, before, after }) => [printable(scene, longestValue), `${before}x`, `${after}x`, printable(title, 160)]);
  return alignColumns([['splats of', 'before', 'after', ''].map((cell) => colours.dim(cell)), ...rows]);
}

function latencyLines({ latency, circumstances }: RunComparison, colours: Colours): string[] {
  const { changes, compared, bounds } = latency;
  if (compared === 0 && changes.length === 0) return [];
  const rows = changes.map(({ scene, name, beforeNs, afterNs, word }) => {
    const difference = beforeNs === undefined || afterNs === undefined ? '' : `${afterNs > beforeNs ? '+' : ''}${afterNs - beforeNs} ns`;
    const painted = word === 'slower' ? colours.bad(word) : word === 'faster' ? colours.good(word) : colours.dim(word);
    return [printable(scene, longestValue), printable(name, longestValue), shownNs(beforeNs), shownNs(afterNs), difference, painted];
  });
  const why = circumstances.sameMachine ? '' : '; guest, config, compiler, QEMU and libfuse are not all the same, so none of it is a regression';
  return [
    ...(rows.length === 0 ? [] : alignColumns([['latency of', 'what', 'before', 'after', '', ''].map((cell) => colours.dim(cell)), ...rows], [2, 3, 4])),
    `${compared} latencies in both, ${changes.filter(({ word }) => word === 'slower').length} slower, ${changes.filter(({ word }) => word === 'faster').length} faster (virtual time, exact; threshold ${bounds.callNs} ns, ${bounds.togetherNs / 1000} us for several at once${why})`,
  ];
}

function shownNs(ns: number | undefined): string {
  return ns === undefined ? '-' : `${ns} ns`;
}

function coverageLines({ coverage }: RunComparison): string[] {
  if (!coverage) return ['coverage: not kept by both runs'];
  const ids = (word: string, rules: readonly string[]): string[] => (rules.length === 0 ? [] : [`  ${word}: ${someOf(rules)}`]);
  return [`coverage: ${coverage.before} rules were tried before, ${coverage.after} after`, ...ids('lost', coverage.lost), ...ids('gained', coverage.gained)];
}

function stageLines(stages: readonly StageTiming[], colours: Colours): string[] {
  if (stages.length === 0) return [];
  const time = (timing: StageTiming['before']): string => (timing ? `${formatDuration(timing.ms)}${timing.reused ? ' (cache)' : ''}` : '-');
  return alignColumns([
    ['stage (wall time)', 'before', 'after', ''].map((cell) => colours.dim(cell)),
    ...stages.map((stage) => [printable(stage.stage, longestValue), time(stage.before), time(stage.after), colours.dim(printable(stage.label, longestValue))]),
  ]);
}

function traceLines(scenes: readonly SceneChange[]): string[] {
  const both = scenes.filter(({ trace }) => trace !== undefined).length;
  const other = scenes.filter(({ trace }) => trace === 'different').length;
  return both === 0 ? [] : [`${other} of ${both} traces differ`];
}
