import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DioramaError } from '../../errors.ts';
import type { Host } from '../../host/host.ts';
import { tryGit } from '../git.ts';
import type { Lineage } from '../types.ts';

/**
 * The kernel's own version of a tree, e.g. `6.12.107` or `7.3.0-rc7`, remembered beside the lineage so that it is read once.
 * @throws DioramaError `bad-kernel-spec` (usage) when the tree is no kernel with fs/fuse
 */
export async function versionOfTree(host: Host, given: { lineage: Lineage; treeId: string; spec: string }): Promise<string> {
  const file = join(given.lineage.dir, 'versions', given.treeId);
  const known = await readFile(file, 'utf8').catch(() => undefined);
  if (known !== undefined && known.endsWith('\n')) return known.trim();
  // A tree that nobody has seen: whatever brought it here was work.
  host.emit({ kind: 'stage-progress', stage: 'source', detail: 'looking for its version' });
  const makefile = await blob(host, given.lineage, `${given.treeId}:Makefile`);
  const kconfig = await blob(host, given.lineage, `${given.treeId}:fs/fuse/Kconfig`);
  const version = checkedVersion({ spec: given.spec, makefile, hasFuse: kconfig !== undefined });
  await mkdir(join(given.lineage.dir, 'versions'), { recursive: true });
  await writeFile(file, `${version}\n`);
  return version;
}

/**
 * The version that a kernel's Makefile names, for a tree that has been looked into.
 * @throws DioramaError `bad-kernel-spec` (usage) when it is no kernel, or has no fs/fuse
 */
export function checkedVersion(given: { spec: string; makefile: string | undefined; hasFuse: boolean }): string {
  const version = given.makefile === undefined ? undefined : versionOfMakefile(given.makefile);
  if (version === undefined) throw notKernel(given.spec, 'there is no Makefile with a VERSION and a PATCHLEVEL');
  if (!given.hasFuse) throw notKernel(given.spec, 'there is no fs/fuse/Kconfig');
  return version;
}

/** `6.12.107` from a kernel's top Makefile; undefined when it is some other Makefile. */
export function versionOfMakefile(text: string): string | undefined {
  const value = (name: string): string | undefined => new RegExp(`^${name}[ \\t]*=[ \\t]*(\\S*)`, 'm').exec(text)?.[1];
  const version = value('VERSION');
  const patchLevel = value('PATCHLEVEL');
  if (!version || !patchLevel) return undefined;
  const sublevel = value('SUBLEVEL');
  return `${version}.${patchLevel}${sublevel ? `.${sublevel}` : ''}${value('EXTRAVERSION') ?? ''}`;
}

async function blob(host: Host, lineage: Lineage, name: string): Promise<string | undefined> {
  const call = { args: ['cat-file', 'blob', name], gitDir: lineage.gitDir, phase: 'reading the kernel version' };
  const finished = await tryGit(host, call);
  return finished.ok ? finished.stdout.toString('utf8') : undefined;
}

function notKernel(spec: string, why: string): DioramaError {
  return new DioramaError({
    blame: 'usage',
    code: 'bad-kernel-spec',
    message: `kernel "${spec}": not a Linux kernel tree: ${why}`,
    next: 'name the top directory of a kernel tree',
  });
}
