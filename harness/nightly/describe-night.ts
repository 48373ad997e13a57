import { alignColumns } from '../cli/table.ts';
import { cellWords, nightSentence } from './cell-words.ts';
import type { Cell, CommitRange, Night, SceneNote } from './night-state.ts';

/** What a night came to, in plain text: a line an entry, the reasons below, one sentence. Texts of others are printable already. */
export function describeNight(night: Night): string[] {
  const rows = night.columns.map((column) => [column, kernelOf(night, column), cellWords(night.cells[column]).text || 'not played yet']);
  const details = night.columns.flatMap((column) => {
    const lines = cellDetails(night.cells[column]);
    return lines.length === 0 ? [] : ['', `${column}:`, ...lines.map((line) => `    ${line}`)];
  });
  return [`night ${night.id}`, '', ...alignColumns(rows), ...details, '', nightSentence(night)];
}

/** What there is to say of a cell beyond its words: scenes with reasons, errors, commits. */
export function cellDetails(cell: Cell | undefined): string[] {
  if (cell === undefined || cell.kind === 'unchanged') return [];
  if (cell.kind === 'unplayed') return cell.why === 'absent' ? [cell.message] : [];
  if (cell.kind === 'failed') return [cell.message, ...cell.details.map((line) => `  ${line}`), ...(cell.commits ? commitLines(cell.commits) : [])];
  const { regressions, fixed, still, unjudged } = cell.change;
  return [
    ...regressions.map((note) => sceneLine(note.was === undefined ? 'failing' : 'regression', note)),
    ...(cell.commits && regressions.length > 0 ? commitLines(cell.commits) : []),
    ...fixed.map((note) => `fixed       ${note.scene}${note.was === undefined || note.was === note.is ? '' : ` was ${note.was}`}`),
    ...(cell.commits && regressions.length === 0 && fixed.length > 0 ? commitLines(cell.commits) : []),
    ...still.map((note) => sceneLine('still', note)),
    ...unjudged.map((note) => sceneLine('not judged', note)),
  ];
}

function sceneLine(word: string, { scene, is, was, reason }: SceneNote): string {
  return `${word.padEnd(10)}  ${scene} ${was === undefined || was === is ? is : `${was} -> ${is}`}${reason === '' ? '' : `: ${reason}`}`;
}

/** The commits among which the one to blame, or to thank, is. */
export function commitLines(range: CommitRange): string[] {
  const [from, to] = [range.from.slice(0, 12), range.to.slice(0, 12)];
  const bisected = (range.bisected ?? []).map(({ scene, commit, said }) => (commit ? `bisect of ${scene}: ${named(commit)}` : `bisect of ${scene}: ${said}`));
  if (range.relation === 'unknown') return [`the branch went from ${from} to ${to}; what came between is not known here`, ...bisected];
  const [only] = range.commits;
  if (range.relation === 'ahead' && range.count === 1 && only) return [`with one commit: ${named(only)}`, ...bisected];
  const fuse = range.fuse === 0 ? 'none of them touches FUSE' : `${String(range.fuse)} of them ${range.fuse === 1 ? 'touches' : 'touch'} FUSE`;
  const head = range.relation === 'rebased'
    ? `the branch was rebased from ${from} to ${to}: ${String(range.count)} commits were not there before`
    : `among ${String(range.count)} commits, ${from}..${to}`;
  const left = range.count - range.commits.length;
  return [`${head}, ${fuse}`, ...bisected, ...range.commits.map((commit) => `  ${named(commit)}`), ...(left > 0 ? [`  and ${String(left)} more`] : [])];
}

function named({ id, subject, author }: CommitRange['commits'][number]): string {
  return `${id.slice(0, 12)} "${subject}" (${author})`;
}

/** What the kernel of a column was; for a person, of whom a failed look-up says enough in the cell. */
export function kernelOf(night: Night, column: string): string {
  const kernel = night.kernels[column.replace(/[+,].*$/, '')];
  return kernel?.kind === 'found' ? kernel.label : '';
}
