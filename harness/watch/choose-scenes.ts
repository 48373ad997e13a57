import picomatch from 'picomatch';
import { wholeOf } from '../model/expand-orders.ts';
import type { Scenario } from '../scenario/types.ts';

/** The scenes that a person means by what was typed: those of this name, else those that the glob matches, else those that have it in their name. */
export function chooseScenes(scenes: readonly Scenario[], typed: string): readonly Scenario[] {
  const named = scenes.filter(({ name }) => name === typed || wholeOf(name) === typed);
  if (named.length > 0) return named;
  const matches = picomatch(typed, { nonegate: true });
  const matched = scenes.filter(({ name }) => matches(name) || matches(wholeOf(name)));
  return matched.length > 0 ? matched : scenes.filter(({ name }) => name.includes(typed));
}
