import { DioramaError } from '../errors.ts';
import type { Scenario } from '../scenario/types.ts';
import { expandMeasure } from './expand-measure.ts';
import { expandOrders, wholeOf } from './expand-orders.ts';

/**
 * The scenes that the scene of a file is played as: its sessions, if it has any, in every order that makes a difference; what it measures,
 * if it does, in every mode.
 * @throws DioramaError `bad-scene` when the model cannot decide a step, or there are too many orders
 */
export function asPlayed(scene: Scenario): readonly Scenario[] {
  try {
    return expandOrders(scene).map(expandMeasure);
  } catch (error) {
    throw new DioramaError({ blame: 'scene', code: 'bad-scene', message: `${scene.file}: ${(error as Error).message}`, cause: error });
  }
}

/**
 * One scene of a file as a run has played and named it; undefined when the file comes to none of that name. A run keeps the file as
 * scenario.yaml, so what the whole is called is told by the name alone, and `my.2` may be all of my.2.yaml.
 * @throws DioramaError as asPlayed() does
 */
export function playedScene(whole: Scenario, name: string): Scenario | undefined {
  const parts = asPlayed({ ...whole, name: whole.sessions ? wholeOf(name) : name });
  const [only, ...others] = parts;
  return only && others.length === 0 ? { ...only, name } : parts.find((part) => part.name === name);
}
