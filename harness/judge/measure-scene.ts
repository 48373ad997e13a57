import type { Scenario, Step } from '../scenario/types.ts';
import { parseTrace, type TraceEvent } from './parse-trace.ts';

/** How long an operation took in an io mode, each time that it was done. */
export interface Measurement {
  /** A call, with its number where it is not the only one of its kind: `load 2`. */
  readonly operation: string;
  readonly mode: string;
  /** How many did it at once. */
  readonly writers: number;
  /** Virtual nanoseconds, in the order of the rounds. A call's own; of several at once from the first call to the last return. */
  readonly ns: readonly number[];
  /** What all of them together moved, where they moved bytes. */
  readonly bytes?: number;
}

/**
 * What a scene with `measure` measured, in the order of its steps; nothing of another. A guest in virtual time counts an instruction as a
 * nanosecond (QEMU docs/devel/tcg-icount.rst, shift=0) and skips sleeps, so of a call that nobody sleeps in they are instructions too: those of
 * kernel, server and caller, and of nobody else.
 */
export function measureScene(scene: Scenario, trace: string): Measurement[] {
  if (!scene.measure) return [];
  const { events } = parseTrace(trace);
  const found = new Map<string, Measurement & { ns: number[] }>();
  for (const block of blocksOf(scene.steps)) {
    const [step] = block;
    if (step?.kind !== 'order' || !step.measured) continue;
    const ns = durationOf(events, { block, together: scene.measure.writers !== undefined });
    if (ns === undefined) continue;
    const key = JSON.stringify(step.measured);
    const bytes = bytesOf(block);
    const entry = found.get(key) ?? { ...step.measured, ns: [], ...(bytes === 0 ? {} : { bytes }) };
    entry.ns.push(ns);
    found.set(key, entry);
  }
  return [...found.values()];
}

function blocksOf(steps: readonly Step[]): Step[][] {
  const blocks: Step[][] = [];
  for (const step of steps) {
    if (step.joins) blocks.at(-1)?.push(step);
    else blocks.push([step]);
  }
  return blocks;
}

function durationOf(events: readonly TraceEvent[], given: { readonly block: readonly Step[]; readonly together: boolean }): number | undefined {
  const numbers = new Set(given.block.map(({ number }) => number));
  const returns = events.flatMap((event) => (event.e === 'return' && numbers.has(event.step) ? [event] : []));
  if (returns.length !== given.block.length) return undefined;
  if (!given.together) return returns[0]?.ns;
  const calls = events.flatMap((event) => (event.e === 'call' && numbers.has(event.step) ? [event.t] : []));
  return Math.max(...returns.map(({ t }) => t)) - Math.min(...calls);
}

function bytesOf(block: readonly Step[]): number {
  return block.reduce((sum, step) => sum + (step.kind === 'order' && 'bytes' in step.call && typeof step.call.bytes === 'number' ? step.call.bytes : 0), 0);
}
