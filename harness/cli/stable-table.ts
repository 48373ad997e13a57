import type { DifferingPlay, SceneStability } from '../engine/stable-scenes.ts';
import { formatDuration } from '../format-units.ts';
import { eventOf } from '../judge/first-difference.ts';
import { printable } from '../printable.ts';
import type { Colours } from './colours.ts';
import { paintVerdict } from './run-table.ts';
import { alignColumns } from './table.ts';
import { describeEvent } from './trace-lines.ts';

/** The table of scenes, and for each that differs the first event that does, as both plays have it. */
export function describeStability(scenes: readonly SceneStability[], colours: Colours): string[] {
  const header = ['scene', 'plays', 'differ', 'verdict'].map((cell) => colours.dim(cell));
  const rows = scenes.map(({ scene, plays, differing, verdict }) => [
    scene, String(plays), differing.length === 0 ? '0' : colours.bad(String(differing.length)),
    [paintVerdict(verdict, colours), ...new Set(differing.map((play) => play.verdicts[1]).filter(({ kind }) => kind !== verdict.kind).map((other) => paintVerdict(other, colours)))].join(' or '),
  ]);
  const differences = scenes.flatMap(({ scene, differing }) => {
    const [worst] = [...differing].sort((a, b) => weights.indexOf(a.in) - weights.indexOf(b.in));
    return worst ? ['', ...describeDifference(scene, worst, colours)] : [];
  });
  return [...alignColumns([header, ...rows], [1, 2]), ...differences];
}

const weights: readonly DifferingPlay['in'][] = ['verdict', 'trace', 'console'];

function describeDifference(scene: string, play: DifferingPlay, colours: Colours): string[] {
  const { first, verdicts, kept } = play;
  const names = [`play ${play.against}`, `play ${play.run}`].map((name, _, both) => name.padEnd(Math.max(...both.map(({ length }) => length))));
  const where = first ? `, from line ${first.line} on${first.step === undefined ? '' : `, in step ${first.step}`}` : '';
  const what = first?.what === 'time' ? ': the same event at another time' : first?.what === 'end' ? ': one of them ends there' : '';
  const judged = play.in === 'verdict' ? verdicts.map(({ kind, reason }, index) => `  ${names[index] ?? ''}  ${kind}${reason === '' ? '' : `: ${printable(reason, 300)}`}`) : [];
  const lines = first ? [first.one, first.other].map((line, index) => `  ${names[index] ?? ''}  ${lineOf(line)}`) : [];
  return [
    colours.bad(`${scene}: the ${play.in} of play ${play.run} differs from that of play ${play.against}${where}${what}`),
    ...judged, ...lines, ...(kept ? [`  both are kept: ${kept.join(' and ')}`] : []),
  ];
}

/** Time, who and what where the line is an event that has words, and the line itself, which has it all. */
function lineOf(line: string | undefined): string {
  if (line === undefined) return '(it has ended)';
  const event = eventOf(line);
  const words = event && describeEvent(event);
  return [...(event ? [`${(event.t / 1e6).toFixed(6)} ms`] : []), ...(words === undefined ? [] : [printable(words)]), printable(line, 300)].join('  ');
}

/** How many scenes and plays, under what, and how many of them differ; how long it took. */
export function stabilitySentence(scenes: readonly SceneStability[], given: { readonly load: number; readonly seed: number; readonly ms: number }): string {
  const plays = scenes.reduce((sum, scene) => sum + scene.plays, 0);
  const differing = scenes.flatMap((scene) => scene.differing);
  const of = (what: DifferingPlay['in']): number => differing.filter((play) => play.in === what).length;
  const parts = ([['verdict', 'verdicts'], ['trace', 'traces'], ['console', 'consoles']] as const).filter(([what]) => of(what) > 0).map(([what, words]) => `${of(what)} in their ${words}`);
  const under = given.load === 0 ? 'without load' : `under a load of ${given.load} ${given.load === 1 ? 'process' : 'processes'} (seed ${given.seed})`;
  const differ = differing.length === 0 ? 'none differs' : `${differing.length} of them ${differing.length === 1 ? 'differs' : 'differ'}: ${parts.join(', ')}`;
  return `${plays} ${plays === 1 ? 'play' : 'plays'} of ${scenes.length} ${scenes.length === 1 ? 'scene' : 'scenes'} ${under}, ${differ}; ${formatDuration(given.ms)}`;
}
