import type { z } from 'zod';
import { blocksOf, type Wrong } from './flatten-steps.ts';
import type { Named } from './named.ts';
import type { ServerAction } from './types.ts';

/** What ends an actor, the server or the connection leaves nobody for the next order. */
const endingCalls: ReadonlySet<string> = new Set(['exit', 'fork']);
const endingActions: ReadonlySet<string> = new Set(['kill', 'die', 'abort', 'drop-caches']);

/**
 * The model says what the steps of sessions come to, in whatever order, so the scene does not; and every order leaves the stage as it
 * found it. Of a scene with sessions that is true of its other steps too, which come before each order.
 */
export function checkSessions(scene: Named, context: z.core.$RefinementCtx): void {
  const wrong: Wrong = (path, message, key) => {
    context.issues.push({ code: 'custom', input: scene, path: [...path], message, ...(key === undefined ? {} : { params: { key } }) });
  };
  if (!scene.sessions) return;
  if (scene.measure) wrong(['measure'], 'a scene with sessions is not timed: write two');
  const sessions = Object.entries(scene.sessions).flatMap(([name, entries]) => blocksOf(entries, ['sessions', name]));
  for (const block of [...blocksOf(scene.steps), ...sessions]) {
    const said = block.then.size > 0 || block.arrives !== undefined || block.steps.some((step) => step.expect !== undefined);
    if (said) wrong(block.path, 'of a scene with sessions the model says what every step comes to');
    if (block.steps.length > 1) wrong(block.path, 'a scene with sessions has no parallel blocks: its orders are what differs', 'parallel');
    for (const { call, action } of block.steps) {
      if (call && endingCalls.has(call.kind)) wrong(block.path, `${call.kind} leaves another cast for the next order; make it a scene of its own`);
      if (action && endingActions.has(action.kind)) wrong(block.path, `${action.kind} leaves nothing as it was for the next order; make it a scene of its own`);
      if (action && handleOf(action) !== undefined) wrong(block.path, "a 'handle' is another number in every order; say 'by' or 'file'");
    }
  }
}

function handleOf(action: ServerAction): number | undefined {
  return 'match' in action ? action.match.handle : undefined;
}
