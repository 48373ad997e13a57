import type { Generation } from '../model/generations.ts';
import { rules, type Witness } from '../model/rules.ts';
import { sleepsAt, type Sleep } from '../scenario/places.ts';
import type { Scenario } from '../scenario/types.ts';
import type { TraceEvent } from './parse-trace.ts';

/**
 * The first rule that a scene says it protects and its trace never tried, in words; undefined when every witness is there. A scene that
 * passed without its witness has proven nothing.
 */
export function missingWitness(scene: Scenario, events: readonly TraceEvent[], generation?: Generation): string | undefined {
  const seen = new Map<Witness, boolean>();
  for (const id of scene.covers) {
    const rule = rules.get(id);
    const witness = rule?.witness;
    const holds = rule?.when === undefined || generation === undefined || generation[rule.when] === true;
    if (witness === undefined || !holds) continue;
    if (!seen.has(witness)) seen.set(witness, finders[witness](events));
    if (seen.get(witness) === false) return `it says that it protects ${id}, and ${lacks[witness]}`;
  }
  return undefined;
}

const lacks: Readonly<Record<Witness, string>> = {
  'mode-wait': 'nobody ever waited for caching mode',
  'lock-wait': 'nobody ever waited for the inode lock',
  'writes-meet': 'no two direct writes of an inode were ever at the server at once',
  'write-back': 'nothing was ever written back from the page cache',
  backing: 'the kernel never took a backing file',
  refused: 'no open was ever refused with EIO',
};

const finders: Readonly<Record<Witness, (events: readonly TraceEvent[]) => boolean>> = {
  'mode-wait': (events) => events.some((event) => event.e === 'sleep' && sleepsAt(sleepOf(event), 'io-mode')),
  'lock-wait': (events) => events.some((event) => event.e === 'sleep' && sleepsAt(sleepOf(event), 'inode-lock')),
  'writes-meet': writesMeet,
  'write-back': (events) => events.some((event) => event.e === 'arrive' && event.op === 'WRITE' && event.cached === 1),
  backing: (events) => events.some((event) => event.e === 'backing' && event.ret > 0),
  refused: (events) => events.some((event) => event.e === 'return' && event.call === 'open' && event.errno === 'EIO'),
};

function sleepOf(event: Extract<TraceEvent, { readonly e: 'sleep' | 'died' | 'stuck' }>): Sleep {
  return { state: event.state ?? '?', in: event.in, stack: event.stack.split(' ').filter(Boolean) };
}

function writesMeet(events: readonly TraceEvent[]): boolean {
  const atServer = new Map<number, number>();
  for (const event of events) {
    if (event.e === 'reply') atServer.delete(event.req);
    if (event.e !== 'arrive' || event.op !== 'WRITE' || event.cached === 1) continue;
    if ([...atServer.values()].includes(event.ino)) return true;
    atServer.set(event.req, event.ino);
  }
  return false;
}
