import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';

/** The files of a directory by name, each with what changes when it is written; empty when it is not there. */
export async function listFiles(dir: string): Promise<Map<string, string>> {
  const entries = await readdir(dir, { withFileTypes: true }).catch(() => []);
  const files = await Promise.all(entries.filter((entry) => !entry.isDirectory()).map(async ({ name }) =>
    stat(join(dir, name)).then(({ mtimeMs, size, ino }) => [name, `${mtimeMs} ${size} ${ino}`] as const, () => [name, 'gone'] as const)));
  return new Map(files);
}
