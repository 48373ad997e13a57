import type { z } from 'zod';
import type { RawStep } from './step-schema.ts';

/**
 * A scene says after every step how things stand, so it can be seen beforehand that an order goes to an actor that is still in a
 * call, that a step waits for somebody who is in none, and that bytes are to be seen by a call that reads none.
 */
export function checkTurns(scene: { readonly steps: readonly RawStep[] }, context: z.core.$RefinementCtx): void {
  const inCall = new Map<string, { readonly step: number; readonly call: string }>();
  scene.steps.forEach((step, index) => {
    const number = index + 1;
    const wrong = (path: readonly string[], message: string, key?: string): void => {
      context.issues.push({ code: 'custom', input: scene, path: ['steps', index, ...path], message, ...(key === undefined ? {} : { params: { key } }) });
    };
    if (step.actor !== undefined && step.call) {
      const busy = inCall.get(step.actor);
      if (busy) wrong([], `${step.actor} is still in its ${busy.call} of step ${busy.step}, so it cannot be told to do this`, step.actor);
      if (step.then.has(step.actor)) wrong(['then'], `what comes of ${step.actor}'s own call stands in 'expect'`, step.actor);
      inCall.set(step.actor, { step: number, call: step.call.kind });
    }
    const outcomes = [...step.then].map(([actor, outcome]) => ({ actor, outcome, path: ['then', actor] }));
    if (step.actor !== undefined) outcomes.push({ actor: step.actor, outcome: step.expect ?? { kind: 'returns' }, path: ['expect'] });
    for (const { actor, outcome, path } of outcomes) {
      const doing = inCall.get(actor);
      if (!doing) wrong(['then'], `${actor} is in no call, so nothing can come of it`, actor);
      else if (outcome.kind === 'returns' && outcome.sees !== undefined && !reads.has(doing.call)) wrong(path, `${actor}'s ${doing.call} sees no bytes; pread and load do`);
      if (outcome.kind === 'returns' || outcome.kind === 'fails') inCall.delete(actor);
    }
  });
}

const reads = new Set(['pread', 'load']);
