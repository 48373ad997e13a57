import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DioramaError } from '../errors.ts';
import { families, type Family } from './distribution.ts';

/** `start`: to start at all; `run`: to boot guests; `build`: to build kernels; `check`: for `./diorama check`, done without when missing; `gdb`: for `test --gdb`. */
export type NeedGroup = (typeof groups)[number];

const groups = ['start', 'run', 'build', 'check', 'gdb'] as const;

/** One row of needs.tsv. */
export interface Need {
  readonly id: string;
  readonly group: NeedGroup;
  /** Candidates, the first that is there will do: `NAME` a command, `/PATH` a file or glob, `static:NAME` a static command. */
  readonly probes: readonly string[];
  readonly packages: Readonly<Record<Family, string>>;
  readonly purpose: string;
}

/**
 * Reads the table that the launcher reads too.
 * @throws DioramaError `bad-file` with every mistake as file:line: message
 */
export async function readNeeds(root: string): Promise<readonly Need[]> {
  const file = join(root, 'harness/host/needs.tsv');
  return parseNeeds(await readFile(file, 'utf8'), file);
}

/** The rows of `text`; `file` is only for messages. See readNeeds. */
export function parseNeeds(text: string, file: string): readonly Need[] {
  const mistakes: string[] = [];
  const needs: Need[] = [];
  for (const [index, line] of text.split('\n').entries()) {
    if (line === '' || line.startsWith('#')) continue;
    const need = parseRow(line);
    if (typeof need === 'string') mistakes.push(`${file}:${String(index + 1)}: ${need}`);
    else if (needs.some(({ id }) => id === need.id)) mistakes.push(`${file}:${String(index + 1)}: ${need.id} is there twice`);
    else needs.push(need);
  }
  if (mistakes.length === 0) return needs;
  throw new DioramaError({
    blame: 'usage',
    code: 'bad-file',
    message: mistakes[0] ?? file,
    details: mistakes.slice(1),
  });
}

function parseRow(line: string): Need | string {
  const fields = line.split(/\t+/);
  const [id, group, probe, ...rest] = fields;
  const purpose = rest[families.length];
  if (id === undefined || probe === undefined || purpose === undefined || fields.length > 4 + families.length) {
    return `${String(4 + families.length)} fields are expected, parted by tabs, and here are ${String(fields.length)}`;
  }
  const known = groups.find((name) => name === group);
  if (known === undefined) return `the group is one of ${groups.join(', ')}, not ${group ?? ''}`;
  const packages = Object.fromEntries(families.map((family, index) => [family, rest[index]])) as Record<Family, string>;
  return { id, group: known, probes: probe.split(' '), packages, purpose };
}
