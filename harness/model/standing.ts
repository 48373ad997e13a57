import type { Outcome } from '../scenario/types.ts';
import type { ModelState, Thread } from './state.ts';

/** How things stand with an actor when nothing moves any more, as judge/follow-actors.ts sees it. */
export type ModelStanding =
  | { readonly kind: 'idle' | 'unborn' | 'ended' }
  | { readonly kind: 'returned'; readonly outcome: Outcome }
  | { readonly kind: 'held'; readonly request: number }
  | { readonly kind: 'waits'; readonly where: string | undefined; readonly seq: number }
  | { readonly kind: 'undecided' };

/** Requests that nobody is held for (judge/follow-actors.ts). */
const unwaited: ReadonlySet<string> = new Set(['RELEASE', 'RELEASEDIR']);

export function standingsOf(state: ModelState): ReadonlyMap<string, ModelStanding> {
  return new Map(state.actors.map((name) => [name, standingOf(state, state.threads[name])]));
}

function standingOf(state: ModelState, t: Thread | undefined): ModelStanding {
  if (!t || t.life === 'unborn') return { kind: 'unborn' };
  if (state.processes[t.process]?.gone) return { kind: 'ended' };
  if (t.returned) return { kind: 'returned', outcome: t.returned };
  if (!t.call) return { kind: 'idle' };
  const { seq } = t.call;
  const held = state.server.parked.find((request) => request.by === t.name && request.call === seq && !unwaited.has(request.opcode));
  if (held) return { kind: 'held', request: held.id };
  if (t.wait?.undecided) return { kind: 'undecided' };
  return { kind: 'waits', where: t.request === undefined ? t.wait?.place : 'server', seq };
}

/** Whether an actor stands as it stood: one of whom a step says nothing must. */
export function stands(was: ModelStanding, now: ModelStanding): boolean {
  if (was.kind === 'held') return now.kind === 'held' && now.request === was.request;
  if (was.kind === 'waits') return now.kind === 'waits' && now.where === was.where && now.seq === was.seq;
  if (was.kind === 'ended' || was.kind === 'undecided') return now.kind === was.kind;
  return now.kind === 'idle' || now.kind === 'unborn';
}

/** A standing in the words of Step.expect; undefined for one that no step can say. */
export function outcomeOf(standing: ModelStanding): Outcome | undefined {
  switch (standing.kind) {
    case 'returned':
      return standing.outcome;
    case 'held':
      return { kind: 'held' };
    case 'waits':
      return { kind: 'waits', ...(standing.where === undefined ? {} : { where: standing.where }) };
    case 'ended':
      return { kind: 'ends' };
    default:
      return undefined;
  }
}
