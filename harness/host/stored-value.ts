import { createHash, randomBytes } from 'node:crypto';
import { readFileSync, utimesSync } from 'node:fs';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { deserialize, serialize } from 'node:v8';
import type { Host } from './host.ts';

const sumBytes = 32;

/**
 * The value that was stored as `<cache>/<kind>/<key>`, a structured clone of it, or undefined where there is none that is whole: a crash
 * of the machine may leave a file cut short, so each begins with its SHA-256. What is found counts as used now. `key` must name
 * everything that the value depends on, its shape and who made it included; what comes back is believed. Synchronous: a run reads hundreds of
 * these small files, and each step of Node's promises costs more than what it waits for.
 */
export function readStored<T>(host: Pick<Host, 'cache'>, given: { readonly kind: string; readonly key: string }): T | undefined {
  const file = join(host.cache, given.kind, given.key);
  try {
    const bytes = readFileSync(file);
    const content = bytes.subarray(sumBytes);
    if (!sum(content).equals(bytes.subarray(0, sumBytes))) return undefined;
    markUsed(file);
    return deserialize(content) as T;
  } catch {
    return undefined;
  }
}

function markUsed(file: string): void {
  const now = new Date();
  try {
    utimesSync(file, now, now);
  } catch {
    // Somebody else's, or gone since.
  }
}

/** Stores a value, whole or not at all. It is there to save time: a cache that cannot be written is no error. */
export async function storeValue(host: Pick<Host, 'cache'>, given: { readonly kind: string; readonly key: string; readonly value: unknown }): Promise<void> {
  const home = join(host.cache, given.kind);
  const part = join(home, `.part-${String(process.pid)}-${randomBytes(4).toString('hex')}`);
  const content = serialize(given.value);
  try {
    await mkdir(home, { recursive: true });
    await writeFile(part, Buffer.concat([sum(content), content]));
    await rename(part, join(home, given.key));
  } catch {
    await rm(part, { force: true }).catch(() => undefined);
  }
}

function sum(content: Uint8Array): Buffer {
  return createHash('sha256').update(content).digest();
}
