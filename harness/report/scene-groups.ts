import type { PlayedView, RunView, SceneView } from './report-view.ts';

/** The scenes that a report tells in full, by what is to be thought of them, the worst first. */
export interface SceneGroup {
  readonly kind: 'regression' | 'fail' | 'error' | 'changed' | 'same';
  readonly scenes: readonly SceneView[];
}

const harmless: ReadonlySet<string> = new Set(['pass', 'skip', 'known']);

/** With a series what it did to each scene; without one the scenes that failed. What passed, was skipped or is known is in no group. */
export function sceneGroups(run: RunView): SceneGroup[] {
  const kinds = ['regression', 'fail', 'error', 'changed', 'same'] as const;
  const groups = kinds.map((kind) => ({ kind, scenes: run.scenes.filter((scene) => groupOf(scene) === kind) }));
  return groups.filter((group) => group.scenes.length > 0);
}

/** The side whose evidence is shown: the one with the series, unless that one has nothing to show. */
export function toldSide(scene: SceneView): PlayedView | undefined {
  const { base, patched } = scene.played;
  if (!patched) return base;
  return patched.verdict.kind === 'pass' && base?.verdict.kind === 'error' ? base : patched;
}

function groupOf(scene: SceneView): SceneGroup['kind'] | undefined {
  const { base, patched } = scene.played;
  if (!patched) return base && !harmless.has(base.verdict.kind) ? (base.verdict.kind === 'error' ? 'error' : 'fail') : undefined;
  switch (scene.comparison) {
    case 'regression':
    case 'error':
    case 'changed':
      return scene.comparison;
    case 'same':
      return harmless.has(patched.verdict.kind) ? undefined : 'same';
    case 'fix':
      return undefined;
    case undefined:
      // Its other side was never played: the run ended before.
      return harmless.has(patched.verdict.kind) ? undefined : 'fail';
  }
}
