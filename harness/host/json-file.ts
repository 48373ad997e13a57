import { randomBytes } from 'node:crypto';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
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

/** Writes `value` whole or not at all: into a neighbour, one for each call, that is renamed over `file`. */
export async function writeJson(file: string, value: unknown): Promise<void> {
  const part = `${file}.part-${String(process.pid)}-${randomBytes(4).toString('hex')}`;
  await mkdir(dirname(file), { recursive: true });
  try {
    await writeFile(part, `${JSON.stringify(value, null, 2)}\n`);
    await rename(part, file);
  } catch (error) {
    await rm(part, { force: true });
    throw error;
  }
}
