/** One complaint of the compiler, as it was said. */
export interface CompilerError {
  /** `fs/fuse/file.c:12:5: error: …`, the path as in the tree. */
  readonly head: string;
  /** The line of the source and the mark below it. */
  readonly excerpt: readonly string[];
}

const mostExcerpt = 4;
const mostLogged = 200_000;

/**
 * What gcc shows below its errors: `details` are those of a build that failed (harness/kernel/build/build-errors.ts), `log` is what make
 * said. An error without an excerpt, such as the linker's, is only its line.
 */
export function compilerErrors(details: readonly string[], log: string): CompilerError[] {
  const lines = log.slice(-mostLogged).split('\n');
  return details.map((head) => {
    const said = /^\S+?(:\d+:\d+: .*)$/.exec(head)?.[1];
    const at = said === undefined ? -1 : lines.findIndex((line) => line.endsWith(said));
    const excerpt: string[] = [];
    for (let line = lines[at + 1]; at >= 0 && line !== undefined && isExcerpt(line) && excerpt.length < mostExcerpt; line = lines[at + 1 + excerpt.length]) excerpt.push(line);
    return { head, excerpt };
  });
}

/** `   12 |   int x` or `      |   ^~~` (GCC's -fdiagnostics-show-line-numbers). */
function isExcerpt(line: string): boolean {
  return /^ *\d* \|/.test(line);
}
