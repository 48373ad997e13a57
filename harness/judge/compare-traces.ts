/** Where two traces part, by line from 1; a line that only one of them has is undefined in the other. */
export interface TraceDifference {
  readonly line: number;
  readonly was: string | undefined;
  readonly is: string | undefined;
}

/** The first line in which two traces differ; undefined when they are the same to the byte. */
export function firstDifference(was: string, is: string): TraceDifference | undefined {
  if (was === is) return undefined;
  const [before, after] = [was.split('\n'), is.split('\n')];
  let at = 0;
  while (at < before.length && before[at] === after[at]) at += 1;
  return { line: at + 1, was: lineAt(before, at), is: lineAt(after, at) };
}

/** What follows the last line feed is no line when it is empty. */
function lineAt(lines: readonly string[], at: number): string | undefined {
  return at >= lines.length || (at === lines.length - 1 && lines[at] === '') ? undefined : lines[at];
}
