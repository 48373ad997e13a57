import { printable } from '../printable.ts';

export interface QuiltEntry {
  /** Line of the series file, from 1. */
  readonly line: number;
  /** Relative to the series file. */
  readonly name: string;
  readonly strip: number;
}

export interface QuiltSeries {
  readonly entries: readonly QuiltEntry[];
  /** `line: message`, one for each line that is not understood. */
  readonly mistakes: readonly string[];
}

/**
 * Reads a quilt series file (quilt(1)): a patch a line, in the order they are applied, with an optional `-pN` (also `-p N`,
 * `-pab`); `#` starts a comment. A patch to be applied in reverse (`-R`) and a name that leaves the directory are mistakes.
 */
export function readQuilt(text: string): QuiltSeries {
  const entries: QuiltEntry[] = [];
  const mistakes: string[] = [];
  for (const [at, raw] of text.split(/\r?\n/).entries()) {
    const words = raw.replace(/(?:^|\s)#.*$/, '').trim().split(/\s+/).filter((word) => word !== '');
    const [name, ...options] = words;
    if (name === undefined) continue;
    const strip = stripOf(options.join(' '));
    if (strip === undefined) mistakes.push(`${at + 1}: only -pN may follow a name, not "${printable(options.join(' '), 60)}"`);
    else if (leaves(name)) mistakes.push(`${at + 1}: "${printable(name, 120)}" is outside the directory of the series file`);
    else entries.push({ line: at + 1, name, strip });
  }
  return { entries, mistakes };
}

function stripOf(options: string): number | undefined {
  if (options === '' || options === '-pab') return 1;
  const count = /^-p ?(\d)$/.exec(options)?.[1];
  return count === undefined ? undefined : Number(count);
}

function leaves(name: string): boolean {
  return name.startsWith('/') || name.split('/').includes('..');
}
