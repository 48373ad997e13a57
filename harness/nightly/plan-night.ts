import type { Entry } from './list-entries.ts';
import type { Memory } from './night-state.ts';

/** An entry with what it depends on tonight; without a fingerprint it cannot be told whether that changed. */
export interface Candidate {
  readonly entry: Entry;
  readonly fingerprint?: string | undefined;
  readonly memory: Memory;
}

/**
 * Which entries have something new, in the order in which they are played: those that the last night's budget did not reach, then the
 * cheapest by how long they took the last time, then those of which that is not known.
 */
export function planNight(candidates: readonly Candidate[]): { readonly play: Candidate[]; readonly unchanged: Candidate[] } {
  const unchanged = candidates.filter(({ fingerprint, memory }) => fingerprint !== undefined && memory.last !== undefined && memory.fingerprint === fingerprint);
  const play = candidates.filter((candidate) => !unchanged.includes(candidate)).sort((a, b) => rank(a) - rank(b) || cost(a) - cost(b) || 0);
  return { play, unchanged };
}

function rank({ memory }: Candidate): number {
  return memory.carried === true ? 0 : memory.lastMs === undefined ? 2 : 1;
}

function cost({ memory }: Candidate): number {
  return memory.lastMs ?? 0;
}

/**
 * Whether an entry may begin. The first of a night always may, even if it took longer than the whole budget the last time: it would
 * never be played otherwise, and what it leaves in the cache makes the next try shorter.
 */
export function fits(memory: Memory, given: { readonly leftMs: number; readonly first: boolean }): boolean {
  if (given.leftMs <= 0) return false;
  return given.first || (memory.lastMs ?? 0) <= given.leftMs;
}
