import { sameVariant, type RunSide } from './side-of-run.ts';
import { withoutPlaces } from './without-places.ts';

/** A complaint of the kernel that a scene shows more often, or less often, than it did. */
export interface SplatChange {
  readonly scene: string;
  readonly title: string;
  /** How often it was on the console. */
  readonly before: number;
  readonly after: number;
}

/**
 * The complaints that came or went, of the scenes that both runs played and whose consoles both kept. Between two builds a complaint is the
 * same when only line numbers and addresses differ.
 */
export function compareSplats(before: RunSide, after: RunSide): SplatChange[] {
  const plain = sameVariant(before, after) ? (title: string): string => title : withoutPlaces;
  return [...before.rows].sort(([a], [b]) => (a < b ? -1 : 1)).flatMap(([scene, one]) => {
    const other = after.rows.get(scene);
    if (!one.splats || !other?.splats) return [];
    const changes = new Map<string, { title: string; before: number; after: number }>();
    const note = (title: string, of: 'before' | 'after'): void => {
      const key = plain(title);
      const known = changes.get(key) ?? { title, before: 0, after: 0 };
      changes.set(key, { ...known, [of]: known[of] + 1 });
    };
    for (const title of one.splats) note(title, 'before');
    for (const title of other.splats) note(title, 'after');
    return [...changes.values()].filter((change) => change.before !== change.after).map((change) => ({ scene, ...change }));
  });
}
