import type { Actor, RequestMatch, Scenario, SceneFile, ServerAction, Step } from '../scenario/types.ts';
import { firstState } from './first-state.ts';
import { findGeneration, type Generation } from './generations.ts';
import { ordersOf } from './orders.ts';
import { playBlock } from './play.ts';
import type { StepPrediction } from './prediction.ts';
import { rules, type Witness } from './rules.ts';
import { writtenFor } from './scene-for.ts';
import type { ModelState } from './state.ts';

/** What one clone plays: some half a second of wall time. */
const mostStepsOfPart = 100;
/** More say nothing new, and make a scene slow. */
const mostOrders = 100;
/** Requests that are counted after every step. */
const counted = ['OPEN', 'READ', 'WRITE', 'FLUSH', 'RELEASE'] as const;

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

/** Steps as they are added, each with what the model says of it. */
class Script {
  readonly steps: Step[] = [];
  label = '';
  private state: ModelState;
  private readonly held: RequestMatch[] = [];
  private readonly opened = new Map<string, Actor>();
  private readonly mapped = new Map<string, Actor>();
  private readonly scene: Scenario;

  constructor(scene: Scenario, generation: Generation) {
    this.scene = scene;
    this.state = firstState(scene, generation);
  }

  add(step: Step): void {
    const played = playBlock(this.state, [bare(step, this.steps.length + 1)]);
    const { undecided } = played.prediction;
    if (undecided.size > 0) throw new Error(`${this.label}: the model cannot say what becomes of ${[...undecided].join(', ')} in '${nameOfStep(step)}'`);
    this.state = played.state;
    this.steps.push(withPrediction(bare(step, this.steps.length + 1), { prediction: played.prediction, label: this.label }));
    this.follow(step, played.prediction);
  }

  /** Lets everything go: nothing held, nothing mapped, nothing open, so that the next order begins as the first. */
  leave(): void {
    for (const match of this.held.splice(0)) this.add(server({ kind: 'unhold', match }));
    const release = server({ kind: 'release', match: {} });
    while ((playBlock(this.state, [bare(release, 0)]).prediction.released ?? 0) > 0) this.add(release);
    for (const [key, actor] of [...this.mapped]) this.add(order(actor.name, { kind: 'munmap', mapping: nameIn(key) }));
    for (const [key, actor] of [...this.opened]) this.add(order(actor.name, { kind: 'close', handle: nameIn(key) }));
  }

  private follow(step: Step, prediction: StepPrediction): void {
    if (step.kind === 'server') {
      if (step.action.kind === 'hold') this.held.push(step.action.match);
      return;
    }
    const actor = this.scene.actors.find(({ name }) => name === step.actor);
    if (!actor) return;
    const { call } = step;
    // A call that waits now may return in a later step; only a failure makes nothing.
    if (prediction.changes.get(step.actor)?.kind === 'fails') return;
    if (call.kind === 'open') this.opened.set(`${actor.process} ${call.handle}`, actor);
    if (call.kind === 'close') this.opened.delete(`${actor.process} ${call.handle}`);
    if (call.kind === 'mmap') this.mapped.set(`${actor.process} ${call.mapping}`, actor);
    if (call.kind === 'munmap') this.mapped.delete(`${actor.process} ${call.mapping}`);
  }
}

function withPrediction(step: Step, given: { readonly prediction: StepPrediction; readonly label: string }): Step {
  const { prediction, label } = given;
  const arrives = new Map(counted.map((opcode) => [opcode, prediction.requests.filter((request) => request.opcode === opcode).length]));
  return { ...step, expect: prediction.changes, arrives, label };
}

/** The step alone, with a number: what its author said of it is the model's to say here. */
function bare(step: Step, number: number): Step {
  const common = { number, joins: false, expect: new Map() };
  return step.kind === 'order' ? { ...common, kind: 'order', actor: step.actor, call: step.call } : {
    ...common, kind: 'server', action: step.action, ...(step.result === undefined ? {} : { result: step.result }),
  };
}

function order(actor: string, call: Extract<Step, { kind: 'order' }>['call']): Step {
  return { kind: 'order', number: 0, joins: false, expect: new Map(), actor, call };
}

function server(action: ServerAction): Step {
  return { kind: 'server', number: 0, joins: false, expect: new Map(), action };
}

/** The first order plays on the files as they are named. */
function fileName(name: SceneFile['name'], order: number): string {
  return order === 0 ? name : `${name}-${order + 1}`;
}

function onFilesOf(step: Step, order: number): Step {
  if (step.kind === 'order') {
    const { call } = step;
    return call.kind === 'open' || call.kind === 'truncate' ? { ...step, call: { ...call, file: fileName(call.file, order) } } : step;
  }
  const { action } = step;
  if ('match' in action && action.match.file !== undefined) {
    return { ...step, action: { ...action, match: { ...action.match, file: fileName(action.match.file, order) } } };
  }
  if ('file' in action && action.file !== undefined) return { ...step, action: { ...action, file: fileName(action.file, order) } };
  return step;
}

const nameIn = (key: string): string => key.slice(key.indexOf(' ') + 1);

function nameOfStep(step: Step): string {
  if (step.kind === 'order') return `${step.actor} ${step.call.kind}`;
  return step.action.kind === 'release' && step.action.match.by !== undefined ? `release ${step.action.match.by}` : step.action.kind;
}
