import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DioramaError } from '../errors.ts';
import type { Host } from '../host/host.ts';
import { runGit } from '../kernel/git.ts';
import type { Source } from '../kernel/types.ts';
import type { Edit } from './edits.ts';

/** A kernel tree to edit. */
export interface ScratchTree {
  readonly dir: string;
  /** Saves a change of that kind, another each time. */
  save(edit: Edit): Promise<void>;
}

/**
 * Writes the source's files to `dir`.
 * @throws DioramaError `timed-out`, `disk-full` (machine); from `save` `bad-kernel-spec` (usage) when the kernel has no place for the change
 */
export async function writeTree(host: Host, source: Source, dir: string): Promise<ScratchTree> {
  await mkdir(dir, { recursive: true });
  const call = { gitDir: source.lineage.gitDir, workTree: dir, cwd: dir, indexFile: `${dir}.index`, phase: 'writing a kernel tree' };
  await runGit(host, { ...call, args: ['read-tree', source.treeId] });
  await runGit(host, { ...call, args: ['checkout-index', '--all', '--force'] });
  let saves = 0;
  return {
    dir,
    save: async ({ path, change }) => {
      const file = join(dir, path);
      const text = await readFile(file, 'utf8').catch(() => '');
      const changed = text === '' ? text : change(text, ++saves);
      if (changed === text) throw new DioramaError({ blame: 'usage', code: 'bad-kernel-spec', message: `${source.spec}: ${path} is not as the benchmark knows it, and cannot be changed` });
      await writeFile(file, changed);
    },
  };
}
