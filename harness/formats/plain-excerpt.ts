import { excerptStart } from '../judge/excerpt-start.ts';
import { findSplats } from '../judge/find-splats.ts';
import { printableColumns } from '../printable.ts';

/** A trace with its registers takes some 50 lines. */
const mostLines = 60;
const linesBefore = 5;
const longestLine = 300;

/**
 * The telling part of a console as plain text: from some lines before the first complaint of the kernel, else its end. Each line is harmless text of at
 * most 300 characters, whatever the guest printed.
 */
export function plainExcerpt(console: string): string[] {
  const lines = console.split(/\r\n|\n|\r/);
  while (lines.at(-1)?.trim() === '') lines.pop();
  const from = excerptStart(lines.length, findSplats(console), { before: linesBefore, last: mostLines });
  // Nobody needs the rest of a megabyte without a newline, not even to look for escapes in it.
  const shown = lines.slice(from, from + mostLines).map((line) => printableColumns(line.slice(0, longestLine * 4), longestLine));
  const after = lines.length - from - shown.length;
  return [...(from > 0 ? [`… ${from} lines before`] : []), ...shown, ...(after > 0 ? [`… ${after} lines after`] : [])];
}
