/** What is known of a scene before a canary is played. */
export interface Candidate {
  readonly scene: string;
  readonly covers: readonly string[];
  /** How many steps it has: a short one costs little and points at one rule. */
  readonly steps: number;
}

/**
 * The scenes in the order in which they are most likely to see a canary: the one that saw it last time, those that protect the rule that it
 * breaks, the one that has seen most others, then the shortest.
 */
export function killOrder<T extends Candidate>(
  scenes: readonly T[],
  given: { readonly breaks: readonly string[]; readonly lastKiller: string | undefined; readonly kills: ReadonlyMap<string, number> },
): T[] {
  const { breaks, lastKiller, kills } = given;
  const rank = (scene: T): readonly number[] => [
    scene.scene === lastKiller ? 0 : 1,
    scene.covers.some((rule) => breaks.includes(rule)) ? 0 : 1,
    -(kills.get(scene.scene) ?? 0),
    scene.steps,
  ];
  return [...scenes].sort((a, b) => {
    const [left, right] = [rank(a), rank(b)];
    const difference = left.map((value, at) => value - (right[at] ?? 0)).find((value) => value !== 0);
    return difference ?? (a.scene < b.scene ? -1 : 1);
  });
}
