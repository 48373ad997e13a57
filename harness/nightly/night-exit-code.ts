import { exitCodeOf } from '../errors.ts';
import type { Cell, Night } from './night-state.ts';

/** The worst first: a regression is what a night is for, and says so whatever else went wrong; a machine that is at fault says least. */
const order = [1, 3, 2, 69, 0];

/** What `./diorama nightly` exits with after a night: the worst of its cells. What is unchanged, or was not played, is no news. */
export function nightExitCode(night: Night): number {
  const codes = new Set(Object.values(night.cells).map(codeOf));
  return order.find((code) => codes.has(code)) ?? 0;
}

function codeOf(cell: Cell): number {
  switch (cell.kind) {
    case 'played':
      return cell.change.regressions.length > 0 ? 1 : cell.change.unjudged.length > 0 || cell.change.scenes === 0 ? exitCodeOf.machine : 0;
    case 'failed':
      return exitCodeOf[cell.blame];
    case 'unplayed':
    case 'unchanged':
      return 0;
  }
}
