import type { Hunk } from './parse-diff.ts';

export interface DifferingLine {
  /** Line of the file, from 1, where the hunk fits best. */
  readonly start: number;
  /** The first line of the file, from 1, that is not as the hunk wants it. */
  readonly line: number;
  readonly wanted: string;
  /** Absent before the start and after the end of the file. */
  readonly found: string | undefined;
}

/** Bounds the work to some 10 million comparisons. */
const mostComparisons = 10_000_000;

/**
 * Where in `content` most of the hunk's old lines are in place (the nearest to its own line number), and the first that is not.
 * Nothing when less than half of them are anywhere together.
 */
export function differingLine(hunk: Hunk, content: string): DifferingLine | undefined {
  const wanted = hunk.lines.filter((line) => !line.startsWith('+') && !line.startsWith('\\')).map((line) => line.slice(1));
  const lines = content.split('\n');
  if (wanted.length === 0 || wanted.length * lines.length > mostComparisons) return undefined;
  let best = { start: hunk.oldStart - 1, score: -1 };
  for (let start = 1 - wanted.length; start < lines.length; start++) {
    const score = wanted.filter((line, at) => lines[start + at] === line && line.trim() !== '').length;
    const nearer = Math.abs(start + 1 - hunk.oldStart) < Math.abs(best.start + 1 - hunk.oldStart);
    if (score > best.score || (score === best.score && nearer)) best = { start, score };
  }
  const at = wanted.findIndex((line, offset) => lines[best.start + offset] !== line);
  const telling = wanted.filter((line) => line.trim() !== '').length;
  if (at < 0 || best.score * 2 < telling || best.score === 0) return undefined;
  return { start: Math.max(best.start, 0) + 1, line: best.start + at + 1, wanted: wanted[at] ?? '', found: lines[best.start + at] };
}
