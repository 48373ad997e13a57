import type { Outcome, Scenario, Step } from '../scenario/types.ts';
import { firstState } from './first-state.ts';
import type { Generation } from './generations.ts';
import { cacheBit } from './io-mode.ts';
import { newId, threadOf, type Machine } from './machine.ts';
import type { ModeOf, StepPrediction } from './prediction.ts';
import { runThreads } from './run-threads.ts';
import { act } from './server-actions.ts';
import { outcomeOf, standingsOf, stands, type ModelStanding } from './standing.ts';
import { opsOf } from './start-call.ts';
import type { ModelState } from './state.ts';

export { firstState } from './first-state.ts';

export interface Played {
  readonly state: ModelState;
  readonly prediction: StepPrediction;
}

/** Plays one step that nothing joins. Pure: the state that is given stays as it is. */
export function play(state: ModelState, step: Step): Played {
  return playBlock(state, [step]);
}

/** What a right kernel makes of every step of a scene; a parallel block has one prediction. */
export function predict(scene: Scenario, generation: Generation): readonly StepPrediction[] {
  let state = firstState(scene, generation);
  return blocksOf(scene.steps).map((block) => {
    const played = playBlock(state, block);
    state = played.state;
    return played.prediction;
  });
}

/** Steps, with those of a parallel block together. */
export function blocksOf(steps: readonly Step[]): readonly (readonly Step[])[] {
  const blocks: Step[][] = [];
  for (const step of steps) {
    const last = blocks.at(-1);
    if (step.joins && last) last.push(step);
    else blocks.push([step]);
  }
  return blocks;
}

/** A block of more steps is tried in its own order and with each step first. */
const mostPermuted = 4;

/**
 * Plays the steps of a parallel block in every order (a larger one with each step first). Where the orders part, each of their outcomes is
 * right, and the model goes on from the order that the scene's own words fit best.
 */
export function playBlock(state: ModelState, block: readonly Step[]): Played {
  const orders = block.length <= mostPermuted ? permutations(block) : block.map((first) => [first, ...block.filter((step) => step !== first)]);
  const all = orders.map((order) => playInOrder(state, { order, expect: block.at(-1)?.expect ?? new Map<string, Outcome>() }));
  const expected = block.at(-1)?.expect ?? new Map<string, Outcome>();
  const [best] = all.map((played) => ({ played, fits: fit(played.prediction, expected) })).sort((a, b) => b.fits - a.fits);
  if (!best) throw new Error('a block without steps');
  if (all.length === 1) return best.played;
  return { state: best.played.state, prediction: merged(best.played.prediction, all.map((one) => one.prediction), block.at(-1)?.number ?? 0) };
}

function fit(prediction: StepPrediction, expected: ReadonlyMap<string, Outcome>): number {
  return [...expected].filter(([actor, outcome]) => prediction.changes.get(actor)?.kind === outcome.kind).length;
}

function merged(best: StepPrediction, all: readonly StepPrediction[], step: number): StepPrediction {
  const changes = new Map<string, Outcome>();
  const undecided = new Set(best.undecided);
  for (const actor of new Set(all.flatMap((one) => [...one.changes.keys()]))) {
    const of = [...new Map(all.map((one) => one.changes.get(actor)).map((outcome) => [JSON.stringify(outcome), outcome])).values()];
    const known = of.filter((outcome) => outcome !== undefined);
    // In some orders nothing becomes of it: then the scene may say so or not.
    if (known.length < of.length) undecided.add(actor);
    const [only] = known;
    if (only && known.length === 1) changes.set(actor, only);
    else if (known.length > 1) changes.set(actor, { kind: 'any', of: known });
  }
  return { ...best, step, changes, undecided };
}

function permutations<T>(items: readonly T[]): T[][] {
  if (items.length <= 1) return [[...items]];
  return items.flatMap((item, index) => permutations([...items.slice(0, index), ...items.slice(index + 1)]).map((rest) => [item, ...rest]));
}

function playInOrder(state: ModelState, given: { readonly order: readonly Step[]; readonly expect: ReadonlyMap<string, Outcome> }): Played {
  const { order, expect } = given;
  const next = structuredClone(state);
  for (const t of Object.values(next.threads)) t.returned = undefined;
  const before = standingsOf(next);
  const m: Machine = { s: next, sent: [], step: order.at(-1)?.number ?? 0 };
  let result: Outcome | 'undecided' | undefined;
  let released: number | undefined;
  const refused: string[] = [];
  const own = new Set<string>();
  for (const step of order) {
    if (step.kind === 'order') {
      own.add(step.actor);
      if (!begin(m, step)) refused.push(step.actor);
      runThreads(m, step.actor);
    } else {
      const done = act(m, step.action);
      result = done.result ?? result;
      if (done.released !== undefined) released = (released ?? 0) + done.released;
      runThreads(m);
    }
  }
  const undecided = takeOver(m, expect);
  for (const actor of refused) undecided.add(actor);
  const after = standingsOf(next);
  const changes = changesOf({ before, after, own });
  const reasons = new Map([...changes.keys()].flatMap((actor): [string, string][] => {
    const why = reasonOf(next, actor);
    return why === '' ? [] : [[actor, why]];
  }));
  const prediction: StepPrediction = {
    step: m.step, changes, undecided, reasons, requests: m.sent, modes: modesOf(next),
    ...(result === undefined || result === 'undecided' ? {} : { result }), ...(released === undefined ? {} : { released }),
  };
  return { state: next, prediction };
}

/** The rule that decided, and what is waited for or went wrong. */
function reasonOf(state: ModelState, actor: string): string {
  const t = state.threads[actor];
  const kind = t?.returned?.kind;
  const why = kind === 'returns' || kind === undefined && t?.wait === undefined ? undefined : t?.why;
  return [t?.rule, why].filter((part) => part !== undefined).join('; ');
}

function begin(m: Machine, step: Extract<Step, { kind: 'order' }>): boolean {
  const t = threadOf(m, step.actor);
  // Who is in a call, on its way out, or not there yet, takes no orders.
  if (t.call || t.killed || t.life !== 'alive') return false;
  t.call = { step: step.number, seq: newId(m), kind: step.call.kind };
  Object.assign(t, { value: undefined, seen: undefined, error: undefined, signal: undefined, why: undefined, rule: undefined, io: undefined, reply: undefined, wait: undefined });
  t.todo = [...opsOf(m, t, step.call)];
  return true;
}

/** Whom the model cannot decide does what the scene says: what it says has ended has. */
function takeOver(m: Machine, expect: ReadonlyMap<string, Outcome>): Set<string> {
  const undecided = new Set<string>();
  for (let again = true; again;) {
    again = false;
    for (const [name, standing] of standingsOf(m.s)) {
      const t = threadOf(m, name);
      if (standing.kind !== 'undecided' || undecided.has(name)) continue;
      undecided.add(name);
      const outcome = expect.get(name);
      if (!outcome || outcome.kind === 'held' || outcome.kind === 'waits' || outcome.kind === 'any') continue;
      t.wait = undefined;
      t.todo.shift();
      if (outcome.kind === 'fails') t.error = outcome.errno;
      else if (outcome.kind === 'raises') Object.assign(t, { signal: outcome.signal, error: outcome.signal });
      else if (outcome.kind === 'returns') t.value = outcome.value;
      t.todo = t.todo.filter((op) => op.always);
      if (t.todo.length === 0) t.todo.push({ do: 'finish', always: true });
      runThreads(m);
      again = true;
    }
  }
  return undecided;
}

function changesOf(given: {
  readonly before: ReadonlyMap<string, ModelStanding>; readonly after: ReadonlyMap<string, ModelStanding>; readonly own: ReadonlySet<string>;
}): Map<string, Outcome> {
  const changes = new Map<string, Outcome>();
  for (const [actor, now] of given.after) {
    const was = given.before.get(actor) ?? { kind: 'idle' };
    if (!given.own.has(actor) && stands(was, now)) continue;
    const outcome = outcomeOf(now);
    if (outcome) changes.set(actor, outcome);
  }
  return changes;
}

function modesOf(state: ModelState): ReadonlyMap<string, ModeOf> {
  return new Map(Object.values(state.inodes).map((inode) => [inode.name, {
    counter: inode.counter, cacheBit: cacheBit(inode), waiters: [...inode.waiters], backing: inode.backing,
  }]));
}
