import { open, readdir } from 'node:fs/promises';
import { join } from 'node:path';

const notOurs = new Set(['node_modules', '.git', '.tap', 'results']);

/** Every file below `root` that bash or sh runs, by its first line or its name, as paths relative to `root` in order. */
export async function findBashFiles(root: string, below = ''): Promise<readonly string[]> {
  const found: string[] = [];
  for (const entry of await readdir(join(root, below), { withFileTypes: true })) {
    const path = join(below, entry.name);
    if (entry.isDirectory() && !notOurs.has(entry.name)) found.push(...(await findBashFiles(root, path)));
    else if (entry.isFile() && (entry.name.endsWith('.sh') || (await startsWithShell(join(root, path))))) found.push(path);
  }
  return found.sort();
}

async function startsWithShell(path: string): Promise<boolean> {
  const file = await open(path);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(64), 0, 64, 0);
    return /^#! ?\/(usr\/)?bin\/(env )?(ba|da)?sh\b/.test(buffer.toString('latin1', 0, bytesRead));
  } finally {
    await file.close();
  }
}
