import { stat } from 'node:fs/promises';
import { findScenarioFiles, namedScenes, readScenarios, uniquelyNamed } from '../engine/find-scenarios.ts';
import type { Host } from '../host/host.ts';
import type { Scenario } from '../scenario/types.ts';

/** Scenes that are kept from pass to pass: reading the catalogue and working out its orders takes longer than building a module. */
export interface SceneShelf {
  /**
   * The scenes as their files are now; only those that changed are read.
   * @throws DioramaError `bad-usage` when a pattern names nothing any more, `bad-scene` with every mistake of the files that changed
   */
  scenes(): Promise<readonly Scenario[]>;
  /** Changes whenever a file does. */
  stamp(): string;
}

/** The scenes that `patterns` name, as for findScenarios(). */
export function makeSceneShelf(host: Pick<Host, 'root' | 'cache'>, patterns: readonly string[]): SceneShelf {
  const kept = new Map<string, { readonly stamp: string; readonly scenes: readonly Scenario[] }>();
  let whole = '';
  return {
    stamp: () => whole,
    scenes: async () => {
      const files = await findScenarioFiles(host.root, patterns);
      const stamps = new Map(await Promise.all(files.map(async (file) => [file, await stampOf(file)] as const)));
      const changed = files.filter((file) => kept.get(file)?.stamp !== stamps.get(file));
      const read = await readScenarios(host, changed);
      for (const file of changed) kept.set(file, { stamp: stamps.get(file) ?? '', scenes: read.filter((scene) => scene.file === file) });
      for (const file of kept.keys()) if (!stamps.has(file)) kept.delete(file);
      whole = JSON.stringify([...stamps]);
      return namedScenes(uniquelyNamed(files.flatMap((file) => kept.get(file)?.scenes ?? [])), patterns);
    },
  };
}

async function stampOf(file: string): Promise<string> {
  return stat(file, { bigint: true }).then(({ mtimeNs, size, ino }) => `${mtimeNs} ${size} ${ino}`, () => 'gone');
}
