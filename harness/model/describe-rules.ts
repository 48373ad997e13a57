import { ruleGroups, type Witness } from './rules.ts';

/** What of a scene the list of rules shows. */
export interface CoveringScene {
  readonly name: string;
  readonly covers: readonly string[];
}

const witnesses: Readonly<Record<Witness, string>> = {
  'mode-wait': 'somebody sleeps in fuse_file_cached_io_open()',
  'lock-wait': 'somebody sleeps in the inode lock',
  'writes-meet': 'two direct WRITEs of one inode are at the server at once',
  'write-back': 'a WRITE from the page cache arrives',
  backing: 'the kernel takes a backing file',
  refused: 'an open fails with EIO',
};

const rank = new Map(ruleGroups.flatMap((group) => group.rules).map((rule, index) => [rule.id, index]));
const inTheirOrder = (ids: readonly string[]): string[] => [...ids].sort((a, b) => (rank.get(a) ?? 0) - (rank.get(b) ?? 0));

/** docs/rules.md: every rule with the scenes that protect it, and every scene with its rules. */
export function describeRules(scenes: readonly CoveringScene[]): string {
  const byRule = (id: string): string => scenes.filter((scene) => scene.covers.includes(id)).map((scene) => scene.name).sort().join(', ');
  return [
    '# Rules',
    '',
    'What a kernel with inode io modes must do (harness/model/rules.ts), and which scenes protect it. Made by `./diorama docs`; a rule without a scene',
    'fails `./diorama check`. A rule with a witness counts as tried only when the trace shows it: no witness, no pass.',
    '',
    ...ruleGroups.flatMap((group) => [
      `## ${group.title}`,
      '',
      '| rule | what | scenes | witness |',
      '|---|---|---|---|',
      ...group.rules.map((rule) => `| \`${rule.id}\` | ${rule.text} | ${byRule(rule.id)} | ${rule.witness ?? ''} |`),
      '',
    ]),
    '## Witnesses',
    '',
    '| word | what the trace must show |',
    '|---|---|',
    ...Object.entries(witnesses).map(([word, text]) => `| ${word} | ${text} |`),
    '',
    '## Scenes',
    '',
    '| scene | protects |',
    '|---|---|',
    ...[...scenes].sort((a, b) => (a.name < b.name ? -1 : 1)).map((scene) => `| ${scene.name} | ${inTheirOrder(scene.covers).map((id) => `\`${id}\``).join(' ')} |`),
    '',
  ].join('\n');
}
