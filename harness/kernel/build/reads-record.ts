import { createHash } from 'node:crypto';
import { realpathSync } from 'node:fs';
import { readFile, rm } from 'node:fs/promises';
import { basename, join, relative, resolve } from 'node:path';
import { z } from 'zod';
import { writeJson } from '../../host/json-file.ts';
import type { Reads } from './decide-scope.ts';
import type { CmdFile } from './parse-cmd-file.ts';
import { readCmdFiles, visitCmdFiles } from './read-cmd-files.ts';

/** Where the module's objects are; they are read anew each time, being few. */
const fuse = 'fs/fuse';
const fileName = 'diorama-reads.json';

const shape = z.object({
  outside: z.record(z.string(), z.number()),
  names: z.array(z.string()),
  kconfig: z.array(z.string()).min(1),
  shipsHeaders: z.boolean(),
});

interface Place {
  readonly buildDir: string;
  readonly workTree: string;
}

/**
 * What the last whole build of the directory read. What objects outside fs/fuse read stays as it was until the next whole build, so
 * it is kept in one file; `id` is the hash of that file as the directory's state knows it, and another one is not believed. Then,
 * and when there is none, the dependency files are read: only a directory whose last whole build came to its end may be asked.
 * @returns undefined when they do not say enough
 */
export async function readsOf(place: Place, id: string | undefined): Promise<{ readonly id: string; readonly reads: Reads } | undefined> {
  const kept = id === undefined ? undefined : await load(place, id);
  const record = kept ?? (await keep(place));
  const cmdFiles = await readCmdFiles(join(place.buildDir, fuse));
  const tally = newTally();
  for (const file of cmdFiles) count(tally, file);
  const inside = inTree(place, tally);
  const targets = new Set(cmdFiles.map(({ target }) => target));
  if (record === undefined || inside.size === 0) return undefined;
  const reads = {
    outside: new Map(Object.entries(record.content.outside)),
    inside: new Set(inside.keys()),
    namesOutside: new Set(record.content.names),
    namesInside: tally.names,
    kconfig: new Set(record.content.kconfig),
    shipsHeaders: record.content.shipsHeaders,
    fuseIsModule: targets.has(`${fuse}/fuse.ko`) && !targets.has(`${fuse}/built-in.a`),
  };
  return { id: record.id, reads };
}

/** Before a whole build: what it will have read is not known yet. */
export async function forgetReads(buildDir: string): Promise<void> {
  await rm(join(buildDir, fileName), { force: true });
}

type Kept = { readonly id: string; readonly content: z.infer<typeof shape> } | undefined;

async function load({ buildDir }: Place, id: string): Promise<Kept> {
  const text = await readFile(join(buildDir, fileName), 'utf8').catch(() => undefined);
  if (text === undefined || idOf(text) !== id) return undefined;
  const parsed = shape.safeParse(JSON.parse(text));
  return parsed.success ? { id, content: parsed.data } : undefined;
}

async function keep(place: Place): Promise<Kept> {
  const tally = newTally();
  let shipsHeaders = false;
  await visitCmdFiles(place.buildDir, fuse, (file) => {
    if (file.target === 'kernel/kheaders.o') shipsHeaders = true;
    count(tally, file);
  });
  const outside = Object.fromEntries(inTree(place, tally));
  const made = shape.safeParse({ outside, names: [...tally.names].sort(), kconfig: await kconfigFiles(place), shipsHeaders });
  if (!made.success) return undefined;
  const path = join(place.buildDir, fileName);
  await writeJson(path, made.data);
  return { id: idOf(await readFile(path, 'utf8')), content: made.data };
}

function idOf(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

interface Tally {
  /** By how many targets each file is read, as the compiler names it. */
  readonly readers: Map<string, number>;
  /** Last parts of what is included. */
  readonly names: Set<string>;
}

function newTally(): Tally {
  return { readers: new Map(), names: new Set() };
}

function count({ readers, names }: Tally, { source, included }: CmdFile): void {
  for (const path of new Set(source === undefined ? included : [source, ...included])) {
    const before = readers.get(path);
    // A copy: a piece of a string keeps the whole of it in memory, and the texts of all files are too much for that.
    readers.set(before === undefined ? Buffer.from(path).toString() : path, (before ?? 0) + 1);
    if (path !== source && (before === undefined || path.endsWith('.c'))) names.add(Buffer.from(basename(path)).toString());
  }
}

/** What of it is in the tree, by its paths there. A link counts as itself and as what it leads to. */
function inTree({ buildDir, workTree }: Place, { readers }: Tally): ReadonlyMap<string, number> {
  const followedTree = follow(workTree) ?? workTree;
  const found = new Map<string, number>();
  const add = (path: string, from: string, times: number): void => {
    const inside = relative(from, path);
    // Of two names for one file, the one that more targets use.
    if (!inside.startsWith('..')) found.set(inside, Math.max(found.get(inside) ?? 0, times));
  };
  for (const [path, times] of readers) {
    const absolute = resolve(buildDir, path);
    add(absolute, workTree, times);
    // Not of `absolute`: in `link/../x` the compiler goes where the link leads.
    const named = path.startsWith('/') ? path : `${buildDir}/${path}`;
    if (!relative(workTree, absolute).startsWith('..')) add(follow(named) ?? absolute, followedTree, times);
  }
  return found;
}

/** At once: a promise for each of a thousand paths takes longer than the paths. */
function follow(path: string): string | undefined {
  try {
    return realpathSync.native(path);
  } catch {
    return undefined;
  }
}

/** The list that kconfig leaves for make (`deps_config`): every file that the configuration was read from. */
async function kconfigFiles({ buildDir, workTree }: Place): Promise<readonly string[]> {
  const text = await readFile(join(buildDir, 'include/config/auto.conf.cmd'), 'utf8').catch(() => '');
  const listed = /^deps_config := \\\n((?:.*\\\n)*.*)$/m.exec(text)?.[1] ?? '';
  const paths = listed.split('\n').map((line) => line.replace(/\\$/, '').trim()).filter((line) => line !== '');
  return paths.map((path) => (path.startsWith('/') ? relative(workTree, path) : path.replace(/^\$\(srctree\)\//, '')));
}
