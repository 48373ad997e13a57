import type { Cell, Night, NightChange } from './night-state.ts';

/** How a cell is shown: a few words, and what they mean for whoever only looks at the colour. */
export interface CellWords {
  readonly text: string;
  readonly tone: 'good' | 'bad' | 'warn' | 'quiet';
  readonly symbol: '✓' | '✗' | '!' | '·';
}

/** The words of a cell; undefined for an entry that this night did not have or has not come to. */
export function cellWords(cell: Cell | undefined): CellWords {
  if (cell === undefined) return { text: '', tone: 'quiet', symbol: '·' };
  switch (cell.kind) {
    case 'played': {
      const { fixed, still, unjudged } = cell.change;
      const { regressions, failing } = newsOf(cell.change);
      const parts = [
        regressions === 0 ? '' : counted(regressions, 'regression'),
        failing === 0 ? '' : `${String(failing)} failing`,
        fixed.length === 0 ? '' : fixed.length === 1 ? 'fixed' : `${String(fixed.length)} fixed`,
        still.length === 0 ? '' : `${String(still.length)} still failing`,
        unjudged.length === 0 ? '' : `${String(unjudged.length)} not judged`,
        cell.mended === undefined ? '' : `no longer: ${cell.mended}`,
      ].filter(Boolean);
      if (regressions + failing > 0) return { text: parts.join(', '), tone: 'bad', symbol: '✗' };
      const warns = still.length + unjudged.length > 0;
      return { text: parts.join(', ') || 'clean', tone: warns ? 'warn' : 'good', symbol: warns ? '!' : '✓' };
    }
    case 'failed':
      return { text: cell.again ? `still ${cell.why}` : cell.why, tone: cell.blame === 'machine' || cell.blame === 'usage' ? 'warn' : 'bad', symbol: cell.blame === 'machine' || cell.blame === 'usage' ? '!' : '✗' };
    case 'unplayed':
      return { text: cell.why === 'budget' ? 'not played: budget' : 'not there', tone: 'quiet', symbol: '·' };
    case 'unchanged': {
      const standing = cell.last.kind === 'failed' ? cell.last.why : standingOf(cell.last.change.regressions.length + cell.last.change.still.length);
      return { text: `unchanged, ${standing}`, tone: 'quiet', symbol: '·' };
    }
  }
}

/** What a night came to, in one sentence. */
export function nightSentence(night: Night): string {
  const cells = night.columns.flatMap((column) => (night.cells[column] ? [night.cells[column]] : []));
  const changes = cells.flatMap((cell) => (cell.kind === 'played' ? [cell.change] : []));
  const sum = (key: 'regressions' | 'fixed' | 'still' | 'unjudged'): number => changes.reduce((total, one) => total + one[key].length, 0);
  const news = changes.map(newsOf);
  const regressions = news.reduce((total, one) => total + one.regressions, 0);
  const first = sum('regressions') - regressions;
  const failed = cells.flatMap((cell) => (cell.kind === 'failed' ? [cell.why] : []));
  const skipped = cells.filter((cell) => cell.kind === 'unplayed' && cell.why === 'budget').length;
  const unchanged = cells.filter((cell) => cell.kind === 'unchanged').length;
  const parts = [
    regressions === 0 ? (changes.length > 0 ? 'no regression' : '') : counted(regressions, 'regression'),
    first === 0 ? '' : `${String(first)} failing that no night played before`,
    sum('fixed') === 0 ? '' : `${String(sum('fixed'))} fixed`,
    sum('still') === 0 ? '' : `${String(sum('still'))} still failing`,
    sum('unjudged') === 0 ? '' : `${String(sum('unjudged'))} not judged`,
    ...[...new Set(failed)].map((why) => `${String(failed.filter((one) => one === why).length)} ${why}`),
    skipped === 0 ? '' : `${String(skipped)} not played: budget`,
    unchanged === 0 ? '' : `${String(unchanged)} unchanged`,
  ].filter(Boolean);
  const text = parts.join(', ') || 'nothing was played';
  return night.status === 'running' ? `${text}; it is still going on, or was killed` : text;
}

/** What is broken and was not; apart from what is broken and was never played before. */
function newsOf({ regressions }: NightChange): { readonly regressions: number; readonly failing: number } {
  const known = regressions.filter(({ was }) => was !== undefined).length;
  return { regressions: known, failing: regressions.length - known };
}

function counted(count: number, word: string): string {
  return `${String(count)} ${word}${count === 1 ? '' : 's'}`;
}

function standingOf(failing: number): string {
  return failing === 0 ? 'clean' : `${String(failing)} failing`;
}
