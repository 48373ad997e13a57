import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseCmdFile } from './parse-cmd-file.ts';
import type { CmdFile } from './parse-cmd-file.ts';

/** Files that are read at once. */
const atOnce = 64;

/** The `.X.cmd` files of one directory of a build; half-written ones are not there. */
export async function readCmdFiles(dir: string): Promise<readonly CmdFile[]> {
  const names = await readdir(dir).catch(() => []);
  return parseAll(names.filter(isCmdFile).map((name) => join(dir, name)));
}

/** All `.X.cmd` files of a build directory outside `except`, a few at a time: together they have tens of megabytes. */
export async function visitCmdFiles(buildDir: string, except: string, visit: (file: CmdFile) => void): Promise<void> {
  const paths: string[] = [];
  for (const entry of await readdir(buildDir, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    if (isCmdFile(entry.name) && !path.startsWith(`${join(buildDir, except)}/`)) paths.push(path);
  }
  for (let at = 0; at < paths.length; at += atOnce) {
    for (const file of await parseAll(paths.slice(at, at + atOnce))) visit(file);
  }
}

async function parseAll(paths: readonly string[]): Promise<readonly CmdFile[]> {
  const texts = await Promise.all(paths.map((path) => readFile(path, 'utf8')));
  return texts.map(parseCmdFile).filter((file) => file !== undefined);
}

function isCmdFile(name: string): boolean {
  return /^\..+\.cmd$/.test(name);
}
