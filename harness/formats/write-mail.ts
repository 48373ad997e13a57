import { printable } from '../printable.ts';
import type { RunRecord } from '../results/run-record.ts';
import { portableOrigin, portableSpec, portableCommand, valueOf } from './portable-command.ts';
import type { RunFacts } from './run-facts.ts';
import { sceneStandings, whyUnfinished, type SceneStanding } from './scene-standings.ts';
import { columnsOf, wrapText } from './wrap-text.ts';

/** What a mail reader on 80 columns shows, quoted once. */
const columns = 76;
const label = 11;

/**
 * A run as plain text for a mailing list, under 80 columns and without control characters. The first line is a subject. What a guest or a patch said is
 * quoted or stands behind a label, so that it is no line of ours; paths of this machine are not told.
 */
export function writeMail(facts: RunFacts): string {
  const { record } = facts;
  const scenes = sceneStandings(record);
  const sections = [
    [subject(record)],
    wrapText(verdictSentence(record, scenes), { columns }),
    testedOn(record),
    ...found(scenes),
    ...knownIssues(scenes, facts),
    ...skipped(scenes),
    replay(record, scenes),
    testedBy(facts, scenes),
  ];
  return `${sections.filter((lines) => lines.length > 0).map((lines) => lines.join('\n')).join('\n\n')}\n`;
}

/** The name of a series gives way to what else a subject must say. */
function subject(record: RunRecord): string {
  const kernel = printable(record.kernel?.version ?? portableSpec(record), 30);
  const came = printable(record.status === 'done' ? (record.summary ?? 'no verdict').replace(/[,;].*$/s, '') : record.status, 40);
  if (!record.series) return cutTo(`diorama: ${kernel}: ${came}`, columns);
  const name = printable(record.series.patches[0]?.subject ?? 'a series without patches');
  return `diorama: ${cutTo(name, columns - columnsOf(`diorama:  on ${kernel}: ${came}`))} on ${kernel}: ${came}`;
}

function cutTo(text: string, most: number): string {
  if (columnsOf(text) <= most) return text;
  const [head = ''] = wrapText(text, { columns: Math.max(1, most - 1) });
  return `${head}…`;
}

function verdictSentence(record: RunRecord, scenes: readonly SceneStanding[]): string {
  const unfinished = whyUnfinished(record);
  if (unfinished !== undefined) return `The run did not come to a verdict: ${unfinished}. ${scenes.length === 0 ? 'No scene was played.' : `What follows is of the ${scenes.length} scenes that were played until then.`}`;
  const summary = printable(record.summary ?? '');
  return `${record.series ? 'With the series against its own base' : 'On this kernel'}: ${summary}.${wasFiltered(record) ? ' Only the scenes that were asked for were played.' : ''}`;
}

function testedOn(record: RunRecord): string[] {
  const { kernel, series, base, patched } = record;
  const rows: (readonly [string, string | undefined])[] = [
    ['base', kernel && `${kernel.version}, ${portableSpec(record)} (${portableOrigin(kernel.origin)})`],
    ...(series?.patches ?? []).map((patch, index, all) => [index === 0 ? 'patches' : '', `${index + 1}/${all.length} ${patch.subject}`] as const),
    ['tree', patched ? `${base?.treeId ?? 'unknown'}, with the series ${patched.treeId ?? 'unknown'}` : base?.treeId],
    ['config', `${record.config}, x86_64`],
    ['compiler', base?.compiler],
    ['guest', `${record.guest}${record.qemu === undefined ? '' : `, ${record.qemu}`}`],
    ['libfuse', record.libfuse],
    ['model', valueOf(record.command, '--model')],
    ['run', record.id],
  ];
  return ['Tested', ...rows.flatMap(([name, value]) =>
    (value === undefined ? [] : wrapText(printable(value, 400), { columns, first: `  ${name.padEnd(label - 2)}`, rest: ' '.repeat(label) })))];
}

const sectionsOf: readonly (readonly [title: string, of: (scene: SceneStanding) => boolean])[] = [
  ['Regressions', ({ comparison, standing }) => comparison === 'regression' && standing === 'failed'],
  ['Failed', ({ comparison, standing }) => comparison === undefined && standing === 'failed'],
  ['Could not be judged', ({ standing }) => standing === 'error'],
  ['Fixed', ({ comparison }) => comparison === 'fix'],
  ['Changed', ({ comparison }) => comparison === 'changed'],
  ['Fail with and without the series', ({ comparison, sides }) => comparison === 'same' && sides.some(({ played }) => !['pass', 'known', 'skip'].includes(played.verdict.kind))],
];

function found(scenes: readonly SceneStanding[]): string[][] {
  return sectionsOf.flatMap(([title, of]) => {
    const those = scenes.filter(of);
    return those.length === 0 ? [] : [[title, ...those.flatMap(sceneLines)]];
  });
}

function sceneLines(scene: SceneStanding): string[] {
  const verdicts = scene.sides.map(({ played }) => (scene.comparison === undefined ? played.verdict.kind : `${played.side} ${played.verdict.kind}`)).join(', ');
  const name = wrapText(`${printable(scene.scene)} (${verdicts})`, { columns, first: '  ', rest: '    ' });
  const reasons = new Set(scene.sides.map(({ played }) => printable(played.verdict.reason, 1000)).filter((reason) => reason !== ''));
  return [...name, ...[...reasons].flatMap(quote)];
}

function quote(text: string): string[] {
  return wrapText(text, { columns, first: '> ' });
}

function knownIssues(scenes: readonly SceneStanding[], facts: RunFacts): string[][] {
  const shown = new Map<string, string[]>();
  for (const { scene, sides } of scenes) {
    for (const { played: { verdict } } of sides) {
      if (verdict.kind === 'known' && verdict.issue !== undefined) shown.set(verdict.issue, [...new Set([...(shown.get(verdict.issue) ?? []), scene])]);
    }
  }
  if (shown.size === 0) return [];
  const lines = [...shown].sort(([a], [b]) => (a < b ? -1 : 1)).flatMap(([id, names]) => {
    const known = facts.issues.find((issue) => issue.id === id);
    return wrapText(printable(`${id}: ${known?.summary ?? 'no longer listed'} (${names.join(', ')})`, 600), { columns, first: '  ', rest: '    ' });
  });
  return [['Known issues of this kernel', ...lines]];
}

/** One line a reason, with the scenes that it holds for. */
function skipped(scenes: readonly SceneStanding[]): string[][] {
  const byReason = new Map<string, string[]>();
  for (const { scene, standing, why } of scenes) if (standing === 'skipped') byReason.set(why, [...(byReason.get(why) ?? []), printable(scene)]);
  if (byReason.size === 0) return [];
  return [['Skipped', ...[...byReason].flatMap(([why, names]) => [...wrapText(names.join(', '), { columns, first: '  ', rest: '    ' }), ...quote(why)])]];
}

function replay(record: RunRecord, scenes: readonly SceneStanding[]): string[] {
  const bad = scenes.filter(({ standing }) => standing === 'failed' || standing === 'error').map(({ scene }) => scene);
  const [first = '', ...rest] = pairs(portableCommand(record, [...new Set(bad)]).map((word) => printable(word, 300)));
  const lines: string[] = [];
  for (const pair of [first, ...rest]) {
    const before = lines.at(-1);
    if (before !== undefined && before.length + pair.length + 3 <= columns) lines[lines.length - 1] = `${before} ${pair}`;
    else lines.push(`  ${lines.length === 0 ? '' : '    '}${pair}`);
  }
  return ['To replay', ...lines.flatMap((line, at) => wrapIfLong(at < lines.length - 1 ? `${line} \\` : line))];
}

/** An option and its value stay on one line. */
function pairs(words: readonly string[]): string[] {
  const joined: string[] = [words.slice(0, 2).join(' ')];
  for (let at = 2; at < words.length; at += 2) joined.push(words.slice(at, at + 2).join(' '));
  return joined;
}

function wrapIfLong(line: string): string[] {
  return [...line].length <= columns ? [line] : wrapText(line.trim(), { columns, first: '  ', rest: '      ' });
}

/** Only for a series whose every scene was played on both sides and that broke, failed and left open nothing. */
function testedBy({ record, tester }: RunFacts, scenes: readonly SceneStanding[]): string[] {
  const name = printable(tester?.name ?? '', 100);
  const email = printable(tester?.email ?? '', 100);
  const harmless = scenes.every(({ comparison, sides }) => comparison !== undefined && comparison !== 'regression' && comparison !== 'error' &&
    sides.some(({ played }) => played.side === 'patched' && ['pass', 'known', 'skip'].includes(played.verdict.kind)));
  const tested = scenes.some(({ sides }) => sides.some(({ played }) => played.side === 'patched' && played.verdict.kind === 'pass'));
  const complete = record.series !== undefined && record.status === 'done' && record.exitCode === 0 && !wasFiltered(record);
  return complete && harmless && tested && name !== '' && email !== '' ? [`Tested-by: ${name} <${email}>`] : [];
}

function wasFiltered({ command }: RunRecord): boolean {
  return valueOf(command, '--scenario') !== undefined || command[0] === 'test';
}
