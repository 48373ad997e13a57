import type { BigIntStats } from 'node:fs';

/** What tells an index from the one before it: git writes a new file and renames it. */
export function indexStamp(found: BigIntStats): string {
  return `${found.ino} ${found.size} ${found.mtimeNs} ${found.ctimeNs}`;
}
