import { whyOf, type BisectResult, type Step } from '../engine/bisect-kernel.ts';
import { printable } from '../printable.ts';
import type { Colours } from './colours.ts';
import { alignColumns } from './table.ts';

/** Skipped commits that are told; a range may have many. */
const mostSkipped = 20;

/** What a bisect found, for people: the commit or the range, and what was skipped. */
export function describeBisect(result: BisectResult, given: { readonly scene: string; readonly colours: Colours }): string[] {
  const { end } = result;
  const skipped = result.steps.filter(({ mark }) => mark === 'skip');
  const lines = end.kind === 'found' ? foundLines(result, given) : rangeLines(result, given.colours);
  return [...lines, ...(end.kind === 'found' ? skippedLines(skipped, result) : []), '', sentence(result)];
}

function foundLines(result: BisectResult, given: { readonly scene: string; readonly colours: Colours }): string[] {
  if (result.end.kind !== 'found') return [];
  const { commit } = result.end;
  const verdict = result.evidence.verdict ?? result.sought;
  return [
    given.colours.bad(`${commit.id} is the first bad commit`),
    `    ${commit.subject}`,
    `    ${commit.author}, ${commit.date}`,
    '',
    `${given.scene} there: ${verdict.kind}, ${printable(verdict.reason, 600)}`,
  ];
}

function rangeLines(result: BisectResult, colours: Colours): string[] {
  const { end } = result;
  if (end.kind !== 'range') return [];
  const why = end.why === 'skipped' ? 'those between the last good and the first bad one cannot be judged' : 'the limit of steps was reached (--max-steps)';
  const rows = end.commits.map(({ id, subject }) => {
    const step = result.steps.find((one) => one.id === id);
    const mark = id === result.bad ? 'bad' : (step?.mark ?? 'not tested');
    return [`    ${id.slice(0, 12)}`, mark, `${subject}${step?.mark === 'skip' ? reasonOf(step, result) : ''}`];
  });
  const more = end.of > end.commits.length ? [`    … and ${end.of - end.commits.length} more`] : [];
  return [colours.bad(`the first bad commit is one of ${end.of}: ${why}`), ...alignColumns(rows), ...more];
}

function skippedLines(skipped: readonly Step[], result: BisectResult): string[] {
  if (skipped.length === 0) return [];
  const rows = skipped.slice(0, mostSkipped).map((step) => `    ${step.id.slice(0, 12)} ${step.subject}${reasonOf(step, result)}`);
  return ['', 'skipped, not blamed:', ...rows, ...(skipped.length > mostSkipped ? [`    … and ${skipped.length - mostSkipped} more`] : [])];
}

/** Says of a failure that it is not the one that is looked for. */
function reasonOf(step: Step, result: BisectResult): string {
  const { verdict } = step.tested;
  const other = verdict && verdict.kind !== 'skip' && verdict.kind !== 'error' && result.sought.kind !== 'pass';
  return `${other ? ': fails otherwise' : ''}${whyOf(step.tested)}`;
}

function sentence({ steps, end, good, bad }: BisectResult): string {
  const count = (wanted: Step['mark']): number => steps.filter(({ mark }) => mark === wanted).length;
  const remembered = steps.filter((step) => step.remembered).length;
  const what = end.kind === 'found' ? 'found' : 'found only a range';
  return `${what} between ${good.slice(0, 12)} and ${bad.slice(0, 12)}: ${steps.length} tested, ${count('good')} good, ${count('bad')} bad, ${count('skip')} skipped${remembered > 0 ? `, ${remembered} remembered` : ''}`;
}
