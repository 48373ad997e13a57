import { stringify } from 'yaml';
import { printable } from '../printable.ts';
import { describeRunHead } from './describe-run-head.ts';
import type { RunFacts } from './run-facts.ts';
import { sceneStandings, whyUnfinished, type SceneStanding, type SideStanding, type Standing } from './scene-standings.ts';

/**
 * A run as TAP version 14 (testanything.org/tap-version-14-specification.html): one test point a scene; with a series its two sides stand in a
 * subtest, and the point says what the series did. Whoever reads it fails exactly where `./diorama run` does, by number too.
 */
export function writeTap({ record }: RunFacts): string {
  const scenes = sceneStandings(record);
  const unfinished = whyUnfinished(record);
  return [
    'TAP version 14',
    ...(scenes.length > 0 ? [`1..${scenes.length}`] : []),
    ...describeRunHead(record).map(([name, value]) => `# ${name}: ${value}`),
    ...scenes.flatMap((scene, index) => scenePoint(scene, index + 1, record.id)),
    ...(unfinished === undefined ? [] : [`Bail out! ${escape(unfinished)}`]),
    '',
  ].join('\n');
}

function scenePoint(scene: SceneStanding, number: number, run: string): string[] {
  const name = escape(printable(scene.scene));
  const [only] = scene.sides;
  if (scene.sides.length === 1 && only && scene.comparison === undefined) {
    return [point(scene.standing, { number, name, why: scene.why }), ...diagnostics(scene.standing, sideFacts(only, run))];
  }
  const sides = scene.sides.flatMap((side, index) => [
    point(side.standing, { number: index + 1, name: side.played.side, why: side.why }),
    ...diagnostics(side.standing, sideFacts(side, run)),
  ]);
  return [
    `# Subtest: ${name}`,
    ...[`1..${scene.sides.length}`, ...sides].map((line) => `    ${line}`),
    point(scene.standing, { number, name, why: scene.why }),
    ...diagnostics(scene.standing, { comparison: scene.comparison, reason: scene.why }),
  ];
}

function point(standing: Standing, given: { readonly number: number; readonly name: string; readonly why: string }): string {
  const line = `${standing === 'passed' || standing === 'skipped' ? 'ok' : 'not ok'} ${given.number} - ${given.name}`;
  const directive = standing === 'skipped' ? 'SKIP' : standing === 'expected' ? 'TODO' : undefined;
  return directive === undefined ? line : `${line} # ${directive} ${escape(given.why)}`.trimEnd();
}

function sideFacts({ played }: SideStanding, run: string): Readonly<Record<string, unknown>> {
  const { verdict, dir, ms } = played;
  return {
    verdict: verdict.kind,
    ...(verdict.reason === '' ? {} : { reason: printable(verdict.reason, 1000) }),
    ...(verdict.step === undefined ? {} : { step: verdict.step }),
    ...(verdict.issue === undefined ? {} : { issue: printable(verdict.issue) }),
    evidence: printable(`${run}/${dir}`),
    ms: Math.round(ms),
  };
}

/** Texts are quoted, so that nothing in them is a line of its own. A pass says only where it is. */
function diagnostics(standing: Standing, facts: Readonly<Record<string, unknown>>): string[] {
  if (standing === 'passed' && facts['evidence'] === undefined) return [];
  const yaml = stringify(facts, { lineWidth: 0, defaultStringType: 'QUOTE_DOUBLE', defaultKeyType: 'PLAIN' });
  return ['  ---', ...yaml.trimEnd().split('\n').map((line) => `  ${line}`), '  ...'];
}

/** TAP 14, "Escaping". */
function escape(text: string): string {
  return text.replace(/[\\#]/g, '\\$&');
}
