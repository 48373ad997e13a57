import { printable } from '../printable.ts';
import type { PlayedScene } from '../results/run-record.ts';
import { describeRunHead } from './describe-run-head.ts';
import type { RunFacts } from './run-facts.ts';
import { reasonText, sceneStandings, whyUnfinished, type SideStanding, type Standing } from './scene-standings.ts';
import { xmlAttributes, xmlText } from './xml-text.ts';

/**
 * A run as JUnit XML, valid against the schema of Ant's JUnit task (windyroad/JUnit-Schema): one suite a side, one case a scene. What the format has no word
 * for, a failure that is expected, is `skipped` with the reason, so that a consumer fails exactly where `./diorama run` does. A run that did
 * not come to its end has a suite `run` with an error in it.
 */
export function writeJunit(facts: RunFacts): string {
  const { record } = facts;
  const sides = sceneStandings(record).flatMap((scene) => scene.sides);
  const suites: Suite[] = (['base', 'patched'] as const).flatMap((name) => {
    const cases = sides.filter(({ played }) => played.side === name).map((side) => sceneCase(side, facts));
    return cases.length === 0 ? [] : [{ name, cases }];
  });
  const unfinished = whyUnfinished(record);
  if (unfinished !== undefined) suites.push({ name: 'run', cases: [runCase(unfinished, facts)] });
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    '<testsuites>',
    ...suites.flatMap((suite, id) => describeSuite(suite, id, facts)),
    '</testsuites>',
    '',
  ].join('\n');
}

interface Suite {
  readonly name: string;
  readonly cases: readonly Case[];
}

interface Case {
  readonly name: string;
  readonly classname: string;
  readonly seconds: number;
  readonly standing: Standing;
  readonly type: string;
  readonly message: string;
  /** Lines of evidence, harmless and bounded. */
  readonly body: readonly string[];
}

function sceneCase({ played, standing, why }: SideStanding, facts: RunFacts): Case {
  return {
    name: printable(played.scene), classname: `diorama.${played.side}`, seconds: played.ms / 1000, standing, type: played.verdict.kind, message: why,
    body: standing === 'passed' ? [] : bodyOf(played, facts),
  };
}

function bodyOf(played: PlayedScene, facts: RunFacts): string[] {
  const { verdict, dir } = played;
  const console = facts.evidence.get(dir)?.console ?? [];
  return [
    `${verdict.kind}: ${reasonText(verdict.reason)}`,
    ...(verdict.step === undefined ? [] : [`step ${verdict.step}`]),
    `evidence: ${printable(`${facts.record.id}/${dir}`)}`,
    ...(console.length === 0 ? [] : ['', 'console:', ...console]),
  ];
}

function runCase(why: string, { record, failureLog }: RunFacts): Case {
  return {
    name: 'comes to its end', classname: 'diorama.run', seconds: 0, standing: 'error', type: record.error?.code ?? record.status, message: why,
    body: [why, ...(failureLog.length === 0 ? [] : ['', ...failureLog])],
  };
}

function describeSuite({ name, cases }: Suite, id: number, { record }: RunFacts): string[] {
  const count = (...standings: readonly Standing[]): number => cases.filter(({ standing }) => standings.includes(standing)).length;
  const attributes = xmlAttributes({
    name, package: 'diorama', id, timestamp: record.started.slice(0, 19), hostname: 'localhost',
    tests: cases.length, failures: count('failed'), errors: count('error'), skipped: count('skipped', 'expected'),
    time: decimal(cases.reduce((sum, { seconds }) => sum + seconds, 0)),
  });
  return [
    `  <testsuite${attributes}>`,
    '    <properties>',
    ...describeRunHead(record).map(([property, value]) => `      <property${xmlAttributes({ name: property, value })}/>`),
    '    </properties>',
    ...cases.flatMap(describeCase),
    '    <system-out></system-out>',
    '    <system-err></system-err>',
    '  </testsuite>',
  ];
}

function describeCase(given: Case): string[] {
  const { name, classname, seconds, standing, type, message, body } = given;
  const head = `    <testcase${xmlAttributes({ name, classname, time: decimal(seconds) })}`;
  if (standing === 'passed') return [`${head}/>`];
  const element = { failed: 'failure', error: 'error', expected: 'skipped', skipped: 'skipped' }[standing];
  const attributes = xmlAttributes({ message, ...(element === 'skipped' ? {} : { type }) });
  return [`${head}>`, `      <${element}${attributes}>${xmlText(body.join('\n'))}</${element}>`, '    </testcase>'];
}

/** xs:decimal has no exponent. */
function decimal(seconds: number): string {
  return (Number.isFinite(seconds) ? Math.max(0, seconds) : 0).toFixed(3);
}
