/** Where a command prints: standard output, or a test's. */
export interface Output {
  write(text: string): unknown;
  readonly isTTY?: boolean;
}

export interface Colours {
  good(text: string): string;
  bad(text: string): string;
  dim(text: string): string;
}

/** Colours for `stream`: none without a terminal, with a dumb one, or when NO_COLOR is set to anything (no-color.org). */
export function coloursFor(stream: Pick<Output, 'isTTY'>): Colours {
  const plain = stream.isTTY !== true || process.env['TERM'] === 'dumb' || (process.env['NO_COLOR'] ?? '') !== '';
  const paint = (code: number) => (text: string) => (plain ? text : `\u001b[${String(code)}m${text}\u001b[0m`);
  return { good: paint(32), bad: paint(31), dim: paint(2) };
}
