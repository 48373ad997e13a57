import { printable } from '../printable.ts';
import type { Actor, Measure, OrderStep, Scenario, Step } from '../scenario/types.ts';
import { findGeneration } from './generations.ts';
import { writtenFor } from './scene-for.ts';
import { fileName, onFilesOf, Script } from './script.ts';

/** The actor that is multiplied. */
const many = 'w';

/**
 * A scene that measures, as one without: in every io mode, and with every number of writers, its steps are played `repeat` times on files
 * of their own, each step marked with what it measures and with the model's word for what it comes to. Another scene stays as it is.
 * @throws Error in words for its author: the model cannot decide a step
 */
export function expandMeasure(scene: Scenario): Scenario {
  const { measure, ...rest } = scene;
  if (!measure) return scene;
  const generation = findGeneration(writtenFor);
  if (!generation) throw new Error(`there is no generation ${writtenFor}`);
  const rounds = roundsOf(measure);
  const files = rounds.flatMap(({ flags }, round) => scene.files.map((file) => ({ ...file, name: fileName(file.name, round), open: flags })));
  const whole: Scenario = { ...rest, files, actors: multiplied(scene.actors, rounds), steps: [], measure };
  const script = new Script(whole, generation);
  for (const [round, { mode, writers }] of rounds.entries()) {
    const named = operations(scene.steps);
    for (let time = 1; time <= measure.repeat; time++) {
      script.label = `${printable(mode, 40)}${measure.writers === undefined ? '' : `, ${writers} at once`}, ${time} of ${measure.repeat}`;
      for (const [index, step] of scene.steps.entries()) {
        script.add(...together(onFilesOf(step, round), writers).map((one) => ({ ...one, measured: { operation: named[index] ?? '', mode, writers } })));
      }
      script.leave();
    }
  }
  return { ...whole, steps: script.steps };
}

interface Round {
  readonly mode: string;
  readonly flags: number;
  readonly writers: number;
}

function roundsOf(measure: Measure): Round[] {
  return [...measure.modes].flatMap(([mode, flags]) => (measure.writers ?? [1]).map((writers) => ({ mode, flags, writers })));
}

function multiplied(actors: readonly Actor[], rounds: readonly Round[]): Actor[] {
  const most = Math.max(...rounds.map(({ writers }) => writers));
  return actors.flatMap((actor) => (actor.name !== many ? [actor] : Array.from({ length: most }, (_, index) => ({ ...actor, name: numbered(index), process: numbered(index) }))));
}

const numbered = (index: number): string => (index === 0 ? many : `${many}${index + 1}`);

/** The step of `w` as so many actors do it at once, each at a place of its own. */
function together(step: Step, writers: number): Step[] {
  if (step.kind !== 'order' || step.actor !== many) return [step];
  return Array.from({ length: writers }, (_, index) => ({ ...step, actor: numbered(index), call: moved(step.call, index) }));
}

function moved(call: OrderStep['call'], index: number): OrderStep['call'] {
  return 'at' in call && 'bytes' in call && call.at !== undefined && call.bytes !== undefined ? { ...call, at: call.at + index * call.bytes } : call;
}

function operations(steps: readonly Step[]): string[] {
  const seen = new Map<string, number>();
  return steps.map((step) => {
    const kind = step.kind === 'order' ? step.call.kind : step.action.kind;
    const times = (seen.get(kind) ?? 0) + 1;
    seen.set(kind, times);
    return times === 1 ? kind : `${kind} ${times}`;
  });
}
