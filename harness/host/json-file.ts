import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { ZodType } from 'zod';

/**
 * Reads a record that diorama wrote into its cache. One that is missing, cut short or of an older shape is no error: it is
 * simply not there, and whoever asked makes it again.
 */
export async function readJson<T>(file: string, shape: ZodType<T>): Promise<T | undefined> {
  try {
    return shape.parse(JSON.parse(await readFile(file, 'utf8')));
  } catch {
    return undefined;
  }
}

/** Writes `value` whole or not at all: into a neighbour that is renamed over `file`. */
export async function writeJson(file: string, value: unknown): Promise<void> {
  const part = `${file}.part-${String(process.pid)}`;
  await mkdir(dirname(file), { recursive: true });
  await writeFile(part, `${JSON.stringify(value, null, 2)}\n`);
  await rename(part, file);
}
