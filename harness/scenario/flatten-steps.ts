import type { RawEntry, RawStep } from './step-schema.ts';

/** Where in the scene's file a mistake stands: a path, and a key of the map there. */
export type Wrong = (path: readonly (string | number)[], message: string, key?: string) => void;

/** A step with its number through the whole scene, and where it stands in the file. */
export interface NumberedStep extends RawStep {
  readonly number: number;
  readonly path: readonly (string | number)[];
  /** Done at once after the step before. */
  readonly joins: boolean;
}

/** Steps between two rests. */
export interface Block extends Omit<RawEntry, 'steps'> {
  readonly path: readonly (string | number)[];
  readonly steps: readonly NumberedStep[];
}

/** Numbers the steps of a scene, or of the session at `home`, through its parallel blocks. */
export function blocksOf(entries: readonly RawEntry[], home: readonly string[] = ['steps']): Block[] {
  let number = 0;
  return entries.map((entry, index) => {
    const path = [...home, index];
    const steps = entry.steps.map((step, inner) => {
      number += 1;
      return { ...step, number, joins: inner > 0, path: entry.parallel ? [...path, 'parallel', inner] : path };
    });
    return { ...entry, path, steps };
  });
}
