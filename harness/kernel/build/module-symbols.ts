import { copyFile, cp, mkdir, readFile, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { z } from 'zod';
import { cachedDir } from '../../host/cached-dir.ts';
import { contentKey } from '../../host/content-key.ts';
import type { Host } from '../../host/host.ts';
import { readJson, writeJson } from '../../host/json-file.ts';
import { withLock } from '../../host/lock.ts';
import { programFailure } from '../../host/program-failure.ts';
import { runProgram } from '../../host/run-program.ts';
import { scratchDir } from '../../host/scratch-dir.ts';
import { checkoutTree } from '../source/checkout-tree.ts';
import type { BuiltVariant } from '../types.ts';
import { environment, makeCommand } from './build-directory.ts';
import { discardHalfMade } from './discard-half-made.ts';

/** What gdb is told about a variant's fuse.ko. */
export interface ModuleSymbols {
  /** fuse.ko with debug info: lines, types, variables. */
  readonly module: string;
  /** The files that it was compiled from, as below the kernel's tree. */
  readonly source: string;
  /** Where the compiler found them. */
  readonly compiledFrom: string;
  /** Its code is that of the variant's own to the byte: without that its lines would lie. */
  readonly exact: boolean;
}

const lockBoundMs = 60 * 60 * 1000;
const recordShape = z.object({ compiledFrom: z.string(), exact: z.boolean() });

/** What a build directory has besides objects: with these the module is made without making everything that comes before it. */
const prepared = ['include', 'scripts', 'tools', 'arch/x86/include', 'arch/x86/tools', 'kernel/bounds.s', 'kernel/.bounds.s.cmd', 'arch/x86/kernel/asm-offsets.s', 'arch/x86/kernel/.asm-offsets.s.cmd'];

/**
 * Compiles a variant's fuse.ko again with debug info (`-g`, which changes no code; that is checked), in a directory of its own, and keeps
 * it with its sources by the variant's id. The variant itself is built without: its guests would have 20 times the module to load.
 * @throws DioramaError `program-failed`, `timed-out`, `disk-full` (machine)
 */
export async function moduleSymbols(host: Host, variant: BuiltVariant, given: { readonly log: string; readonly timeoutMs: number }): Promise<ModuleSymbols> {
  const label = `fuse.ko of ${variant.release} with debug info`;
  const began = performance.now();
  host.emit({ kind: 'stage-start', stage: 'build', label });
  const { lineage } = variant.source;
  const { dir, reused } = await cachedDir(host, { kind: 'symbols', key: variant.id }, (part) =>
    withLock({ file: lineage.lockFile, timeoutMs: lockBoundMs, signal: host.signal }, async () => {
      await checkoutTree(host, lineage, variant.treeId);
      const made = await prepareDirectory(variant);
      await compile(host, { dir: made, variant, ...given });
      const module = join(made, 'fs/fuse/fuse.ko');
      await copyFile(module, join(part, 'fuse.ko'));
      await keepSources({ objects: join(made, 'fs/fuse'), tree: lineage.workTree, to: join(part, 'source') });
      const exact = (await codeOf(host, module, join(part, 'text'))).equals(await codeOf(host, variant.fuseModule, join(part, 'text')));
      await rm(join(part, 'text'));
      await writeJson(join(part, 'symbols.json'), { compiledFrom: lineage.workTree, exact });
    }));
  host.emit({ kind: 'stage-end', stage: 'build', label, ms: performance.now() - began, reused });
  const record = await readJson(join(dir, 'symbols.json'), recordShape);
  if (!record) throw new Error(`${dir}: symbols that were just made are not whole`);
  return { module: join(dir, 'fuse.ko'), source: join(dir, 'source'), ...record };
}

/**
 * The lineage's directory for this, which the next variant of the same configuration takes up again. A new one gets what the build directory has,
 * where that is still of the same configuration; kbuild makes what is missing.
 * @returns its path
 */
async function prepareDirectory(variant: BuiltVariant): Promise<string> {
  const config = await readFile(variant.dotConfig);
  const { lineage } = variant.source;
  const dir = join(lineage.dir, 'symbols', contentKey([config]));
  if (await isThere(dir)) {
    await discardHalfMade(dir);
    return dir;
  }
  const part = await scratchDir(join(lineage.dir, 'symbols'), '.part-');
  try {
    await fill(part, { config, builds: join(lineage.dir, 'build') });
    await rename(part, dir);
  } finally {
    await rm(part, { recursive: true, force: true });
  }
  return dir;
}

async function fill(dir: string, given: { readonly config: Buffer; readonly builds: string }): Promise<void> {
  await writeFile(join(dir, '.config'), given.config);
  for (const name of await readdir(given.builds).catch(() => [])) {
    const from = join(given.builds, name);
    const same = await readFile(join(from, '.config')).then((found) => found.equals(given.config), () => false);
    if (!same) continue;
    for (const path of ['.config', ...prepared]) {
      if (await isThere(join(from, path))) await cp(join(from, path), join(dir, path), { recursive: true, preserveTimestamps: true, verbatimSymlinks: true });
    }
    return;
  }
}

function isThere(path: string): Promise<boolean> {
  return stat(path).then(() => true, () => false);
}

async function compile(host: Host, given: { readonly dir: string; readonly variant: BuiltVariant; readonly log: string; readonly timeoutMs: number }): Promise<void> {
  const { dir, timeoutMs, log } = given;
  const { lineage } = given.variant.source;
  const [file = 'make', ...args] = makeCommand(host, lineage.workTree, dir);
  const finished = await runProgram({
    // There is no vmlinux beside it that modpost could look symbols up in; the module is for gdb, not for loading.
    file, args: [...args, 'KCFLAGS=-g', 'KBUILD_MODPOST_WARN=1', 'fs/fuse/fuse.ko'], cwd: dir, env: environment(lineage.dir), timeoutMs, signal: host.signal, log,
    onLine: (line) => host.emit({ kind: 'stage-progress', stage: 'build', detail: line.trim().replace(`${dir}/`, '') }),
  });
  if (finished.ok) return;
  throw programFailure(finished, {
    blame: 'machine', code: 'program-failed', message: 'fuse.ko could not be compiled with debug info', evidence: log, phase: 'compiling fuse.ko with debug info', timeoutMs,
  });
}

/** The sources and headers that kbuild noted beside each object (scripts/basic/fixdep.c): the tree is switched under a session's feet. */
async function keepSources(given: { readonly objects: string; readonly tree: string; readonly to: string }): Promise<void> {
  const files = new Set<string>();
  for (const name of (await readdir(given.objects)).filter((entry) => entry.endsWith('.o.cmd'))) {
    for (const [, path] of (await readFile(join(given.objects, name), 'utf8')).matchAll(/(?:^|[\s:=])(\/\S+\.[chS])(?=\s|$)/gm)) {
      const inside = relative(given.tree, path ?? '');
      if (!inside.startsWith('..')) files.add(inside);
    }
  }
  for (const file of files) {
    await mkdir(join(given.to, dirname(file)), { recursive: true });
    await copyFile(join(given.tree, file), join(given.to, file));
  }
}

async function codeOf(host: Host, module: string, to: string): Promise<Buffer> {
  const timeoutMs = 60_000;
  const finished = await runProgram({ file: 'objcopy', args: ['-O', 'binary', '--only-section=.text', module, to], timeoutMs, signal: host.signal });
  if (!finished.ok) throw programFailure(finished, { blame: 'machine', code: 'program-failed', message: `${module}: objcopy failed`, phase: 'reading its code', timeoutMs });
  return readFile(to);
}
