import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { RunGuide } from '../engine/run-scenes.ts';
import { contentKey } from '../host/content-key.ts';
import { playOrder, type KnownScene, type PlayReason } from '../judge/play-order.ts';
import type { Verdict } from '../judge/verdict.ts';
import { changedFunctions, type ModuleChange } from '../kernel/module/changed-functions.ts';
import { readModule } from '../kernel/module/read-module.ts';
import type { Source } from '../kernel/types.ts';
import { compileScenario } from '../scenario/compile-scenario.ts';
import type { Scenario } from '../scenario/types.ts';
import type { WatchEvent } from './watch-events.ts';
import type { SceneMemory, WatchMemory } from './watch-memory.ts';

/** What is neither a success nor anybody's fault. */
const harmless: ReadonlySet<Verdict['kind']> = new Set(['pass', 'known', 'skip']);
const mostTraceBytes = 1_000_000;

/**
 * Leads a run of watch: what failed last and what ran changed functions is played first. A scene's functions are recorded when nobody knows
 * them, or when it may run others now: as long as nothing changed that it ran, it takes the same course.
 */
export function guideRun(given: {
  readonly source: Source;
  readonly memory: WatchMemory;
  readonly emit: (event: WatchEvent) => void;
  readonly remember: (memory: WatchMemory) => void;
  /** Called with what is to be played when everything is built. */
  readonly arranged: (fuseModule: string) => void;
}): RunGuide {
  const scenes = new Map(given.memory.scenes);
  const programs = new Map<string, string>();
  let known = new Map<string, KnownScene>();
  let fuseModule = '';
  return {
    source: given.source,
    arrange: async (all, on) => {
      // What is watched is built here, and with fuse.ko as a module.
      fuseModule = on.variant.fuseModule ?? '';
      const changes = await changesUntil(fuseModule, [given.memory.fuseModule, ...[...scenes.values()].map(({ ran }) => ran?.fuseModule)]);
      for (const scene of all) programs.set(scene.name, contentKey([compileScenario(scene)]));
      known = new Map(all.map((scene) => [scene.name, knownOf(scene, { memory: scenes.get(scene.name), program: programs.get(scene.name) ?? '', changes })]));
      const order = playOrder([...known.values()]);
      const count = (reason: PlayReason): number => order.filter((row) => row.reason === reason).length;
      given.arranged(fuseModule);
      given.emit({
        kind: 'built', scenes: all.length, change: changes.get(given.memory.fuseModule ?? ''),
        because: { failed: count('failed'), changed: count('changed'), unknown: count('unknown'), rest: count('rest') },
      });
      given.remember({ ...given.memory, scenes });
      const byName = new Map(all.map((scene) => [scene.name, scene]));
      return order.flatMap(({ scene }) => byName.get(scene.scene) ?? []);
    },
    wantsCoverage: (scene) => known.get(scene.name)?.ran?.length !== 0,
    played: async (scene, { verdict, functions, ms, dir }) => {
      const before = scenes.get(scene.name);
      const program = programs.get(scene.name) ?? '';
      const kept = before?.program === program ? before.ran : undefined;
      const ran = functions ? { functions, fuseModule } : kept && known.get(scene.name)?.ran?.length === 0 ? { ...kept, fuseModule } : kept;
      const failed = !harmless.has(verdict.kind);
      scenes.set(scene.name, { program, ms, failed, ...(ran && { ran }) } satisfies SceneMemory);
      if (!failed) return;
      const trace = await readFile(join(dir, 'trace'), 'latin1').catch(() => '');
      given.emit({ kind: 'failure', scene, verdict, trace: trace.slice(0, mostTraceBytes), dir });
    },
  };
}

/** What is known of a scene now; nothing of what it ran, when its program is another, or its fuse.ko is gone from the cache. */
function knownOf(scene: Scenario, given: { readonly memory: SceneMemory | undefined; readonly program: string; readonly changes: ReadonlyMap<string, ModuleChange> }): KnownScene {
  const { memory } = given;
  const plain = { scene: scene.name, steps: scene.steps.length };
  if (!memory) return plain;
  const change = memory.ran && memory.program === given.program ? given.changes.get(memory.ran.fuseModule) : undefined;
  const ran = change && ranOf(change, memory.ran?.functions ?? []);
  return { ...plain, ms: memory.ms, failed: memory.failed, ...(ran && { ran }) };
}

function ranOf(change: ModuleChange, functions: readonly string[]): readonly string[] | undefined {
  switch (change.kind) {
    case 'nothing':
      return [];
    case 'functions':
      return change.names.filter((name) => functions.includes(name));
    case 'everything':
      return undefined;
  }
}

/** What changed from each of these fuse.ko to this one; one that is gone, or is no module, has no entry. */
async function changesUntil(fuseModule: string, before: readonly (string | undefined)[]): Promise<Map<string, ModuleChange>> {
  const changes = new Map<string, ModuleChange>();
  const now = readModule(await readFile(fuseModule));
  for (const path of new Set(before)) {
    if (path === undefined) continue;
    const old = await readFile(path).then(readModule).catch(() => undefined);
    if (old) changes.set(path, changedFunctions(old, now));
  }
  return changes;
}
