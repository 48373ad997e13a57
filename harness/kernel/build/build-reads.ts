import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { readJson, writeJson } from '../../host/json-file.ts';

/** Which files of the tree a build read, by kbuild's dependency files: `.X.cmd` beside X names every file that X was made from (scripts/basic/fixdep.c). */
export interface Reads {
  /** Read by what is below fs/fuse. */
  readonly module: ReadonlySet<string>;
  /** Read by anything else, and by how many. */
  readonly others: ReadonlyMap<string, number>;
}

const fileName = 'diorama-reads.json';
const shape = z.object({ treeId: z.string(), module: z.array(z.string()), others: z.array(z.tuple([z.string(), z.number()])) });
const atOnce = 32;

/** What the build in `dir`, of tree `treeId`, read; from a record, or from the dependency files themselves. */
export async function readsOf(given: { readonly dir: string; readonly workTree: string; readonly treeId: string }): Promise<Reads> {
  const kept = await readJson(join(given.dir, fileName), shape);
  if (kept?.treeId === given.treeId) return { module: new Set(kept.module), others: new Map(kept.others) };
  return { module: await readBy(given, ['fs/fuse']), others: await countReaders(given) };
}

/** Records it after a build. Where fuse.ko alone was made, `before` has what everything else read. */
export async function keepReads(given: { readonly dir: string; readonly workTree: string; readonly treeId: string; readonly before?: Reads }): Promise<void> {
  const module = await readBy(given, ['fs/fuse']);
  const others = given.before?.others ?? (await countReaders(given));
  await writeJson(join(given.dir, fileName), { treeId: given.treeId, module: [...module], others: [...others] });
}

async function readBy(given: { readonly dir: string; readonly workTree: string }, folders: readonly string[]): Promise<Set<string>> {
  const names = await Promise.all(folders.map(async (folder) => (await readdir(join(given.dir, folder)).catch(() => [])).filter(isDependencyFile).map((name) => join(given.dir, folder, name))));
  const paths = await Promise.all(names.flat().map((file) => pathsIn(file, given.workTree)));
  return new Set(paths.flatMap((found) => [...found]));
}

async function countReaders(given: { readonly dir: string; readonly workTree: string }): Promise<Map<string, number>> {
  const counts = new Map<string, number>();
  const files = (await readdir(given.dir, { recursive: true })).filter((name) => isDependencyFile(name.slice(name.lastIndexOf('/') + 1)) && !name.startsWith('fs/fuse/'));
  const work = async (): Promise<void> => {
    for (let file = files.pop(); file !== undefined; file = files.pop()) {
      for (const path of await pathsIn(join(given.dir, file), given.workTree)) counts.set(path, (counts.get(path) ?? 0) + 1);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, work));
  return counts;
}

function isDependencyFile(name: string): boolean {
  return name.startsWith('.') && name.endsWith('.cmd');
}

/** Every path of the tree in the file, relative to the tree. Its first line, the command, names folders too, which is no harm. */
async function pathsIn(file: string, workTree: string): Promise<Set<string>> {
  const text = await readFile(file, 'utf8').catch(() => '');
  const start = `${workTree}/`;
  const found = new Set<string>();
  for (let at = text.indexOf(start); at >= 0; at = text.indexOf(start, at)) {
    const from = at + start.length;
    at = from;
    while (at < text.length && !ends.has(text.charCodeAt(at))) at += 1;
    found.add(text.slice(from, at));
  }
  return found;
}

/** Space, line feed, tab, and what make and the shell put behind a path. */
const ends = new Set([...' \n\t)";'].map((character) => character.charCodeAt(0)));
