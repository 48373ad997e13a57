import type { Outcome, Scenario, Step } from '../scenario/types.ts';
import { agrees, leavesOpen } from './agree.ts';
import type { Generation } from './generations.ts';
import { isDax } from './is-dax.ts';
import { blocksOf, predict } from './play.ts';
import type { StepPrediction } from './prediction.ts';

/** The generation that scenes are written for; what they say is held against its model by the check. */
export const writtenFor = '6.12.64';

/**
 * The scene as a kernel of this generation must play it: what its author wrote, and the model's word wherever that generation does
 * otherwise. Where the model cannot decide, the scene's word stands.
 */
export function sceneFor(scene: Scenario, generation: Generation): Scenario {
  if (generation.name === writtenFor || isDax(scene)) return scene;
  const predictions = predict(scene, generation);
  const steps = blocksOf(scene.steps).flatMap((block, index) => {
    const prediction = predictions[index];
    return prediction ? [...block.slice(0, -1), ...block.slice(-1).map((step) => stepFor(step, prediction))] : block;
  });
  return { ...scene, steps };
}

function stepFor(step: Step, prediction: StepPrediction): Step {
  const expect = new Map<string, Outcome>();
  for (const actor of new Set([...step.expect.keys(), ...prediction.changes.keys()])) {
    const said = step.expect.get(actor);
    const predicted = prediction.changes.get(actor);
    if (prediction.undecided.has(actor)) {
      if (said) expect.set(actor, said);
    } else if (predicted) {
      expect.set(actor, said && agrees(said, predicted) ? said : predicted);
    } else if (said && leavesOpen(said)) {
      expect.set(actor, said);
    }
  }
  const came = (opcode: string): number => prediction.requests.filter((request) => request.opcode === opcode).length;
  const arrives = step.arrives && prediction.undecided.size === 0 ? new Map([...step.arrives.keys()].map((opcode) => [opcode, came(opcode)])) : step.arrives;
  const common = { expect, ...(arrives === undefined ? {} : { arrives }) };
  if (step.kind === 'order') return { ...step, ...common };
  const result = step.result && prediction.result && !agrees(step.result, prediction.result) ? prediction.result : step.result;
  return { ...step, ...common, ...(result === undefined ? {} : { result }) };
}
