import { createHash } from 'node:crypto';
import { copyFile, readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { DioramaError } from '../../errors.ts';
import { cachedDir } from '../../host/cached-dir.ts';
import { fileHash } from '../../host/content-key.ts';
import type { Host } from '../../host/host.ts';
import { readJson, writeJson } from '../../host/json-file.ts';
import { withLock } from '../../host/lock.ts';
import { readFragments } from '../config/merge-config.ts';
import type { BuiltVariant, KernelConfig, PatchedTree } from '../types.ts';
import { buildFitting, misfitOf } from './build-fitting.ts';
import { findToolchain } from './compiler.ts';
import { storedVmlinux } from './vmlinux-store.ts';

/** Raised whenever what is built from the same inputs changes: make's arguments, stripping, what is kept. */
const recipe = '1';
const lockBoundMs = 60 * 60 * 1000;

const recordShape = z.object({ compiler: z.string(), release: z.string(), vmlinuxId: z.string(), /** SHA-256 of fuse.ko. */ moduleId: z.string() });

/**
 * Builds the tree with the configuration, or takes the variant from the cache: artifacts are kept by the content of tree,
 * fragments, toolchain and recipe, vmlinux by its own. Emits the events of the stages `config`, if that is needed, and then
 * `build`; make's output goes to the file `log`.
 * @throws DioramaError `build-failed` (series or kernel), `config-unmet` (kernel), `bad-file` (usage), `timed-out`, `disk-full`,
 *   `program-missing` (machine)
 */
export async function buildVariant(
  host: Host,
  tree: PatchedTree,
  config: KernelConfig,
  bounds: { readonly buildMs: number },
  log: string,
): Promise<BuiltVariant> {
  checkPath(tree.source.lineage.dir);
  const label = `${tree.source.spec}${tree.touched.size === 0 ? '' : ` + ${tree.name ?? 'series'}`}, ${config.name}`;
  let startedAt: number | undefined;
  let why: string | undefined;
  const start = (): number => {
    if (startedAt === undefined) host.emit({ kind: 'stage-start', stage: 'build', label });
    return (startedAt ??= performance.now());
  };
  const toolchain = await findToolchain(host);
  // What is asked for counts, not how the fragments are worded or where they say it.
  const asked = (await readFragments(config)).map((one) => [one.symbol, one.value, one.optional]);
  const configKey = sha256([toolchain.compiler, toolchain.linker, recipe, asked]);
  const id = sha256([tree.treeId, configKey]).slice(0, 24);
  const read = (dir: string, reused: boolean): Promise<BuiltVariant | undefined> => readVariant(host, { dir, id, tree, config, reused });
  const make = (part: string): Promise<void> =>
    withLock({ file: tree.source.lineage.lockFile, timeoutMs: lockBoundMs, signal: host.signal, onWait: () => tellWaiting(host) }, async () => {
      const request = { tree, config, configKey, timeoutMs: bounds.buildMs, log, onConfigured: start };
      const { built, vmlinuxId } = await buildFitting(host, request, join(part, 'fuse.ko'));
      why = built.why;
      await copyFile(join(built.dir, '.config'), join(part, 'config'));
      if (await hasDebugInfo(built.dir)) await copyFile(join(built.dir, 'fs/fuse/fuse.ko'), join(part, 'fuse.ko.debug'));
      const moduleId = await fileHash(join(part, 'fuse.ko'));
      await writeJson(join(part, 'variant.json'), { compiler: toolchain.compiler, release: built.release, vmlinuxId, moduleId });
      await built.settle(vmlinuxId);
    });
  const where = { kind: 'variants', key: id };
  const first = await cachedDir(host, where, make);
  let variant = await read(first.dir, first.reused);
  if (variant === undefined) {
    // Its vmlinux was removed from the store, it is damaged, or the record is of another shape: made again.
    await rm(first.dir, { recursive: true, force: true });
    variant = await read((await cachedDir(host, where, make)).dir, false);
  }
  if (variant === undefined) throw new Error(`${first.dir}: a variant that was just built is not whole`);
  host.emit({ kind: 'stage-end', stage: 'build', label, ms: performance.now() - start(), reused: variant.reused, ...(why === undefined ? {} : { why }) });
  return variant;
}

/** kbuild splits its arguments at spaces and colons, and make and the shell read the rest in their own ways. */
function checkPath(dir: string): void {
  if (!/[\s:#%$'"`\\;&|()<>*?]/.test(dir)) return;
  throw new DioramaError({
    blame: 'usage',
    code: 'bad-usage',
    message: `${dir}: kernels cannot be built below a path with a space, a colon or the like in it`,
    next: 'move the cache with DIORAMA_CACHE=DIR',
  });
}

function sha256(parts: readonly unknown[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex');
}

function tellWaiting(host: Host): void {
  host.emit({ kind: 'note', text: 'waiting for another diorama that builds this kernel' });
}

async function readVariant(
  host: Host,
  given: { dir: string; id: string; tree: PatchedTree; config: KernelConfig; reused: boolean },
): Promise<BuiltVariant | undefined> {
  const record = await readJson(join(given.dir, 'variant.json'), recordShape);
  if (record === undefined) return undefined;
  const stored = storedVmlinux(host, record.vmlinuxId);
  const fuseModule = join(given.dir, 'fuse.ko');
  // A module that is not what was built, or not for what is stored, is never inserted. What was built just now was looked at there (buildFitting()).
  if (!(await exists(stored.vmlinux)) || !(await exists(stored.systemMap)) || (await fileHash(fuseModule).catch(() => '')) !== record.moduleId) return undefined;
  const misfit = given.reused ? await misfitOf(stored, fuseModule) : undefined;
  if (misfit !== undefined) {
    host.emit({ kind: 'note', text: `the fuse.ko in ${given.dir} does not fit its kernel and is not used: ${misfit}` });
    return undefined;
  }
  return {
    kind: 'built',
    id: given.id,
    source: given.tree.source,
    version: given.tree.source.version,
    treeId: given.tree.treeId,
    configName: given.config.name,
    compiler: record.compiler,
    release: record.release,
    vmlinux: stored.vmlinux,
    systemMap: stored.systemMap,
    fuseModule,
    dotConfig: join(given.dir, 'config'),
    vmlinuxId: record.vmlinuxId,
    reused: given.reused,
  };
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

async function hasDebugInfo(buildDir: string): Promise<boolean> {
  return /^CONFIG_DEBUG_INFO=y$/m.test(await readFile(join(buildDir, '.config'), 'utf8'));
}
