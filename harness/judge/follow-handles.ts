import type { Call, Scenario } from '../scenario/types.ts';
import type { TraceEvent } from './parse-trace.ts';

/** Which open file of the server each name of a process is. */
export interface Handles {
  readonly see: (event: TraceEvent) => void;
  /** The server's handle behind a name, where it is known. */
  readonly of: (actor: string, name: string) => number | undefined;
}

/** Follows the open files of every process through a trace: open gives one, dup and fork share it, close takes it back. */
export function followHandles(scene: Scenario): Handles {
  const known = new Map<string, number>();
  const opening = new Map<string, number>();
  const processOf = (name: string): string => scene.actors.find((actor) => actor.name === name)?.process ?? name;
  const keyOf = (actor: string, name: string): string => `${processOf(actor)} ${name}`;
  const set = (key: string, handle: number | undefined): void => void (handle === undefined ? known.delete(key) : known.set(key, handle));
  const returned = (actor: string, call: Call): void => {
    if (call.kind === 'open') set(keyOf(actor, call.handle), opening.get(actor));
    if (call.kind === 'dup') set(keyOf(actor, call.copy), known.get(keyOf(actor, call.handle)));
    if (call.kind === 'close') known.delete(keyOf(actor, call.handle));
  };
  const inherit = (parent: string, child: string): void => {
    const prefix = `${processOf(parent)} `;
    for (const [key, handle] of [...known]) if (key.startsWith(prefix)) known.set(`${processOf(child)} ${key.slice(prefix.length)}`, handle);
  };
  return {
    see: (event) => {
      const step = event.e === 'call' || event.e === 'return' ? scene.steps[event.step - 1] : undefined;
      const call = step?.kind === 'order' ? step.call : undefined;
      if (event.e === 'call') {
        opening.delete(event.who);
        if (call?.kind === 'open') known.delete(keyOf(event.who, call.handle));
        if (call?.kind === 'fork') inherit(event.who, call.child);
      }
      if (event.e === 'opened' && event.by !== undefined) opening.set(event.by, event.fh);
      if (event.e === 'return' && call && event.ret >= 0) returned(event.who, call);
    },
    of: (actor, name) => known.get(keyOf(actor, name)),
  };
}
