import { createHash } from 'node:crypto';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { cachedDir } from '../../host/cached-dir.ts';
import type { Host } from '../../host/host.ts';

export interface StoredVmlinux {
  /** sha256 of vmlinux. */
  readonly id: string;
  readonly vmlinux: string;
  readonly systemMap: string;
}

/** Puts a stripped vmlinux and its System.map into `<cache>/vmlinux/<sha256>/`, once for all variants that have the same one. */
export async function storeVmlinux(host: Host, given: { readonly vmlinux: string; readonly systemMap: string }): Promise<StoredVmlinux> {
  const vmlinux = await readFile(given.vmlinux);
  const systemMap = await readFile(given.systemMap);
  const stored = storedVmlinux(host, createHash('sha256').update(vmlinux).digest('hex'));
  const take = (): Promise<unknown> => cachedDir(host, { kind: 'vmlinux', key: stored.id }, async (dir) => {
    await writeFile(join(dir, 'vmlinux'), vmlinux);
    await writeFile(join(dir, 'System.map'), systemMap);
  });
  await take();
  // What is kept under that name may have been damaged since.
  if ((await holds(stored.vmlinux, vmlinux)) && (await holds(stored.systemMap, systemMap))) return stored;
  await rm(dirname(stored.vmlinux), { recursive: true, force: true });
  await take();
  return stored;
}

async function holds(path: string, content: Buffer): Promise<boolean> {
  return readFile(path).then((found) => found.equals(content), () => false);
}

/** Where the vmlinux of that id is, or would be. */
export function storedVmlinux(host: Host, id: string): StoredVmlinux {
  const dir = join(host.cache, 'vmlinux', id);
  return { id, vmlinux: join(dir, 'vmlinux'), systemMap: join(dir, 'System.map') };
}
