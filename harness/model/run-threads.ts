import type { Handlers, Machine } from './machine.ts';
import { attributeMoves } from './moves-attributes.ts';
import { cachedMoves } from './moves-cached.ts';
import { directMoves } from './moves-direct.ts';
import { inodeMoves } from './moves-inode.ts';
import { lockMoves } from './moves-locks.ts';
import { memoryMoves } from './moves-memory.ts';
import { openMoves } from './moves-open.ts';
import { pageMoves } from './moves-pages.ts';
import type { Op } from './ops.ts';
import { shown } from './runs.ts';
import type { Thread } from './state.ts';
import type { Outcome } from '../scenario/types.ts';

const handlers: Handlers = {
  ...attributeMoves, ...cachedMoves, ...directMoves, ...inodeMoves, ...lockMoves, ...memoryMoves, ...openMoves, ...pageMoves,
};

/** More moves than any step of a scene makes: a model that runs in a circle is a defect of ours. */
const mostMoves = 100_000;

/** Lets every thread go on until nothing moves any more. Who began first goes first, after `first`. */
export function runThreads(m: Machine, first?: string): void {
  let moves = 0;
  for (let moved = true; moved;) {
    moved = false;
    const order = Object.values(m.s.threads).sort((a, b) => rank(a, first) - rank(b, first));
    for (const t of order) {
      while (t.life === 'alive' && move(m, t)) {
        moved = true;
        if (++moves > mostMoves) throw new Error(`the model does not come to rest: ${t.name} at ${JSON.stringify(t.todo[0])}`);
      }
    }
  }
}

const rank = (t: Thread, first: string | undefined): number => (t.name === first ? -1 : t.call?.seq ?? Number.MAX_SAFE_INTEGER);

function move(m: Machine, t: Thread): boolean {
  if (t.killed && t.wait?.killable) {
    leaveQueues(m, t);
    t.wait = undefined;
    t.error = 'EINTR';
    t.request = undefined;
    unwind(t);
  } else if (t.killed && t.todo.length === 0) {
    t.todo.push({ do: 'finish', always: true });
  }
  const op = t.todo.shift();
  if (!op) return false;
  const handler = handlers[op.do] as (m: Machine, t: Thread, op: Op) => boolean;
  if (!handler(m, t, op)) {
    t.todo.unshift(op);
    // Who is being killed and just began to wait where a kill reaches it goes on at once.
    return t.killed && t.wait?.killable === true;
  }
  t.wait = undefined;
  unwind(t);
  if (t.todo.length === 0 && (t.life === 'alive' || t.life === 'dead')) end(m, t);
  return true;
}

/** After a failure only what must always be done is still done. */
function unwind(t: Thread): void {
  if (t.error === undefined) return;
  while (t.todo[0] && t.todo[0].always !== true) t.todo.shift();
}

function leaveQueues(m: Machine, t: Thread): void {
  for (const inode of Object.values(m.s.inodes)) {
    inode.waiters = inode.waiters.filter((name) => name !== t.name);
    inode.lock.queue = inode.lock.queue.filter((entry) => entry.thread !== t.name);
  }
}

function end(m: Machine, t: Thread): void {
  if (t.worker) {
    m.s.threads = Object.fromEntries(Object.entries(m.s.threads).filter(([name]) => name !== t.name));
    t.life = 'dead';
    return;
  }
  if (t.life === 'alive' && t.call) t.returned = outcomeOf(t);
  t.call = undefined;
}

function outcomeOf(t: Thread): Outcome {
  if (t.signal !== undefined) return { kind: 'raises', signal: t.signal };
  if (t.error !== undefined) return { kind: 'fails', errno: t.error };
  return {
    kind: 'returns', ...(t.value === undefined ? {} : { value: t.value }), ...(t.seen === undefined || t.seen.length === 0 ? {} : { sees: shown(t.seen) }),
  };
}
