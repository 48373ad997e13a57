import { createHash } from 'node:crypto';
import { copyFile, readFile } from 'node:fs/promises';
import { join } from 'node:path';
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
  const id = createHash('sha256').update(await readFile(given.vmlinux)).digest('hex');
  await cachedDir(host, { kind: 'vmlinux', key: id }, async (dir) => {
    await copyFile(given.vmlinux, join(dir, 'vmlinux'));
    await copyFile(given.systemMap, join(dir, 'System.map'));
  });
  return storedVmlinux(host, id);
}

/** Where the vmlinux of that id is, or would be. */
export function storedVmlinux(host: Host, id: string): StoredVmlinux {
  const dir = join(host.cache, 'vmlinux', id);
  return { id, vmlinux: join(dir, 'vmlinux'), systemMap: join(dir, 'System.map') };
}
