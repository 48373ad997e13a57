import { readdir, readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { DioramaError } from '../../errors.ts';
import type { Host } from '../../host/host.ts';
import { programFailure } from '../../host/program-failure.ts';
import { runProgram } from '../../host/run-program.ts';
import { scratchDir } from '../../host/scratch-dir.ts';
import { moduleMisfit } from '../module/module-fit.ts';
import { buildInDirectory } from './build-directory.ts';
import type { BuildRequest, Built } from './build-directory.ts';
import { kernelFacts } from './kernel-facts.ts';
import { storedVmlinux, storeVmlinux } from './vmlinux-store.ts';
import type { StoredVmlinux } from './vmlinux-store.ts';

/**
 * Builds until the module, stripped into `to`, fits the stored vmlinux: a module that was made alone and does not is made again with its
 * kernel, from nothing that either was made of.
 * @throws DioramaError `build-failed` (kernel) when it does not fit even then
 */
export async function buildFitting(host: Host, request: BuildRequest, to: string): Promise<{ readonly built: Built; readonly vmlinuxId: string }> {
  const built = await buildInDirectory(host, request);
  const { vmlinuxId, misfit } = await takeOut(host, built, to);
  if (misfit === undefined) return { built, vmlinuxId };
  if (request.whole !== undefined) {
    const message = `${request.tree.source.spec}, config ${request.config.name}: fuse.ko does not fit the vmlinux that it was built with: ${misfit}`;
    throw new DioramaError({ blame: 'kernel', code: 'build-failed', message, evidence: request.log });
  }
  host.emit({ kind: 'note', text: `fuse.ko does not fit its kernel, both are built again: ${misfit}` });
  await discardLinked(built.dir);
  return buildFitting(host, { ...request, whole: `fuse.ko did not fit: ${misfit}` }, to);
}

async function takeOut(host: Host, built: Built, to: string): Promise<{ readonly vmlinuxId: string; readonly misfit: string | undefined }> {
  const vmlinuxId = await keepVmlinux(host, built);
  await strip(host, join(built.dir, 'fs/fuse/fuse.ko'), to);
  return { vmlinuxId, misfit: await misfitOf(storedVmlinux(host, vmlinuxId), to) };
}

/** Why that module cannot be inserted into that kernel; undefined when it can. */
export async function misfitOf(stored: StoredVmlinux, fuseModule: string): Promise<string | undefined> {
  return moduleMisfit(await readFile(fuseModule), await kernelFacts(stored));
}

/** What make takes for made by its age, whatever is in it: the module with its objects, and vmlinux. */
async function discardLinked(buildDir: string): Promise<void> {
  const fuse = join(buildDir, 'fs/fuse');
  const made = (await readdir(fuse)).filter((name) => /\.(?:o|ko|mod|mod\.c)$/.test(name)).map((name) => join(fuse, name));
  for (const path of [...made, join(buildDir, 'vmlinux'), join(buildDir, 'System.map')]) await rm(path, { force: true });
}

/** The stored vmlinux when the build left it alone and it is still there, else the one in the build directory, stripped and stored. */
async function keepVmlinux(host: Host, built: Built): Promise<string> {
  if (built.vmlinuxId !== undefined && (await exists(storedVmlinux(host, built.vmlinuxId).vmlinux))) return built.vmlinuxId;
  const scratch = await scratchDir(built.dir, '.stripped-');
  try {
    const vmlinux = join(scratch, 'vmlinux');
    await strip(host, join(built.dir, 'vmlinux'), vmlinux);
    return (await storeVmlinux(host, { vmlinux, systemMap: join(built.dir, 'System.map') })).id;
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

async function strip(host: Host, from: string, to: string): Promise<void> {
  const timeoutMs = 60_000;
  const finished = await runProgram({ file: 'objcopy', args: ['--strip-debug', from, to], timeoutMs, signal: host.signal });
  if (finished.ok) return;
  throw programFailure(finished, { blame: 'machine', code: 'program-failed', message: `${from}: objcopy failed`, phase: 'stripping', timeoutMs });
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
