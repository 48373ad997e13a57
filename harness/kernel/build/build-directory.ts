import { createHash } from 'node:crypto';
import { mkdir, readFile, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { z } from 'zod';
import { DioramaError } from '../../errors.ts';
import type { Host } from '../../host/host.ts';
import { readJson, writeJson } from '../../host/json-file.ts';
import { programFailure } from '../../host/program-failure.ts';
import { runProgram } from '../../host/run-program.ts';
import type { Finished } from '../../host/run-program.ts';
import { mergeConfig } from '../config/merge-config.ts';
import { checkoutTree } from '../source/checkout-tree.ts';
import type { KernelConfig, PatchedTree } from '../types.ts';
import { buildFailure } from './build-errors.ts';
import { changedPaths } from './changed-paths.ts';
import { decideScope, explain, widest } from './decide-scope.ts';
import type { BuildScope, Decision, Reads } from './decide-scope.ts';
import { discardHalfMade } from './discard-half-made.ts';
import { forgetReads, readsOf } from './reads-record.ts';
import { remakeObjects } from './remake-objects.ts';

export interface BuildRequest {
  readonly tree: PatchedTree;
  readonly config: KernelConfig;
  /** Changes with the contents of the fragments and the toolchain. */
  readonly configKey: string;
  readonly timeoutMs: number;
  readonly log: string;
  /** Why the module alone will not do, when that is known already. */
  readonly whole?: string;
  /** Called when the configuration stands, before anything is made. */
  onConfigured(): void;
}

export interface Built {
  readonly dir: string;
  readonly scope: BuildScope;
  /** One line: what was made, and why that and no less. */
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
  undone: z.enum(['nothing', 'objects', 'module', 'kernel']),
  /** Of the record of what the last whole build read (reads-record.ts). */
  readsId: z.string().optional(),
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
  const place = { buildDir: dir, workTree: lineage.workTree };
  const { scope, why, readsId } = await scopeSince(host, request, { ...place, state });
  const whole = scope === 'config' || scope === 'kernel';
  const ready = async (stage: 'config' | 'build'): Promise<void> => {
    host.emit({ kind: 'stage-progress', stage, detail: 'switching the kernel tree' });
    await checkoutTree(host, lineage, request.tree.treeId);
    await rm(stateFile, { force: true });
    if (whole) await forgetReads(dir);
    if (state === undefined) await discardHalfMade(dir);
  };
  const steps = { done: 0, expected: whole ? (state?.steps ?? usualSteps) : undefined };
  let leftMs = request.timeoutMs;
  if (scope === 'config') leftMs -= await configure(host, request, { dir, ready: () => ready('config') });
  request.onConfigured();
  if (scope !== 'config') await ready('build');
  const kept = whole ? undefined : state;
  const record = (vmlinuxId: string, release: string, undone: State['undone'], id = readsId): Promise<void> => {
    const { treeId } = request.tree;
    return writeJson(stateFile, {
      treeId,
      configKey: request.configKey,
      vmlinuxId,
      release,
      steps: Math.max(steps.done, state?.steps ?? usualSteps),
      undone,
      readsId: id,
    } satisfies State);
  };
  // An end that is asked for, as by a save while watch builds, must not cost the next build what this one has done.
  try {
    await make(host, request, { dir, scope, timeoutMs: leftMs, steps });
  } catch (error) {
    if (!(error instanceof DioramaError && error.code === 'build-failed')) await discardHalfMade(dir);
    await record(kept?.vmlinuxId ?? '', kept?.release ?? '', scope === 'config' ? 'kernel' : scope);
    throw error;
  }
  const release = kept?.release ?? (await readFile(join(dir, 'include/config/kernel.release'), 'utf8')).trim();
  const settle = async (vmlinuxId: string): Promise<void> => record(vmlinuxId, release, 'nothing', whole ? (await readsOf(place, undefined))?.id : readsId);
  return { dir, scope, why, release, vmlinuxId: kept?.vmlinuxId, settle };
}

/** Named for the fragments but not for what is in them: after an edit the directory is configured anew and most objects stay. */
function directoryName(config: KernelConfig): string {
  const names = config.fragments.map((path) => basename(path)).join(' ');
  return `${config.name.replace(/[^A-Za-z0-9._+-]/g, '_')}-${createHash('sha256').update(names).digest('hex').slice(0, 8)}`;
}

interface Since extends Decision {
  /** Of the record of what was read, when there is one. */
  readonly readsId: string | undefined;
}

async function scopeSince(
  host: Host,
  request: BuildRequest,
  given: { readonly buildDir: string; readonly workTree: string; readonly state: State | undefined },
): Promise<Since> {
  const { state } = given;
  const decided = (scope: BuildScope, reason: string, readsId?: string): Since => ({ scope, why: explain(scope, reason), readsId });
  if (state === undefined) return decided('config', request.whole ?? 'nothing built before can be relied on');
  if (state.configKey !== request.configKey) return decided('config', 'the configuration or the compiler differs');
  const changes = await changedPaths(host, { lineage: request.tree.source.lineage, from: state.treeId, to: request.tree.treeId });
  if (changes === undefined) return decided('config', 'the tree that was built before is gone');
  const known = state.undone === 'kernel' ? undefined : await readsOf(given, state.readsId);
  // Without dependency files the paths that configure are still told from the others by their names.
  const decision = decideScope(changes, known?.reads ?? unknownReads);
  const readsId = known?.id;
  if (decision.scope === 'config') return { ...decision, readsId };
  if (request.whole !== undefined) return decided('kernel', request.whole, readsId);
  if (state.undone === 'kernel') return decided('kernel', 'the last build did not come to its end');
  if (known === undefined && changes.length > 0) return decided('kernel', 'the dependency files do not say enough');
  if (widest(decision.scope, state.undone) === decision.scope) return { ...decision, readsId };
  return decided(state.undone, 'the last build did not come to its end', readsId);
}

/** Everything may have been read by anything. */
const unknownReads: Reads = {
  outside: new Map(), inside: new Set(), namesOutside: new Set(), namesInside: new Set(), kconfig: new Set(), shipsHeaders: true, fuseIsModule: false,
};

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

interface Making {
  readonly dir: string;
  readonly scope: BuildScope;
  readonly timeoutMs: number;
  readonly steps: { done: number; readonly expected: number | undefined };
}

/** @throws DioramaError when a compiler, or make itself, did not end well */
async function make(host: Host, request: BuildRequest, given: Making): Promise<void> {
  if (given.scope === 'nothing') return;
  const { lineage } = request.tree.source;
  const [file = 'make', ...args] = makeCommand(host, lineage.workTree, given.dir);
  const lines: string[] = [];
  const common = {
    env: environment(lineage.dir),
    timeoutMs: Math.max(1, given.timeoutMs),
    signal: host.signal,
    endsWithUs: true,
    log: request.log,
    onLine: (line: string): void => {
      const step = /^ {2}([A-Z][A-Z0-9_]*(?: \[M\])?) +(\S+)$/.exec(line);
      if (step === null) lines.push(line);
      else host.emit({ kind: 'stage-progress', stage: 'build', detail: progress(given.steps, `${step[1] ?? ''} ${(step[2] ?? '').replace(`${given.dir}/`, '')}`) });
    },
  };
  const failure = (finished: Finished): DioramaError => {
    const details = buildFailure({ tree: request.tree, configName: request.config.name, lines, buildDir: given.dir, log: request.log });
    return programFailure(finished, { ...details, phase: 'building the kernel', timeoutMs: request.timeoutMs });
  };
  if (given.scope === 'objects' && (await remakeObjects(host, { ...common, dir: given.dir, failure }))) return;
  const targets = given.scope === 'config' || given.scope === 'kernel' ? ['vmlinux', 'modules'] : ['fs/fuse/fuse.ko'];
  const finished = await runProgram({ ...common, file, args: [...args, ...targets], cwd: given.dir });
  if (!finished.ok) throw failure(finished);
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
