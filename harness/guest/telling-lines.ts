import { printable } from '../printable.ts';

const shownLines = 12;

/** Of a console: the lines from the first complaint on, or the last ones: a panic's stacks of all tasks would hide why it panicked. */
export function tellingLines(console: string): string[] {
  const lines = console.trimEnd().split('\n').map((line) => printable(line, 160));
  const at = lines.findIndex((line) => /Kernel panic|BUG: |Oops: |kernel BUG/.test(line));
  return at < 0 ? lines.slice(-shownLines) : lines.slice(Math.max(0, at - 2), at + shownLines - 2);
}
