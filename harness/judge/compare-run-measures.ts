import type { CostBounds } from './compare-measures.ts';
import type { Measure, RunSide } from './side-of-run.ts';

/** A duration that differs between two runs, in nanoseconds of virtual time; one that only one of them has is left out on the other side. */
export interface MeasureChange {
  readonly scene: string;
  readonly name: string;
  readonly beforeNs?: number;
  readonly afterNs?: number;
  readonly word: 'slower' | 'faster' | 'new' | 'gone';
}

export interface MeasureComparison {
  /** How many durations both runs have. */
  readonly compared: number;
  readonly changes: readonly MeasureChange[];
}

/**
 * Every duration that differs by more than its bound, of the scenes that both runs played. Virtual time is exact, so with a bound of
 * 0 a difference of one is a difference. A name that a scene has several times is paired in its order.
 */
export function compareRunMeasures(before: RunSide, after: RunSide, bounds: CostBounds): MeasureComparison {
  let compared = 0;
  const changes = [...before.rows].sort(([a], [b]) => (a < b ? -1 : 1)).flatMap(([scene, row]) => {
    const other = after.rows.get(scene);
    if (!row.measures || !other?.measures) return [];
    const [ones, others] = [numbered(row.measures), numbered(other.measures)];
    return [...new Set([...ones.keys(), ...others.keys()])].flatMap((key): MeasureChange[] => {
      const [one, two] = [ones.get(key), others.get(key)];
      const name = (one ?? two)?.name ?? key;
      if (!one) return two ? [{ scene, name, afterNs: two.value, word: 'new' }] : [];
      if (!two) return [{ scene, name, beforeNs: one.value, word: 'gone' }];
      compared += 1;
      if (Math.abs(two.value - one.value) <= (one.together ? bounds.togetherNs : bounds.callNs)) return [];
      return [{ scene, name, beforeNs: one.value, afterNs: two.value, word: two.value > one.value ? 'slower' : 'faster' }];
    });
  });
  return { compared, changes };
}

function numbered(measures: readonly Measure[]): Map<string, Measure> {
  const seen = new Map<string, number>();
  return new Map(measures.map((measure) => {
    const nth = (seen.get(measure.name) ?? 0) + 1;
    seen.set(measure.name, nth);
    return [`${measure.name}\n${nth}`, measure];
  }));
}
