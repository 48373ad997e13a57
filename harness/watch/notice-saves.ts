import { watch, type FSWatcher } from 'node:fs';
import { lstat, readdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { listFiles } from './list-files.ts';

/** Files that changed since the last call. */
export interface Saved {
  /** Absolute paths of the files that are there, and of those that are not, be it an editor's trial file; the first of them where there are many. */
  readonly paths: readonly string[];
  readonly gone: readonly string[];
  readonly count: number;
  /** When the last of them was written, and when that was told; milliseconds since 1970. */
  readonly savedMs: number;
  readonly noticedMs: number;
}

export interface SaveNoticer {
  /** How many directories inotify watches, and how many are looked at every few seconds since it has no room for them. */
  readonly watched: number;
  readonly polled: number;
  close(): void;
}

/** An editor saves in several steps; after this much silence it is done, and a checkout that goes on for longer is told in the middle. */
const [silenceMs, longestMs] = [60, 500];
const pollEveryMs = 2000;
const mostPaths = 200;

/**
 * Calls `onSave` after files were written, made, renamed or removed in the directories `flat`, or anywhere in `trees`. Directories that come
 * later are watched too. Where inotify's limits (inotify(7), max_user_watches) leave no room, directories are looked at
 * every two seconds instead; those nearest to fs/fuse have room first.
 */
export async function noticeSaves(given: {
  readonly trees: readonly string[];
  readonly flat: readonly string[];
  readonly onSave: (saved: Saved) => void;
  /** inotify, or a test's. */
  readonly watchDirectory?: typeof watch;
}): Promise<SaveNoticer> {
  const watchers = new Map<string, FSWatcher>();
  const polled = new Map<string, Map<string, string>>();
  const pending = new Set<string>();
  let first = 0;
  let silence: NodeJS.Timeout | undefined;
  let closed = false;

  const tell = async (): Promise<void> => {
    const names = [...pending];
    const [since, noticedMs] = [first, Date.now()];
    pending.clear();
    first = 0;
    silence = undefined;
    const found = names.sort().slice(0, mostPaths);
    const there = await Promise.all(found.map((path) => lstat(path).then(({ mtimeMs }) => mtimeMs, () => undefined)));
    const savedMs = writtenAt(there, { since, noticedMs });
    const of = (is: boolean): string[] => found.filter((_, at) => (there[at] !== undefined) === is);
    if (!closed) given.onSave({ paths: of(true), gone: of(false), count: names.length, savedMs, noticedMs });
  };
  const saved = (path: string): void => {
    if (closed || isNoSource(basename(path))) return;
    first ||= Date.now();
    pending.add(path);
    clearTimeout(silence);
    silence = setTimeout(() => void tell(), Math.max(0, Math.min(silenceMs, first + longestMs - Date.now())));
  };
  const add = async (dir: string, inTree: boolean): Promise<void> => {
    if (closed || watchers.has(dir) || polled.has(dir)) return;
    try {
      const watcher = (given.watchDirectory ?? watch)(dir, (event, name) => {
        if (name === null) return;
        saved(join(dir, name));
        if (inTree && event === 'rename') void addTree(join(dir, name), saved);
      });
      watcher.on('error', () => drop(dir));
      watchers.set(dir, watcher);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'ENOSPC' || code === 'EMFILE') polled.set(dir, await listFiles(dir));
    }
  };
  const drop = (dir: string): void => {
    watchers.get(dir)?.close();
    watchers.delete(dir);
  };
  /** `found` is given the files of a tree that came later: they may have been written before anybody watched. */
  const addTree = async (dir: string, found?: (path: string) => void): Promise<void> => {
    const dirs = await directoriesOf(dir);
    for (const one of dirs) await add(one, true);
    if (found) for (const one of dirs) for (const name of (await listFiles(one)).keys()) found(join(one, name));
    if (found && dirs.length === 0 && watchers.has(dir)) drop(dir);
  };
  const poll = async (): Promise<void> => {
    for (const [dir, before] of polled) {
      if (closed) return;
      const now = await listFiles(dir);
      polled.set(dir, now);
      for (const name of new Set([...before.keys(), ...now.keys()])) if (before.get(name) !== now.get(name)) saved(join(dir, name));
    }
    if (!closed) next = setTimeout(() => void poll(), pollEveryMs);
  };
  let next: NodeJS.Timeout | undefined;

  for (const dir of given.flat) await add(dir, false);
  for (const tree of given.trees) await addTree(tree);
  if (polled.size > 0) next = setTimeout(() => void poll(), pollEveryMs);
  return {
    watched: watchers.size,
    polled: polled.size,
    close: () => {
      closed = true;
      clearTimeout(silence);
      clearTimeout(next);
      for (const dir of [...watchers.keys()]) drop(dir);
    },
  };
}

/** What is written first in a kernel's tree when somebody works on FUSE: these are watched even where not all can be. */
const nearest = ['fs/fuse', 'include/uapi/linux', 'include/linux', 'fs', 'include', 'mm', 'kernel', 'lib', 'arch/x86'];

/** A directory and all below it, git's own left out and links not followed; the nearest to fs/fuse first. */
async function directoriesOf(root: string): Promise<string[]> {
  const found: string[] = [];
  const walk = async (dir: string): Promise<void> => {
    const entries = await readdir(dir, { withFileTypes: true }).catch(() => undefined);
    if (!entries) return;
    found.push(dir);
    await Promise.all(entries.filter((entry) => entry.isDirectory() && entry.name !== '.git').map((entry) => walk(join(dir, entry.name))));
  };
  await walk(root);
  const rank = (dir: string): number => {
    const path = `${dir.slice(root.length + 1)}/`;
    const at = nearest.findIndex((start) => path.startsWith(`${start}/`));
    return at < 0 ? nearest.length : at;
  };
  return found.map((dir) => ({ dir, rank: rank(dir) })).sort((a, b) => a.rank - b.rank).map(({ dir }) => dir);
}

/** Editors' swap, lock, backup and trial files, and what a build leaves: no snapshot has them (see .gitignore of the kernel), but for vim's 4913. */
function isNoSource(name: string): boolean {
  return name.startsWith('.') ? name !== '.gitignore' : /~$|^4913$|\.(o|ko|a|cmd|mod|mod\.c|swp|order|symvers)$/.test(name);
}

/** The latest of times of change, as long as it is a likely one. */
function writtenAt(times: readonly (number | undefined)[], given: { readonly since: number; readonly noticedMs: number }): number {
  const last = Math.max(0, ...times.flatMap((time) => (time !== undefined && time <= given.noticedMs ? [time] : [])));
  return last > given.since - 10_000 ? last : given.since;
}
