import { posix } from 'node:path';
import { printable } from '../printable.ts';
import type { FileDiff } from './parse-diff.ts';

/** Why a diff must not be applied to any tree: it leaves the tree, or brings what a kernel tree never has. */
export function unsafeDiff(files: readonly FileDiff[]): string | undefined {
  for (const file of files) {
    const problem = unsafeFile(file);
    if (problem !== undefined) return `line ${file.line}: ${problem}`;
  }
  return undefined;
}

/** Why a path may not be written, whether it is as in the diff or with its prefix dropped. */
export function unsafePath(path: string): string | undefined {
  const shown = `"${printable(path, 120)}"`;
  if (path === '') return 'an empty path';
  if (/[\u0000-\u001f\u007f-\u009f\ufffd]/.test(path)) return `${shown}: a path with control characters, or not in UTF-8`;
  if (path.startsWith('/')) return `${shown}: an absolute path`;
  const parts = path.split('/');
  if (parts.includes('..')) return `${shown}: a path that leaves the tree`;
  if (parts.some(isGitDir)) return `${shown}: a path inside a .git directory`;
  return undefined;
}

/** Where a symbolic link at `path` to `target` leads out of the tree. */
export function unsafeLink(path: string, target: string): string | undefined {
  const end = posix.normalize(posix.join(posix.dirname(path), target));
  if (!target.startsWith('/') && end !== '..' && !end.startsWith('../')) return undefined;
  return `"${printable(path, 120)}": a symbolic link out of the tree, to "${printable(target, 120)}"`;
}

function unsafeFile(file: FileDiff): string | undefined {
  const names = [file.oldName, file.newName, file.movedFrom, file.movedTo].filter((name) => name !== undefined);
  const path = names.map(unsafePath).find((problem) => problem !== undefined);
  if (path !== undefined) return path;
  const shown = `"${printable(names.at(-1) ?? '', 120)}"`;
  if (file.content === 'missing') return `${shown}: says that binary files differ, without their content (git diff --binary has it)`;
  if (file.modes.includes('160000')) return `${shown}: a submodule`;
  const odd = file.modes.find((mode) => !['100644', '100755', '120000'].includes(mode));
  if (odd !== undefined) return `${shown}: mode ${odd}, which is no file of a tree`;
  return file.modes.includes('120000') ? linkProblem(file) : undefined;
}

function linkProblem(file: FileDiff): string | undefined {
  const path = file.movedTo ?? file.newName ?? file.oldName ?? '';
  const inTree = file.git ? path.replace(/^[abciow]\//, '') : path;
  const targets = file.hunks.flatMap((hunk) => hunk.lines.filter((line) => line.startsWith('+')));
  return targets.map((line) => unsafeLink(inTree, line.slice(1))).find((problem) => problem !== undefined);
}

/** As git's verify_path() takes it: case-insensitive file systems and their short names included. */
function isGitDir(part: string): boolean {
  return /^(?:\.git|git~\d+)[ .]*$/i.test(part.replace(/\p{Cf}/gu, ''));
}
