import type { Op } from './ops.ts';
import type { Io, Thread } from './state.ts';

/** A thread that is no actor's: io_uring's worker, or the server's own that notifies the kernel. It ends with its last move. */
export function workerThread(given: { readonly name: string; readonly process: string; readonly todo: readonly Op[]; readonly io?: Io }): Thread {
  return {
    name: given.name, process: given.process, worker: true, life: 'alive', call: undefined, todo: [...given.todo], wait: undefined, request: undefined,
    reply: undefined, io: given.io, value: undefined, seen: undefined, error: undefined, signal: undefined, why: undefined, rule: undefined,
    killed: false, returned: undefined,
  };
}
