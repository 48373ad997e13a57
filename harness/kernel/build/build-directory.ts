import { createHash } from 'node:crypto';
import { mkdir, readFile, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { z } from 'zod';
import type { DioramaError } from '../../errors.ts';
import type { Host } from '../../host/host.ts';
import { readJson, writeJson } from '../../host/json-file.ts';
import { programFailure } from '../../host/program-failure.ts';
import { runProgram } from '../../host/run-program.ts';
import { mergeConfig } from '../config/merge-config.ts';
import { checkoutTree } from '../source/checkout-tree.ts';
import type { KernelConfig, PatchedTree } from '../types.ts';
import { buildFailure } from './build-errors.ts';
import { keepReads, readsOf, type Reads } from './build-reads.ts';
import { findScope, type BuildScope, type FoundScope } from './build-scope.ts';
import { changedPaths } from './changed-paths.ts';
import { discardHalfMade } from './discard-half-made.ts';

export interface BuildRequest {
  readonly tree: PatchedTree;
  readonly config: KernelConfig;
  /** Changes with the contents of the fragments and the toolchain. */
  readonly configKey: string;
  readonly timeoutMs: number;
  readonly log: string;
  /** Called when the configuration stands, before anything is made. */
  onConfigured(): void;
}

export interface Built {
  readonly dir: string;
  readonly scope: BuildScope;
  /** Why no less was made. */
  readonly why: string;
  readonly release: string;
  /** Id of the stored vmlinux when this build left vmlinux as it was. */
  readonly vmlinuxId: string | undefined;
  /** Records that the directory is whole and what its vmlinux is; the next build then makes only what differs. */
  settle(vmlinuxId: string): Promise<void>;
}

const stateShape = z.object({
  treeId: z.string(),
  configKey: z.string(),
  vmlinuxId: z.string(),
  release: z.string(),
  steps: z.number(),
  /** What a build that failed left undone; a later one makes at least that. */
  undone: z.enum(['nothing', 'module', 'kernel']),
});
type State = z.infer<typeof stateShape>;

/** make's `CC x` lines of a base build from scratch, for the first progress estimate; afterwards the directory knows its own. */
const usualSteps = 1600;

/**
 * Checks the tree out and builds it in the lineage's directory for this configuration. What was built there before is known by a
 * record that is taken away first and put back by `settle` or when make itself gave up: with it only what differs is made, without
 * it (a first build, or one that was killed) everything is looked at again. The caller holds the lineage's lock.
 * @throws DioramaError `build-failed` (series, kernel), `config-unmet` (kernel), `timed-out`, `disk-full` (machine)
 */
export async function buildInDirectory(host: Host, request: BuildRequest): Promise<Built> {
  const { lineage } = request.tree.source;
  const dir = join(lineage.dir, 'build', directoryName(request.config));
  const stateFile = join(dir, 'diorama-state.json');
  await mkdir(dir, { recursive: true });
  const state = await readJson(stateFile, stateShape);
  const { scope, why, reads } = await scopeSince(host, { request, dir, state });
  const ready = async (stage: 'config' | 'build'): Promise<void> => {
    host.emit({ kind: 'stage-progress', stage, detail: 'switching the kernel tree' });
    await checkoutTree(host, lineage, request.tree.treeId);
    await rm(stateFile, { force: true });
    if (state === undefined) await discardHalfMade(dir);
  };
  const steps = { done: 0, expected: scope === 'module' ? undefined : (state?.steps ?? usualSteps) };
  let leftMs = request.timeoutMs;
  if (scope === 'config') leftMs -= await configure(host, request, { dir, ready: () => ready('config') });
  request.onConfigured();
  if (scope !== 'config') await ready('build');
  const record = (vmlinuxId: string, release: string, undone: State['undone']): Promise<void> => {
    const { treeId } = request.tree;
    return writeJson(stateFile, {
      treeId,
      configKey: request.configKey,
      vmlinuxId,
      release,
      steps: Math.max(steps.done, state?.steps ?? usualSteps),
      undone,
    } satisfies State);
  };
  const kept = scope === 'module' || scope === 'nothing' ? state : undefined;
  if (scope !== 'nothing') {
    const targets = scope === 'module' ? ['fs/fuse/fuse.ko'] : ['vmlinux', 'modules'];
    const undone = scope === 'module' ? 'module' : 'kernel';
    const failure = await make(host, request, { dir, targets, timeoutMs: leftMs, steps }).catch(async (error: unknown) => {
      // An end that is asked for, as by a save while watch builds, must not cost the next build what this one has done.
      await discardHalfMade(dir);
      await record(kept?.vmlinuxId ?? '', kept?.release ?? '', undone);
      throw error;
    });
    if (failure?.code === 'build-failed') await record(kept?.vmlinuxId ?? '', kept?.release ?? '', undone);
    if (failure !== undefined) throw failure;
  }
  const settle = async (vmlinuxId: string): Promise<void> => {
    await keepReads({ dir, workTree: lineage.workTree, treeId: request.tree.treeId, ...(kept && reads ? { before: reads } : {}) });
    await record(vmlinuxId, release, 'nothing');
  };
  const release = kept?.release ?? (await readFile(join(dir, 'include/config/kernel.release'), 'utf8')).trim();
  return { dir, scope, why, release, vmlinuxId: kept?.vmlinuxId, settle };
}

/** Named for the fragments but not for what is in them: after an edit the directory is configured anew and most objects stay. */
function directoryName(config: KernelConfig): string {
  const names = config.fragments.map((path) => basename(path)).join(' ');
  return `${config.name.replace(/[^A-Za-z0-9._+-]/g, '_')}-${createHash('sha256').update(names).digest('hex').slice(0, 8)}`;
}

/** With what the last build read, where that was asked. */
async function scopeSince(
  host: Host,
  given: { readonly request: BuildRequest; readonly dir: string; readonly state: State | undefined },
): Promise<FoundScope & { readonly reads?: Reads }> {
  const { request, dir, state } = given;
  if (state === undefined) return { scope: 'config', why: 'nothing was built there before, or not to its end' };
  if (state.configKey !== request.configKey) return { scope: 'config', why: 'another configuration or toolchain' };
  if (state.treeId === request.tree.treeId) return { scope: state.undone, why: state.undone === 'nothing' ? 'the same tree' : 'it did not build' };
  const { lineage } = request.tree.source;
  const changes = await changedPaths(host, { lineage, from: state.treeId, to: request.tree.treeId });
  if (!changes) return { scope: 'config', why: 'the tree that was built last is gone' };
  const reads = await readsOf({ dir, workTree: lineage.workTree, treeId: state.treeId });
  const found = findScope(changes, reads);
  if (state.undone === 'nothing' || found.scope === 'config' || found.scope === 'kernel') return { ...found, reads };
  return { scope: state.undone, why: `${found.why}, but what was built last did not build`, reads };
}

/** @returns how long it took of the request's bound, in milliseconds; what `ready` takes has bounds of its own */
async function configure(host: Host, request: BuildRequest, given: { readonly dir: string; ready(): Promise<void> }): Promise<number> {
  const { lineage, spec } = request.tree.source;
  const startedAt = performance.now();
  const label = `${spec}, ${request.config.name}`;
  host.emit({ kind: 'stage-start', stage: 'config', label });
  await given.ready();
  const readyAt = performance.now();
  await mergeConfig(host, {
    workTree: lineage.workTree,
    buildDir: given.dir,
    config: request.config,
    make: makeCommand(host, lineage.workTree, given.dir),
    env: environment(lineage.dir),
    timeoutMs: request.timeoutMs,
    log: request.log,
  });
  host.emit({ kind: 'stage-end', stage: 'config', label, ms: performance.now() - startedAt, reused: false });
  return performance.now() - readyAt;
}

/** @returns the error to throw when make did not end well */
async function make(
  host: Host,
  request: BuildRequest,
  given: {
    readonly dir: string;
    readonly targets: readonly string[];
    readonly timeoutMs: number;
    readonly steps: { done: number; readonly expected: number | undefined };
  },
): Promise<DioramaError | undefined> {
  const { lineage } = request.tree.source;
  const [file = 'make', ...args] = makeCommand(host, lineage.workTree, given.dir);
  const lines: string[] = [];
  const finished = await runProgram({
    file,
    args: [...args, ...given.targets],
    cwd: given.dir,
    env: environment(lineage.dir),
    timeoutMs: Math.max(1, given.timeoutMs),
    signal: host.signal,
    endsWithUs: true,
    log: request.log,
    onLine: (line) => {
      const step = /^ {2}([A-Z][A-Z0-9_]*(?: \[M\])?) +(\S+)$/.exec(line);
      if (step === null) lines.push(line);
      else host.emit({ kind: 'stage-progress', stage: 'build', detail: progress(given.steps, `${step[1] ?? ''} ${(step[2] ?? '').replace(`${given.dir}/`, '')}`) });
    },
  });
  if (finished.ok) return undefined;
  const failure = buildFailure({ tree: request.tree, configName: request.config.name, lines, buildDir: given.dir, log: request.log });
  return programFailure(finished, { ...failure, phase: 'building the kernel', timeoutMs: request.timeoutMs });
}

function progress(steps: { done: number; readonly expected: number | undefined }, step: string): string {
  steps.done++;
  if (steps.expected === undefined) return step;
  const percent = Math.min(99, Math.floor((100 * steps.done) / steps.expected));
  return `${step} (${String(percent)} %)`;
}

/** Everything that would make two builds of the same tree differ is fixed: who, when, the how-manieth, and what git says. */
export function makeCommand(host: Host, workTree: string, buildDir: string): readonly string[] {
  return [
    'make',
    `-j${String(host.jobs)}`,
    '-C',
    workTree,
    `O=${buildDir}`,
    'ARCH=x86_64',
    'LOCALVERSION=',
    'KBUILD_BUILD_TIMESTAMP=1970-01-01',
    'KBUILD_BUILD_USER=diorama',
    'KBUILD_BUILD_HOST=diorama',
    'KBUILD_BUILD_VERSION=1',
  ];
}

/** git is kept from finding a repository around the cache and putting its commit into the version. */
export function environment(lineageDir: string): Readonly<Record<string, string>> {
  return { GIT_CEILING_DIRECTORIES: lineageDir, GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_NOSYSTEM: '1', GIT_DIR: '/dev/null' };
}
