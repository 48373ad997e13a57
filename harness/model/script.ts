import type { Actor, RequestMatch, Scenario, SceneFile, ServerAction, Step } from '../scenario/types.ts';
import { firstState } from './first-state.ts';
import type { Generation } from './generations.ts';
import { playBlock } from './play.ts';
import type { StepPrediction } from './prediction.ts';
import type { ModelState } from './state.ts';

/** Requests that are counted after every step. */
const counted = ['OPEN', 'READ', 'WRITE', 'FLUSH', 'RELEASE'] as const;

/** Steps as they are added, each with what the model says of it. */
export class Script {
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

  /** Adds steps that are taken at once: the last of them says what all have come to. */
  add(...together: readonly Step[]): void {
    const steps = together.map((step, index) => ({ ...bare(step, this.steps.length + 1 + index), joins: index > 0 }));
    const played = playBlock(this.state, steps);
    const { undecided } = played.prediction;
    if (undecided.size > 0) throw new Error(`${this.label}: the model cannot say what becomes of ${[...undecided].join(', ')} in '${together.map(nameOfStep).join(', ')}'`);
    this.state = played.state;
    const last = steps.length - 1;
    this.steps.push(...steps.map((step, index) => (index === last ? withPrediction(step, { prediction: played.prediction, label: this.label }) : { ...step, label: this.label })));
    for (const step of together) this.follow(step, played.prediction);
  }

  /** Lets everything go: nothing held, nothing mapped, nothing open, so that the next round begins as the first. */
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
  const common = { number, joins: false, expect: new Map(), ...(step.measured === undefined ? {} : { measured: step.measured }) };
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

/** The name that a file has in the n-th round (from 0): the first plays on the files as they are named. */
export function fileName(name: SceneFile['name'], round: number): string {
  return round === 0 ? name : `${name}-${round + 1}`;
}

/** The step on the files of the n-th round. */
export function onFilesOf(step: Step, round: number): Step {
  if (step.kind === 'order') {
    const { call } = step;
    return call.kind === 'open' || call.kind === 'truncate' ? { ...step, call: { ...call, file: fileName(call.file, round) } } : step;
  }
  const { action } = step;
  if ('match' in action && action.match.file !== undefined) {
    return { ...step, action: { ...action, match: { ...action.match, file: fileName(action.match.file, round) } } };
  }
  if ('file' in action && action.file !== undefined) return { ...step, action: { ...action, file: fileName(action.file, round) } };
  return step;
}

const nameIn = (key: string): string => key.slice(key.indexOf(' ') + 1);

/** What a step is called in a sentence. */
export function nameOfStep(step: Step): string {
  if (step.kind === 'order') return `${step.actor} ${step.call.kind}`;
  return step.action.kind === 'release' && step.action.match.by !== undefined ? `release ${step.action.match.by}` : step.action.kind;
}
