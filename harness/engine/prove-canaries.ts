import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { Guest } from '../guest/read-guest.ts';
import type { Host } from '../host/host.ts';
import { readJson, writeJson } from '../host/json-file.ts';
import { compareSides } from '../judge/compare-sides.ts';
import { killOrder } from '../judge/kill-order.ts';
import type { KnownIssue } from '../judge/known-issues.ts';
import type { Verdict } from '../judge/verdict.ts';
import { obtainSource } from '../kernel/source/obtain-source.ts';
import type { KernelConfig, Source, SourceSpec } from '../kernel/types.ts';
import type { Scenario } from '../scenario/types.ts';
import { applySeries } from '../series/apply-series.ts';
import { readSeries } from '../series/read-series.ts';
import { buildStage, type Stage } from '../stage/build-stage.ts';
import type { Canary } from './find-canaries.ts';
import { playScene } from './play-scene.ts';
import { prepareSide } from './prepare-side.ts';
import type { PreparedSide } from './prepare-sides.ts';

export interface ProveRequest {
  readonly kernel: SourceSpec;
  readonly kernelText: string;
  readonly config: KernelConfig;
  readonly guest: Guest;
  readonly scenes: readonly Scenario[];
  readonly canaries: readonly Canary[];
  readonly issues: readonly KnownIssue[];
  /** Where the evidence goes: `<dir>/<canary>/<scene>/`. */
  readonly dir: string;
  /** Play every scene on every canary, not only up to the first that sees it. */
  readonly every: boolean;
}

/** What became of one canary. */
export interface Proof {
  readonly canary: Canary;
  /** Scenes that saw it, in the order in which they were played. */
  readonly kills: readonly { readonly scene: string; readonly reason: string }[];
  readonly played: number;
  /** A scene could not be judged, or the canary does not build: nothing is proven. */
  readonly trouble?: string;
  /** Wall time, its build included. */
  readonly ms: number;
}

const memoryShape = z.record(z.string(), z.string());

/**
 * Builds every canary as a variant and plays scenes on it until one sees it; the base's verdicts are what it is held against. One canary
 * is built while others play. Tells `onProof` of each as it is done.
 * @throws DioramaError of a stage that failed on the base
 */
export async function proveCanaries(host: Host, given: ProveRequest, onProof: (proof: Proof) => void): Promise<Proof[]> {
  const source = await obtainSource(host, given.kernel, given.kernelText);
  const stage = await buildStage(host);
  const base = await prepare(host, { ...given, source, stage, name: 'base' });
  const memoryFile = join(host.cache, 'canaries.json');
  const memory = new Map(Object.entries((await readJson(memoryFile, memoryShape)) ?? {}));
  const verdicts = await playBase(host, { ...given, base });
  const proofs: Proof[] = [];
  // What must survive everything takes longest, so it goes first.
  const waiting = [...given.canaries].sort((a, b) => Number(b.equivalent) - Number(a.equivalent));
  const worker = async (): Promise<void> => {
    for (let canary = waiting.shift(); canary; canary = waiting.shift()) {
      const proof = await proveOne(host, { ...given, source, stage, canary, verdicts, memory });
      proofs.push(proof);
      const [first] = proof.kills;
      if (first) memory.set(canary.name, first.scene);
      onProof(proof);
    }
  };
  await Promise.all(Array.from({ length: Math.max(1, Math.min(host.jobs, waiting.length)) }, worker));
  await writeJson(memoryFile, Object.fromEntries(memory));
  return proofs.sort((a, b) => (a.canary.name < b.canary.name ? -1 : 1));
}

async function prepare(
  host: Host,
  given: Pick<ProveRequest, 'config' | 'guest' | 'dir'> & { source: Source; stage: Stage; name: string; canary?: Canary; kernel: SourceSpec },
): Promise<PreparedSide> {
  const { source, stage, guest, canary } = given;
  const series = canary && (await readSeries(host, [canary.file], given.kernel));
  const tree = series ? await applySeries(host, source, series) : { source, treeId: source.treeId, touched: new Map<string, string>() };
  await mkdir(given.dir, { recursive: true });
  return prepareSide(host, { side: canary ? 'patched' : 'base', tree, config: given.config, guest, stage, log: join(given.dir, `build-${given.name}.log`) });
}

async function playBase(host: Host, given: ProveRequest & { base: PreparedSide }): Promise<Map<string, Verdict>> {
  const verdicts = new Map<string, Verdict>();
  const waiting = [...given.scenes];
  const worker = async (): Promise<void> => {
    for (let scene = waiting.shift(); scene; scene = waiting.shift()) verdicts.set(scene.name, await playOne(host, { ...given, scene, on: given.base, name: 'base' }));
  };
  await Promise.all(Array.from({ length: host.jobs }, worker));
  return verdicts;
}

async function proveOne(
  host: Host,
  given: ProveRequest & { source: Source; stage: Stage; canary: Canary; verdicts: ReadonlyMap<string, Verdict>; memory: ReadonlyMap<string, string> },
): Promise<Proof> {
  const { canary, verdicts, memory } = given;
  const began = performance.now();
  const kills: { scene: string; reason: string }[] = [];
  let played = 0;
  let trouble: string | undefined;
  try {
    const on = await prepare(host, { ...given, name: canary.name });
    for (const { scenario } of sceneOrder(given.scenes, { canary, memory })) {
      const base = verdicts.get(scenario.name);
      if (!base || base.kind === 'skip' || base.kind === 'error') continue;
      const verdict = await playOne(host, { ...given, scene: scenario, on, name: canary.name });
      played += 1;
      const word = compareSides(base, verdict);
      if (word === 'error') trouble ??= `${scenario.name}: ${verdict.reason}`;
      if (word === 'regression' || word === 'changed' || word === 'fix') kills.push({ scene: scenario.name, reason: verdict.reason });
      if (kills.length > 0 && !given.every) break;
    }
    if (played === 0) trouble = 'no scene can be judged on the base';
  } catch (error) {
    if (host.signal.aborted) throw error;
    trouble = error instanceof Error ? error.message : String(error);
  }
  return { canary, kills, played, ms: performance.now() - began, ...(trouble === undefined ? {} : { trouble }) };
}

function sceneOrder(
  scenes: readonly Scenario[],
  given: { canary: Canary; memory: ReadonlyMap<string, string> },
): { scene: string; covers: readonly string[]; steps: number; scenario: Scenario }[] {
  const kills = new Map<string, number>();
  for (const scene of given.memory.values()) kills.set(scene, (kills.get(scene) ?? 0) + 1);
  const candidates = scenes.map((scenario) => ({ scene: scenario.name, covers: scenario.covers, steps: scenario.steps.length, scenario }));
  return killOrder(candidates, { breaks: given.canary.breaks, lastKiller: given.memory.get(given.canary.name), kills });
}

async function playOne(host: Host, given: ProveRequest & { scene: Scenario; on: PreparedSide; name: string }): Promise<Verdict> {
  const { scene, on, guest, issues } = given;
  host.emit({ kind: 'scene-start', side: on.side, scene: scene.name });
  const { verdict } = await playScene(host, { scene, on, guest, issues, dir: join(given.dir, given.name, scene.name) });
  return verdict;
}
