import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * Removes what a killed make may have left half written. kbuild writes `.X.cmd` after `X` is done, so an `X` younger than its
 * `.X.cmd` was being made again when make died, and the next make would take it for finished.
 */
export async function discardHalfMade(buildDir: string): Promise<void> {
  for (const entry of await readdir(buildDir, { recursive: true, withFileTypes: true })) {
    // Of an object that was made by its own command (remake-objects.ts).
    if (/^\..+\.cmd\.part$/.test(entry.name)) await rm(join(entry.parentPath, entry.name), { force: true });
    const target = /^\.(.+)\.cmd$/.exec(entry.name)?.[1];
    if (target === undefined || !entry.isFile()) continue;
    const path = join(entry.parentPath, target);
    const [made, noted] = await Promise.all([changedAt(path), changedAt(join(entry.parentPath, entry.name))]);
    if (made !== undefined && noted !== undefined && made > noted) await rm(path, { force: true });
  }
}

async function changedAt(path: string): Promise<number | undefined> {
  return stat(path).then(
    (found) => (found.isFile() ? found.mtimeMs : undefined),
    () => undefined,
  );
}
