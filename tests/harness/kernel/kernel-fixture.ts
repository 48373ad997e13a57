import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { lstatSync, mkdirSync, readdirSync, readFileSync, realpathSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Test } from 'tap';
import { DioramaError } from '../../../harness/errors.ts';
import type { EngineEvent } from '../../../harness/events.ts';
import type { Host } from '../../../harness/host/host.ts';

/** A host with a cache of its own that goes away with the test, and everything it was told. */
export function testHost(t: Test): Host & { readonly events: EngineEvent[]; readonly dir: string; abort(): void } {
  const dir = realpathSync(t.testdir({ cache: {} }));
  const control = new AbortController();
  const events: EngineEvent[] = [];
  return {
    dir,
    cache: join(dir, 'cache'),
    root: dir,
    jobs: 2,
    signal: control.signal,
    emit: (event) => events.push(event),
    events,
    abort: () => control.abort(new Error('aborted by the test')),
  };
}

/** The few files that make a directory a kernel for sources, with `more` over them. */
export function writeKernel(dir: string, more: Readonly<Record<string, string>> = {}): string {
  const files = {
    Makefile: 'VERSION = 6\nPATCHLEVEL = 12\nSUBLEVEL = 7\nEXTRAVERSION =\nNAME = Baby Opossum\n',
    '.gitignore': '*.o\n.*\n!.gitignore\n!.gitattributes\n',
    'fs/fuse/Kconfig': 'config FUSE_FS\n\ttristate "FUSE"\n',
    'fs/fuse/file.c': 'int fuse;\n',
    ...more,
  };
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(dir, name)), { recursive: true });
    writeFileSync(join(dir, name), text);
  }
  return dir;
}

/** git as the tests' own user would run it, for repositories that stand for the user's. */
export function git(cwd: string, ...args: readonly string[]): string {
  const env = {
    PATH: process.env['PATH'],
    HOME: cwd,
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_AUTHOR_NAME: 'a',
    GIT_AUTHOR_EMAIL: 'a@localhost',
    GIT_COMMITTER_NAME: 'a',
    GIT_COMMITTER_EMAIL: 'a@localhost',
  };
  return execFileSync('git', args, { cwd, env, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] }).trim();
}

/** Every file below `dir` with its content, `.git` left out. */
export function filesOf(dir: string): Record<string, string> {
  const found: Record<string, string> = {};
  for (const entry of readdirSync(dir, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name).slice(dir.length + 1);
    if (entry.isFile() && !path.startsWith('.git/')) found[path] = readFileSync(join(dir, path), 'utf8');
  }
  return found;
}

/** The error of work that must fail; any other is thrown on. */
export async function errorOf(work: Promise<unknown>): Promise<DioramaError> {
  try {
    await work;
  } catch (error) {
    if (error instanceof DioramaError) return error;
    throw error;
  }
  throw new Error('this should have failed');
}

/** Everything below a directory, `.git` too: kind, mode, times, content. */
export function listing(dir: string): string {
  return readdirSync(dir, { recursive: true }).map(String).sort().map((name) => {
    const found = lstatSync(join(dir, name), { bigint: true });
    const content = found.isFile() ? createHash('sha256').update(readFileSync(join(dir, name))).digest('hex') : '';
    return `${name} ${found.mode} ${found.ino} ${found.mtimeNs} ${found.ctimeNs} ${content}`;
  }).join('\n');
}
