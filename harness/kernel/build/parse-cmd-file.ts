/** What one `.X.cmd` file of a build directory says: how kbuild made X, and which files that read. */
export interface CmdFile {
  readonly target: string;
  /** The shell command as make's variable holds it, escapes included. */
  readonly saved: string;
  /** The file that was compiled, and those that it included; as the compiler named them. Neither for a link. */
  readonly source: string | undefined;
  readonly included: readonly string[];
  /** What kbuild has put behind the dependencies: what the object waits for besides, versions of its symbols. */
  readonly rest: string;
}

/**
 * Reads the output of scripts/basic/fixdep.c (`savedcmd_X`, `source_X`, `deps_X`; the first was `cmd_X` before 6.3) and the plain
 * `savedcmd_X` of links.
 * @returns undefined when it is none, or was cut short
 */
export function parseCmdFile(text: string): CmdFile | undefined {
  const [first = ''] = text.split('\n', 1);
  const [, target, saved] = /^(?:saved)?cmd_(\S+) := (.*)$/.exec(first) ?? [];
  if (target === undefined || saved === undefined || text.length === first.length) return undefined;
  const dependencies = text.indexOf(`\ndeps_${target} := \\\n`);
  if (dependencies === -1) return text.includes('\ndeps_') ? undefined : { target, saved, source: undefined, included: [], rest: text.slice(first.length + 1) };
  const lastLine = `\n$(deps_${target}):\n`;
  const end = text.indexOf(lastLine, dependencies);
  if (end === -1) return undefined;
  const source = /^source_\S+ := (.*)$/m.exec(text.slice(first.length, dependencies + 1))?.[1]?.trim();
  const included: string[] = [];
  for (const line of text.slice(dependencies, end).split('\n').slice(2)) {
    const path = /^ {2}(\S.*?) \\$/.exec(line)?.[1];
    if (path !== undefined) included.push(path);
  }
  return { target, saved, source, included, rest: text.slice(end + lastLine.length) };
}

/** What the shell is given for a saved command: make's own escapes undone (`make-cmd` in scripts/Kbuild.include). */
export function shellCommand(saved: string): string {
  return saved.replaceAll('$(pound)', '#').replaceAll('$$', '$');
}
