import type { z } from 'zod';
import { blocksOf, type Wrong } from './flatten-steps.ts';
import type { Named } from './named.ts';

/** What would leave the next round another cast, or nothing as it was. */
const endingCalls: ReadonlySet<string> = new Set(['exit', 'fork']);
const endingActions: ReadonlySet<string> = new Set(['kill', 'die', 'abort']);

/** The steps of a scene that measures are played in every mode and more than once, and the model says what they come to. */
export function checkMeasure(scene: Named, context: z.core.$RefinementCtx): void {
  const { measure } = scene;
  if (!measure) return;
  const wrong: Wrong = (path, message, key) => {
    context.issues.push({ code: 'custom', input: scene, path: [...path], message, ...(key === undefined ? {} : { params: { key } }) });
  };
  for (const [name, file] of Object.entries(scene.files)) {
    if (file.open !== 0) wrong(['files', name, 'open'], "the modes of 'measure' say what opens are answered");
  }
  if (measure.writers && !Object.hasOwn(scene.actors, 'w')) wrong(['measure', 'writers'], "'writers' multiplies the actor 'w', who is not in this scene");
  for (const block of blocksOf(scene.steps)) {
    const said = block.then.size > 0 || block.arrives !== undefined || block.steps.some((step) => step.expect !== undefined);
    if (said) wrong(block.path, 'of a scene that measures the model says what every step comes to');
    if (block.steps.length > 1) wrong(block.path, "a scene that measures has no parallel blocks: 'writers' says who acts at once", 'parallel');
    for (const { call, action } of block.steps) {
      if (call && endingCalls.has(call.kind)) wrong(block.path, `${call.kind} leaves another cast for the next round`);
      if (action && endingActions.has(action.kind)) wrong(block.path, `${action.kind} leaves nothing as it was for the next round`);
    }
  }
}
