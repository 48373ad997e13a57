/** What is known of a scene before it is played. */
export interface KnownScene {
  readonly scene: string;
  /** How many steps it has, where nobody knows how long it takes. */
  readonly steps: number;
  /** How long it took the last time. */
  readonly ms?: number;
  readonly failed?: boolean;
  /** Functions that changed since it was last played, and that it ran then; undefined when nobody knows. */
  readonly ran?: readonly string[];
}

/** Why a scene has its place. */
export type PlayReason = 'failed' | 'changed' | 'unknown' | 'rest';

const reasons: readonly PlayReason[] = ['failed', 'changed', 'unknown', 'rest'];

/**
 * The order in which a verdict is most likely to come soon: scenes that failed the last time, then those that ran what changed, those first
 * that ran what few others did; then those of which nobody knows what they run; then the rest, the longest first, so that no CPU waits at the
 * end for the one that plays it.
 */
export function playOrder<T extends KnownScene>(scenes: readonly T[]): { readonly scene: T; readonly reason: PlayReason }[] {
  const runners = new Map<string, number>();
  for (const name of scenes.flatMap(({ ran = [] }) => ran)) runners.set(name, (runners.get(name) ?? 0) + 1);
  const msPerStep = meanMsPerStep(scenes);
  const rows = scenes.map((scene) => {
    const reason = reasonOf(scene);
    const rarity = (scene.ran ?? []).reduce((sum, name) => sum + 1 / (runners.get(name) ?? 1), 0);
    const ms = scene.ms ?? scene.steps * msPerStep;
    return { scene, reason, rank: [reasons.indexOf(reason), -rarity, reason === 'failed' || reason === 'changed' ? ms : -ms] };
  });
  rows.sort((a, b) => {
    const difference = a.rank.map((value, at) => value - (b.rank[at] ?? 0)).find((value) => value !== 0);
    return difference ?? (a.scene.scene < b.scene.scene ? -1 : 1);
  });
  return rows.map(({ scene, reason }) => ({ scene, reason }));
}

function reasonOf({ failed, ran }: KnownScene): PlayReason {
  if (failed === true) return 'failed';
  if (ran === undefined) return 'unknown';
  return ran.length > 0 ? 'changed' : 'rest';
}

/** Of those that are known, so that one without a figure finds its place among them. */
function meanMsPerStep(scenes: readonly KnownScene[]): number {
  const timed = scenes.filter(({ ms }) => ms !== undefined);
  const steps = timed.reduce((sum, scene) => sum + scene.steps, 0);
  return steps === 0 ? 1 : timed.reduce((sum, scene) => sum + (scene.ms ?? 0), 0) / steps;
}
