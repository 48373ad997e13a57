import type { Splat } from './find-splats.ts';

/** The index of a console's line where an excerpt begins: `before` lines before its first complaint, or `last` lines before its end where there is none. */
export function excerptStart(lines: number, splats: readonly Splat[], wanted: { readonly before: number; readonly last: number }): number {
  const [first] = splats;
  return Math.max(0, first ? first.line - 1 - wanted.before : lines - wanted.last);
}
