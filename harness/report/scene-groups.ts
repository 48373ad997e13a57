import type { BrokenRule } from './broken-rules.ts';
import type { PlayedView, RunView, SceneView } from './report-view.ts';

/** The scenes that a report tells in full, by what is to be thought of them, the worst first. */
export interface SceneGroup {
  readonly kind: 'regression' | 'slower' | 'fail' | 'error' | 'changed' | 'same';
  readonly scenes: readonly SceneView[];
}

const harmless: ReadonlySet<string> = new Set(['pass', 'skip', 'known']);

/** With a series what it did to each scene; without one the scenes that failed. What passed, was skipped or is known is in no group. */
export function sceneGroups(run: RunView): SceneGroup[] {
  const kinds = ['regression', 'slower', 'fail', 'error', 'changed', 'same'] as const;
  const groups = kinds.map((kind) => ({ kind, scenes: run.scenes.filter((scene) => groupOf(scene) === kind) }));
  return groups.filter((group) => group.scenes.length > 0);
}

/** The side whose evidence is shown: the one with the series, unless that one has nothing to show. */
export function toldSide(scene: SceneView): PlayedView | undefined {
  const { base, patched } = scene.played;
  if (!patched) return base;
  return patched.verdict.kind === 'pass' && base?.verdict.kind === 'error' ? base : patched;
}

/** The scenes of the likeliest rule first, and the shortest of them before the others. */
export function byRule(scenes: readonly SceneView[], rules: readonly BrokenRule[]): SceneView[] {
  const rank = (scene: SceneView): number => {
    const at = rules.findIndex((rule) => scene.covers.includes(rule.id));
    return at === -1 ? rules.length : at;
  };
  const steps = (scene: SceneView): number => toldSide(scene)?.evidence?.scene?.steps.length ?? Number.MAX_SAFE_INTEGER;
  return [...scenes].sort((a, b) => rank(a) - rank(b) || steps(a) - steps(b) || (a.name < b.name ? -1 : 1));
}

/** What links to a scene's card name it by: no stranger's text becomes an address. */
export function cardId(run: string, given: { readonly group: SceneGroup['kind']; readonly index: number }): string {
  return `${run}-${given.group}-${given.index}`;
}

function groupOf(scene: SceneView): SceneGroup['kind'] | undefined {
  const { base, patched } = scene.played;
  if (!patched) return base && !harmless.has(base.verdict.kind) ? (base.verdict.kind === 'error' ? 'error' : 'fail') : undefined;
  switch (scene.comparison) {
    case 'regression':
    case 'slower':
    case 'error':
    case 'changed':
      return scene.comparison;
    case 'same':
      return harmless.has(patched.verdict.kind) ? undefined : 'same';
    case 'fix':
    case 'faster':
      return undefined;
    case undefined:
      // Its other side was never played: the run ended before.
      return harmless.has(patched.verdict.kind) ? undefined : 'fail';
  }
}
