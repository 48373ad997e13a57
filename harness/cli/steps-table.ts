import { doesNot, namePatches } from '../judge/steps-outcome.ts';
import { printable } from '../printable.ts';
import type { PatchChange, PlayedStep, RunRecord } from '../results/run-record.ts';
import type { Colours } from './colours.ts';
import { alignColumns } from './table.ts';

const longestSubject = 72;
const longestReason = 600;
/** Lines of the compiler below what does not build. */
const mostDetails = 6;

/** What the patches of a series did one by one: the scenes whose verdict varies, a column a prefix, and a sentence a change. Empty without `--each-patch`. */
export function describeSteps(record: RunRecord, colours: Colours): string[] {
  const { steps, changes = [] } = record;
  if (!steps || steps.length === 0) return [];
  const varying = [...new Set(changes.map(({ scene }) => scene))];
  const header = ['along the series', 'base', ...steps.map(({ index }) => String(index))].map((cell) => colours.dim(cell));
  const rows = varying.map((scene) => [scene, paint(verdictOf(record, scene), colours), ...steps.map((step) => cellOf(step, scene, colours))]);
  const sentences = changes.map((change) => sentenceOf(change, steps));
  const unmade = unmadeLines(steps);
  return [
    ...(rows.length === 0 ? [] : ['', ...alignColumns([header, ...rows])]),
    ...(sentences.length === 0 ? [] : ['', ...sentences]),
    ...(unmade.length === 0 ? [] : ['', ...unmade]),
  ];
}

function sentenceOf({ scene, word, patches, to }: PatchChange, steps: readonly PlayedStep[]): string {
  const subject = steps.find(({ index }) => index === patches.at(-1))?.subject ?? '';
  const whose = patches.length === 1 ? ` (${printable(subject, longestSubject)})` : ', as what is between cannot be played';
  const reason = to.kind === 'pass' || to.reason === '' ? '' : `: ${to.kind}, ${printable(to.reason, longestReason)}`;
  return `${scene}: ${word} by ${namePatches(patches, steps.length)}${whose}${reason}`;
}

/** Prefixes that fail alike are told once: the fault is that of the first. */
function unmadeLines(steps: readonly PlayedStep[]): string[] {
  const lines: string[] = [];
  let said: string | undefined;
  for (const { index, subject, trouble } of steps) {
    if (!trouble) {
      said = undefined;
      continue;
    }
    const why = trouble.code === 'build-failed' ? (trouble.details[0] ?? trouble.message) : trouble.message;
    const alike = why === said;
    lines.push(`patch ${index}/${steps.length} (${printable(subject, longestSubject)}) ${doesNot(trouble.code)}: ${alike ? 'the same as before it' : printable(why, longestReason)}`);
    if (!alike) lines.push(...trouble.details.slice(trouble.code === 'build-failed' ? 1 : 0, mostDetails).map((line) => `    ${printable(line, 200)}`));
    if (!alike && trouble.evidence !== undefined) lines.push(`    see ${printable(trouble.evidence)} in the run's directory`);
    said = why;
  }
  return lines;
}

function verdictOf(record: RunRecord, scene: string): string {
  return record.scenes.find((played) => played.scene === scene && played.side === 'base')?.verdict.kind ?? '';
}

function cellOf(step: PlayedStep, scene: string, colours: Colours): string {
  if (step.trouble) return colours.bad('-');
  return paint(step.scenes.find((played) => played.scene === scene)?.verdict.kind ?? '', colours);
}

function paint(kind: string, colours: Colours): string {
  if (kind === 'pass') return colours.good(kind);
  return kind === 'skip' || kind === 'known' ? colours.dim(kind) : colours.bad(kind);
}
