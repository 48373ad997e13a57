import { lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';

/** POSIX: st_blocks counts in these. */
const blockBytes = 512;

/** Room in bytes that a directory takes with all that is in it; links are not followed, and what cannot be read or goes meanwhile is 0. */
export async function sizeOnDisk(path: string): Promise<number> {
  const found = await lstat(path).catch(() => undefined);
  if (!found) return 0;
  const names = found.isDirectory() ? await readdir(path).catch(() => []) : [];
  let bytes = found.blocks * blockBytes;
  for (const name of names) bytes += await sizeOnDisk(join(path, name));
  return bytes;
}
