import { printable } from '../printable.ts';
import { describeRunHead } from './describe-run-head.ts';
import type { RunFacts } from './run-facts.ts';
import { sceneStandings, whyUnfinished, type SceneStanding, type Standing } from './scene-standings.ts';

/** The verdict whose cause KTAP has a word for. */
const timedOut = 'hang';

/**
 * A run as KTAP version 1 (the kernel's Documentation/dev-tools/ktap.rst): one result a scene, with a series its sides nested below it.
 * What it counts is what TAP counts.
 */
export function writeKtap({ record }: RunFacts): string {
  const scenes = sceneStandings(record);
  const unfinished = whyUnfinished(record);
  return [
    'KTAP version 1',
    ...(scenes.length > 0 ? [`1..${scenes.length}`] : []),
    ...describeRunHead(record).map(([name, value]) => `# ${name}: ${value}`),
    ...scenes.flatMap((scene, index) => sceneResult(scene, index + 1)),
    ...(unfinished === undefined ? [] : [`Bail out! ${unfinished}`]),
    '',
  ].join('\n');
}

function sceneResult(scene: SceneStanding, number: number): string[] {
  const name = nameText(scene.scene);
  const hung = scene.sides.some(({ played, standing }) => played.verdict.kind === timedOut && standing === 'failed');
  if (scene.comparison === undefined) return [result(scene.standing, { number, name, why: scene.why, hung })];
  const sides = scene.sides.map(({ played, standing, why }, index) =>
    result(standing, { number: index + 1, name: played.side, why, hung: played.verdict.kind === timedOut }));
  return [
    ...['KTAP version 1', `1..${scene.sides.length}`, ...sides].map((line) => `  ${line}`),
    result(scene.standing, { number, name, why: scene.why, hung }),
  ];
}

function result(standing: Standing, given: { readonly number: number; readonly name: string; readonly why: string; readonly hung: boolean }): string {
  const line = `${standing === 'passed' || standing === 'skipped' ? 'ok' : 'not ok'} ${given.number} ${given.name}`;
  const words = { passed: '', failed: given.hung ? 'TIMEOUT' : '', error: 'ERROR', expected: 'XFAIL', skipped: 'SKIP' }[standing];
  const tail = `${words} ${given.why}`.trim();
  // A reason that begins with a directive's word is none.
  const safe = words === '' && /^(skip|todo|xfail|timeout|error)\b/i.test(tail) ? `reason: ${tail}` : tail;
  return standing === 'passed' || safe === '' ? line : `${line} # ${safe}`;
}

/** A description cannot have a `#`. */
function nameText(text: string): string {
  return printable(text.replaceAll('#', '_'));
}
