import type { Scenario, Step } from '../scenario/types.ts';
import { findGeneration, type Generation } from './generations.ts';
import { ordersOf } from './orders.ts';
import { rules, type Witness } from './rules.ts';
import { writtenFor } from './scene-for.ts';
import { fileName, nameOfStep, onFilesOf, Script } from './script.ts';

/** What one clone plays: some half a second of wall time. */
const mostStepsOfPart = 100;
/** More say nothing new, and make a scene slow. */
const mostOrders = 100;

/**
 * A scene with sessions as scenes without: their steps in every order that makes a difference (each transition of the graph of what the model
 * can be in is taken once at least), each order on files of its own, and with the model's word for what every step comes to. Many orders
 * are several scenes, `name.1`, `name.2` and so on. A scene without sessions stays as it is.
 * @throws Error in words for its author: the model cannot decide a step, or there are too many orders
 */
export function expandOrders(scene: Scenario): readonly Scenario[] {
  if (!scene.sessions) return [scene];
  const generation = findGeneration(writtenFor);
  if (!generation) throw new Error(`there is no generation ${writtenFor}`);
  const { paths, cut } = ordersOf({ setup: scene.steps, sessions: scene.sessions, scene, generation, mostPaths: mostOrders, needsParked: true });
  if (cut) throw new Error(`its sessions have more than ${mostOrders} orders that make a difference; take steps out of a session`);
  const labelled = paths.map((path, order) => ({ path, label: `order ${order + 1} of ${paths.length}: ${path.map(nameOfStep).join(', ')}` }));
  // What an order opens, it closes.
  const parts = inParts(labelled, ({ path }) => path.length + 2 * scene.steps.length);
  return parts.map((part, index) => partOf(scene, { generation, orders: part, name: parts.length === 1 ? scene.name : `${scene.name}.${index + 1}` }));
}

/** The scene that a part of its orders belongs to. */
export function wholeOf(name: string): string {
  return name.replace(/\.\d+$/, '');
}

interface Order {
  readonly path: readonly Step[];
  readonly label: string;
}

function inParts(orders: readonly Order[], stepsOf: (order: Order) => number): Order[][] {
  const parts: Order[][] = [];
  let steps = Infinity;
  for (const order of orders) {
    steps += stepsOf(order);
    const last = parts.at(-1);
    if (last && steps <= mostStepsOfPart) {
      last.push(order);
    } else {
      parts.push([order]);
      steps = stepsOf(order);
    }
  }
  return parts;
}

function partOf(scene: Scenario, given: { readonly generation: Generation; readonly orders: readonly Order[]; readonly name: string }): Scenario {
  const { orders } = given;
  const { file, protects, source, covers, needs, server: negotiated, actors } = scene;
  const files = orders.flatMap((_, order) => scene.files.map((one) => ({ ...one, name: fileName(one.name, order) })));
  const part: Scenario = { name: given.name, file, protects, source, covers, needs, server: negotiated, files, actors, steps: [] };
  const script = new Script(part, given.generation);
  for (const [order, { path, label }] of orders.entries()) {
    script.label = label;
    for (const step of [...scene.steps, ...path]) script.add(onFilesOf(step, order));
    script.leave();
  }
  const shown = witnessesOf(script.steps);
  return { ...part, steps: script.steps, covers: covers.filter((id) => shown.has(rules.get(id)?.witness)) };
}

/** What orders must show, by the model's word: a rule whose witness none of a part's orders shows is protected by another part. */
function witnessesOf(steps: readonly Step[]): ReadonlySet<Witness | undefined> {
  const shown = new Set<Witness | undefined>([undefined]);
  const held = new Set<string>();
  for (const step of steps) {
    for (const [actor, outcome] of step.expect) {
      if (outcome.kind === 'waits' && outcome.where === 'io-mode') shown.add('mode-wait');
      if (outcome.kind === 'waits' && outcome.where === 'inode-lock') shown.add('lock-wait');
      if (outcome.kind === 'held') held.add(actor);
      else held.delete(actor);
    }
    if (held.size > 1) shown.add('writes-meet');
  }
  return shown;
}
