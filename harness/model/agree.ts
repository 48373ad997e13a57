import { places } from '../scenario/places.ts';
import type { Outcome, Scenario, Step } from '../scenario/types.ts';
import type { Generation } from './generations.ts';
import { isDax } from './is-dax.ts';
import { blocksOf, predict } from './play.ts';
import type { StepPrediction } from './prediction.ts';

/** Where a scene and the model part. */
export interface Disagreement {
  readonly step: number;
  readonly actor?: string;
  readonly message: string;
}

/**
 * Holds what a scene says of its steps against what the model predicts. The scene may say less: any `returns` agrees with one that
 * says what it returns. Whoever changes and is not named disagrees, and whoever is named and does not change.
 */
export function disagreements(scene: Scenario, generation: Generation): readonly Disagreement[] {
  if (isDax(scene)) return [];
  const predictions = predict(scene, generation);
  return blocksOf(scene.steps).flatMap((block, index) => {
    const prediction = predictions[index];
    return prediction ? checkBlock(block, prediction, generation) : [];
  });
}

function checkBlock(block: readonly Step[], prediction: StepPrediction, generation: Generation): Disagreement[] {
  const last = block.at(-1);
  if (!last) return [];
  const found: Disagreement[] = [];
  const part = (what: string, actor?: string): void => {
    const why = actor === undefined ? undefined : prediction.reasons.get(actor);
    const message = `step ${last.number}: ${what}${why === undefined ? '' : `: ${why}`}`;
    found.push({ step: last.number, message, ...(actor === undefined ? {} : { actor }) });
  };
  const model = `the model (${generation.name})`;
  for (const [actor, said] of last.expect) {
    const predicted = prediction.changes.get(actor);
    if (prediction.undecided.has(actor)) continue;
    const subject = subjectOf(actor, block);
    if (!predicted && leavesOpen(said)) continue;
    if (!predicted) part(`the scene says ${subject} ${inWords(said)}, ${model} says nothing becomes of it`, actor);
    else if (!agrees(said, predicted)) part(`the scene says ${subject} ${inWords(said)}, ${model} says it ${inWords(predicted)}`, actor);
  }
  for (const [actor, predicted] of prediction.changes) {
    if (last.expect.has(actor) || prediction.undecided.has(actor)) continue;
    part(`the scene says nothing of ${actor}, ${model} says it ${inWords(predicted)}`, actor);
  }
  for (const [opcode, count] of last.arrives ?? []) {
    const came = prediction.requests.filter((request) => request.opcode === opcode).length;
    if (came !== count && prediction.undecided.size === 0) part(`the scene says that ${count} ${opcode} arrive, ${model} says ${came}`);
  }
  if (last.kind === 'server' && last.action.kind === 'release' && block.length === 1 && prediction.undecided.size === 0) {
    const { count = 1 } = last.action;
    if ((prediction.released ?? 0) < count) part(`the scene releases ${last.action.count ?? 'what is parked'}, ${model} says that ${prediction.released ?? 0} requests match`);
  }
  const said = last.kind === 'server' ? last.result : undefined;
  if (said && prediction.result && !agrees(said, prediction.result)) part(`the scene says its result ${inWords(said)}, ${model} says it ${inWords(prediction.result)}`);
  return found;
}

/** Whether a scene leaves open that nothing becomes of somebody: he may have returned before, or stand as he stood. */
export function leavesOpen(said: Outcome): boolean {
  return said.kind === 'any' && said.of.some((one) => one.kind === 'idle' || one.kind === 'held' || one.kind === 'waits');
}

/** Whether what a scene says leaves room for what the model says, which may itself leave several open. */
export function agrees(said: Outcome, predicted: Outcome): boolean {
  if (predicted.kind === 'any') return predicted.of.every((one) => agrees(said, one)) || (said.kind !== 'any' && predicted.of.some((one) => agrees(said, one)));
  if (said.kind === 'any') return said.of.some((one) => agrees(one, predicted));
  switch (said.kind) {
    case 'returns':
      return predicted.kind === 'returns' && (said.value === undefined || predicted.value === undefined || said.value === predicted.value)
        && (said.sees === undefined || predicted.sees === undefined || seen(said.sees, said.value ?? predicted.value) === predicted.sees);
    case 'fails':
      return predicted.kind === 'fails' && predicted.errno === said.errno;
    case 'raises':
      return predicted.kind === 'raises' && bare(predicted.signal) === bare(said.signal);
    case 'waits':
      return predicted.kind === 'waits' && samePlace(said.where, predicted.where);
    case 'held':
    case 'ends':
    case 'idle':
      return predicted.kind === said.kind;
  }
}

/** `A` for all bytes is `A*4096`. */
function seen(sees: string, bytes: number | undefined): string {
  if (sees.includes('*')) return sees;
  return bytes === 0 ? '' : `${sees}*${bytes ?? 0}`;
}

const bare = (signal: string): string => signal.replace(/^SIG/, '');

/** A scene that says only `waits` means any place but an answer's; a kernel function is taken at its word. */
function samePlace(said: string | undefined, predicted: string | undefined): boolean {
  if (said === undefined) return predicted !== 'server';
  if (predicted === undefined || !Object.hasOwn(places, said)) return true;
  return said === predicted;
}

function subjectOf(actor: string, block: readonly Step[]): string {
  const step = block.find((one) => one.kind === 'order' && one.actor === actor);
  return step?.kind === 'order' ? `${actor}'s ${step.call.kind}` : actor;
}

/** An outcome as the end of "it …". */
export function inWords(outcome: Outcome): string {
  switch (outcome.kind) {
    case 'returns': {
      const value = outcome.value === undefined ? '' : ` ${outcome.value}`;
      return `returns${value}${outcome.sees === undefined ? '' : ` and sees ${outcome.sees}`}`;
    }
    case 'fails':
      return `fails with ${outcome.errno}`;
    case 'raises':
      return `raises SIG${bare(outcome.signal)}`;
    case 'held':
      return 'is held';
    case 'waits':
      return outcome.where === undefined ? 'waits in the kernel' : `waits for ${Object.hasOwn(places, outcome.where) ? places[outcome.where]?.meaning ?? outcome.where : outcome.where}`;
    case 'ends':
      return 'ends';
    case 'idle':
      return 'is in no call';
    case 'any':
      return outcome.of.map(inWords).join(', or ');
  }
}
