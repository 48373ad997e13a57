import { relative, resolve } from 'node:path';
import type { ErrorDetails } from '../../errors.ts';
import type { PatchedTree } from '../types.ts';

const mostLines = 20;

/**
 * What to say of a kernel that did not build: the compiler's error lines with paths as in the tree, each followed by the
 * patch that touched that file last. The series is to blame when it touched a file named in an error, or another file of the same
 * directory (a header whose users no longer compile).
 */
export function buildFailure(given: {
  readonly tree: PatchedTree;
  readonly configName: string;
  readonly lines: readonly string[];
  readonly buildDir: string;
  readonly log: string;
}): ErrorDetails {
  const { tree, log } = given;
  const found = findBuildErrors(given.lines, { workTree: tree.source.lineage.workTree, buildDir: given.buildDir });
  const details: string[] = [];
  for (const error of found.slice(0, mostLines)) {
    details.push(error.text);
    const subject = error.file === undefined ? undefined : tree.touched.get(error.file);
    if (subject !== undefined) details.push(`    touched by "${subject}"`);
  }
  const guilty = found.find((error) => error.file !== undefined && touches(tree, error.file));
  const subject = guilty?.file === undefined ? undefined : (tree.touched.get(guilty.file) ?? neighbour(tree, guilty.file));
  const first = found[0]?.text ?? 'make failed without naming an error';
  return {
    blame: subject === undefined ? 'kernel' : 'series',
    code: 'build-failed',
    message:
      subject === undefined
        ? `${tree.source.spec}, config ${given.configName}: does not build: ${first}`
        : `"${subject}" does not build: ${guilty?.text ?? first}`,
    details: details.length > 0 ? details : given.lines.slice(-mostLines),
    evidence: log,
    next: subject === undefined ? `read ${log}` : 'mend the patch and run again; what is built so far is kept',
  };
}

export interface BuildError {
  /** Path in the kernel tree, when the line names one. */
  readonly file: string | undefined;
  readonly text: string;
}

/** Error lines of gcc, ld, modpost, objtool and kconfig in make's output; when there is none, make's own `***` lines. */
export function findBuildErrors(
  lines: readonly string[],
  where: { readonly workTree: string; readonly buildDir: string },
): readonly BuildError[] {
  const errors: BuildError[] = [];
  const ofMake: BuildError[] = [];
  for (const line of lines) {
    const [, path, rest] = /^(\S+?):(\d+(?::\d+)?: (?:fatal )?(?:error|syntax error|Error)\b.*)$/.exec(line) ?? [];
    const [, module] = /^ERROR: modpost: .*\[(\S+)\.ko\]/.exec(line) ?? [];
    if (path !== undefined && rest !== undefined) {
      const file = inTree(path, where);
      errors.push({ file, text: `${file}:${rest}` });
    } else if (module !== undefined) errors.push({ file: `${module}.o`, text: line });
    else if (ofOtherTools.test(line)) errors.push({ file: undefined, text: line });
    else if (/^make(?:\[\d+\])?: \*\*\* /.test(line)) ofMake.push({ file: undefined, text: line });
  }
  const unique = new Map((errors.length > 0 ? errors : ofMake).map((error) => [error.text, error]));
  return [...unique.values()];
}

/** ld, the compiler's driver, objtool and scripts; ld warns of harmless segments in every kernel. */
const ofOtherTools =
  /^(?:\S*ld(?:\.\w+)?: (?!warning)|ERROR: |error: |(?:cc1|collect2|gcc|as): (?:fatal )?error: |\S+: error: objtool: )|: undefined reference to /;

/** make names files from the build directory, absolutely or relative to it; which of the two differs between kernels. */
function inTree(path: string, where: { readonly workTree: string; readonly buildDir: string }): string {
  const inside = relative(where.workTree, resolve(where.buildDir, path));
  return inside.startsWith('..') ? path : inside;
}

function touches(tree: PatchedTree, file: string): boolean {
  return tree.touched.has(file) || neighbour(tree, file) !== undefined;
}

function neighbour(tree: PatchedTree, file: string): string | undefined {
  const directory = file.slice(0, file.lastIndexOf('/') + 1);
  for (const [path, subject] of tree.touched) {
    if (directory !== '' && path.slice(0, path.lastIndexOf('/') + 1) === directory) return subject;
  }
  return undefined;
}
