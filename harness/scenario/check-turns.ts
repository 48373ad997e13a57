import type { z } from 'zod';
import { blocksOf, type Block, type NumberedStep, type Wrong } from './flatten-steps.ts';
import type { Named } from './named.ts';
import { choicesOf } from './outcome-schema.ts';
import { ownOutcome } from './own-outcome.ts';
import type { Call, Outcome } from './types.ts';

/** Where everybody is between two steps, as far as the scene says. */
interface Turns {
  /** Who is in a call; `perhaps` where the scene leaves that open. */
  readonly inCall: Map<string, { readonly step: number; readonly call: Call; readonly perhaps: boolean }>;
  /** Processes that were ended, and in which step. */
  readonly ended: Map<string, number>;
  readonly processOf: (actor: string) => string;
  /** The step that killed the server. */
  died?: number;
}

/**
 * A scene says after every step how things stand, so it can be seen beforehand that an order goes to an actor that is still in a
 * call, or gone, that a step waits for somebody who is in none, and that bytes are to be seen by a call that reads none.
 */
export function checkTurns(scene: Named, context: z.core.$RefinementCtx): void {
  const turns: Turns = { inCall: new Map(), ended: new Map(), processOf: (actor) => (Object.hasOwn(scene.actors, actor) ? (scene.actors[actor]?.process ?? actor) : actor) };
  const wrong: Wrong = (path, message, key) => {
    context.issues.push({ code: 'custom', input: scene, path: [...path], message, ...(key === undefined ? {} : { params: { key } }) });
  };
  for (const block of blocksOf(scene.steps)) {
    const acting = new Map<string, number>();
    for (const step of block.steps) {
      checkOrder(turns, { step, block, acting, wrong });
      checkAction(turns, { step, wrong });
    }
    checkOutcomes(turns, { block, wrong });
  }
}

function checkOrder(turns: Turns, given: { readonly step: NumberedStep; readonly block: Block; readonly acting: Map<string, number>; readonly wrong: Wrong }): void {
  const { step, block, acting, wrong } = given;
  const { actor, call, number, path } = step;
  if (actor === undefined || !call) return;
  const busy = turns.inCall.get(actor);
  const twice = acting.get(actor);
  const ended = turns.ended.get(turns.processOf(actor));
  if (ended !== undefined) wrong(path, `${actor} is gone since step ${ended}`, actor);
  else if (twice !== undefined) wrong(path, `${actor} acts in step ${twice} of this block already, and may still be in that call`, actor);
  else if (busy && !busy.perhaps) wrong(path, `${actor} is still in its ${busy.call.kind} of step ${busy.step}, so it cannot be told to do this`, actor);
  if (block.then.has(actor)) wrong([...block.path, 'then'], `what comes of ${actor}'s own call stands in 'expect'`, actor);
  acting.set(actor, number);
  turns.inCall.set(actor, { step: number, call, perhaps: false });
  if (call.kind === 'exit' && ended === undefined) turns.ended.set(turns.processOf(actor), number);
}

/** What a dead server can still be asked is nothing; the stage goes on. */
const ofTheStage: ReadonlySet<string> = new Set(['kill', 'drop-caches', 'abort']);

function checkAction(turns: Turns, given: { readonly step: NumberedStep; readonly wrong: Wrong }): void {
  const { action, number, path } = given.step;
  if (!action) return;
  if (turns.died !== undefined && !ofTheStage.has(action.kind)) given.wrong(path, `the server is dead since step ${turns.died}`, action.kind);
  if (action.kind === 'die') turns.died ??= number;
  if (action.kind !== 'kill') return;
  const process = turns.processOf(action.actor);
  const ended = turns.ended.get(process);
  const lingers = [...turns.inCall.keys()].some((actor) => turns.processOf(actor) === process);
  if (ended !== undefined && !lingers) given.wrong([...path, 'kill'], `${action.actor} is gone since step ${ended}`);
  else if (ended === undefined && action.signal !== 'USR1') turns.ended.set(process, number);
}

const freeing: ReadonlySet<string> = new Set(['returns', 'fails', 'raises', 'ends', 'idle']);

function checkOutcomes(turns: Turns, given: { readonly block: Block; readonly wrong: Wrong }): void {
  const { block, wrong } = given;
  const outcomes: { readonly actor: string; readonly outcome: Outcome; readonly path: readonly (string | number)[]; readonly keyed: readonly (string | number)[] }[] =
    [...block.then].map(([actor, outcome]) => ({ actor, outcome, path: [...block.path, 'then', actor], keyed: [...block.path, 'then'] }));
  for (const step of block.steps) {
    const acts = step.actor !== undefined && turns.inCall.get(step.actor)?.step === step.number;
    if (step.actor !== undefined && (acts || !step.call)) outcomes.push({ actor: step.actor, outcome: ownOutcome(step.call, step.expect), path: [...step.path, 'expect'], keyed: [...step.path, 'then'] });
  }
  for (const { actor, outcome, path, keyed } of outcomes) {
    const doing = turns.inCall.get(actor);
    const choices = choicesOf(outcome);
    if (!doing) wrong(keyed, `${actor} is in no call, so nothing can come of it`, actor);
    else if (choices.some((one) => one.kind === 'returns' && one.sees !== undefined) && !reads(doing.call)) wrong(path, `${actor}'s ${doing.call.kind} sees no bytes; ${readers.join(', ')} do`);
    else if (choices.some((one) => one.kind === 'ends') && !turns.ended.has(turns.processOf(actor))) wrong(path, `nothing has ended ${actor}'s process; exit and kill do`);
    const free = choices.filter((one) => freeing.has(one.kind)).length;
    if (free === choices.length) turns.inCall.delete(actor);
    else if (doing) turns.inCall.set(actor, { ...doing, perhaps: free > 0 });
  }
}

const readers = ['pread', 'read', 'load', 'sendfile', 'splice', 'reap'] as const;

function reads(call: Call): boolean {
  return (readers as readonly string[]).includes(call.kind);
}
