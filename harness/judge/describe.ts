import { formatSize } from '../format-units.ts';
import type { Outcome } from '../scenario/types.ts';
import type { Doing, Standing } from './follow-actors.ts';
import { meaningOf, nameOfSleep } from '../scenario/places.ts';

/** Calls that move bytes, and whether they say from where; the others of a position do so themselves. */
const withRange = new Set(['pread', 'pwrite', 'load', 'store', 'submit', 'copy', 'sendfile', 'splice', 'splice-write', 'fallocate']);
const withBytes = new Set(['read', 'write']);

/** `w2's pwrite of 4K at 8K`. */
export function describeCall(actor: string, doing: Pick<Doing, 'call' | 'off' | 'len'>): string {
  return `${actor}'s ${doing.call}${describeRange(doing)}`;
}

/** ` of 4K at 8K`, for a call that has a range; for one that moves bytes at the file's own position ` of 4K`. */
export function describeRange({ call, off, len }: Pick<Doing, 'call' | 'off' | 'len'>): string {
  if (withBytes.has(call)) return ` of ${formatSize(len)}`;
  return withRange.has(call) ? ` of ${formatSize(len)} at ${formatSize(off)}` : '';
}

/** What an actor's call came to, as the end of a sentence: `reached the server (WRITE)`. */
export function describeStanding(standing: Standing): string {
  switch (standing.kind) {
    case 'idle':
      return 'did nothing';
    case 'returned':
      if (standing.signal !== undefined) return `raised SIG${standing.signal}`;
      if (standing.errno !== undefined) return `failed with ${standing.errno}`;
      return `returned ${standing.ret}${standing.data === undefined ? '' : ` and saw ${standing.data}`}`;
    case 'held':
      return `reached the server (${standing.op})`;
    case 'waits':
      return `waits for ${nameOfSleep(standing.sleep)}`;
    case 'runs':
      return 'never came to rest';
    case 'died':
      return 'was ended by the kernel';
    case 'gone':
      return 'ended';
  }
}

/** What it must have come to: `it must wait for the inode lock`. */
export function describeOutcome(outcome: Outcome): string {
  switch (outcome.kind) {
    case 'returns':
      return ['it must return', outcome.value === undefined ? '' : ` ${outcome.value}`, outcome.sees === undefined ? '' : ` and see ${outcome.sees}`].join('');
    case 'fails':
      return `it must fail with ${outcome.errno}`;
    case 'raises':
      return `it must raise SIG${outcome.signal}`;
    case 'idle':
      return 'it must be in no call';
    case 'ends':
      return 'it must end';
    case 'any':
      return outcome.of.map(describeOutcome).join(', or ');
    case 'held':
      return 'it must reach the server';
    case 'waits':
      return outcome.where === undefined ? 'it must wait' : `it must wait for ${meaningOf(outcome.where)}`;
  }
}
