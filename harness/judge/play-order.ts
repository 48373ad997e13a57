/** What is known of a scene before it is played. */
export interface KnownScene {
  readonly scene: string;
  /** How many steps it has, where nobody knows how long it takes. */
  readonly steps: number;
  /** How long it took the last time. */
  readonly ms?: number;
  readonly failed?: boolean;
  /** The functions of fuse.ko that it ran the last time. */
  readonly functions?: readonly string[];
}

/** Why a scene has its place. */
export type PlayReason = 'failed' | 'changed' | 'unknown' | 'rest';

const reasons: readonly PlayReason[] = ['failed', 'changed', 'unknown', 'rest'];

/**
 * The order in which a verdict is most likely to come soon: scenes that failed the last time, then those that ran what changed, those first
 * that run what few others do; then those of which nobody knows what they run; then the rest, the longest first, so that no CPU waits at the
 * end for the one that plays it. `changed` is undefined when anything may have changed, and then only failures go before the rest.
 */
export function playOrder<T extends KnownScene>(scenes: readonly T[], changed: readonly string[] | undefined): { readonly scene: T; readonly reason: PlayReason }[] {
  const runners = new Map((changed ?? []).map((name) => [name, scenes.filter(({ functions }) => functions?.includes(name)).length]));
  const msPerStep = meanMsPerStep(scenes);
  const length = (scene: T): number => scene.ms ?? scene.steps * msPerStep;
  const rows = scenes.map((scene) => {
    const ran = (changed ?? []).filter((name) => scene.functions?.includes(name));
    const reason = reasonOf(scene, { changed, ran });
    const rarity = ran.reduce((sum, name) => sum + 1 / (runners.get(name) ?? 1), 0);
    const soon = reason === 'failed' || reason === 'changed';
    return { scene, reason, rank: [reasons.indexOf(reason), -rarity, soon ? length(scene) : -length(scene)] };
  });
  rows.sort((a, b) => {
    const difference = a.rank.map((value, at) => value - (b.rank[at] ?? 0)).find((value) => value !== 0);
    return difference ?? (a.scene.scene < b.scene.scene ? -1 : 1);
  });
  return rows.map(({ scene, reason }) => ({ scene, reason }));
}

function reasonOf(scene: KnownScene, given: { readonly changed: readonly string[] | undefined; readonly ran: readonly string[] }): PlayReason {
  if (scene.failed === true) return 'failed';
  if (given.changed === undefined || given.changed.length === 0) return 'rest';
  if (given.ran.length > 0) return 'changed';
  return scene.functions === undefined ? 'unknown' : 'rest';
}

/** Of those that are known, so that one without a figure finds its place among them. */
function meanMsPerStep(scenes: readonly KnownScene[]): number {
  const timed = scenes.filter(({ ms }) => ms !== undefined);
  const steps = timed.reduce((sum, scene) => sum + scene.steps, 0);
  return steps === 0 ? 1 : timed.reduce((sum, scene) => sum + (scene.ms ?? 0), 0) / steps;
}
