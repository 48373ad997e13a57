import { formatSize } from '../format-units.ts';
import type { Outcome, ServerAction, ServerStep } from '../scenario/types.ts';
import { describeOutcome } from './describe.ts';
import type { Said } from './follow-actors.ts';
import { bytesIn, runsOf } from './runs.ts';

/** Holds what a step of the server came to itself against what it must come to; `said` is what the trace has of it up to its rest. */
export function checkResult(step: ServerStep, said: Said | undefined): string | undefined {
  const { action, result } = step;
  if (action.kind === 'release') return shortRelease(action, said);
  if (!result || meets({ action, said }, result)) return undefined;
  if (action.kind === 'content') {
    return `the server has ${dataOf(said) ?? 'nothing'} at ${formatSize(action.at)} of ${whose(action)}, where it must have ${wantedOf(action, result)}`;
  }
  return `${subjectOf(action)} ${cameTo(said)}, where ${describeOutcome(result)}`;
}

function shortRelease(action: Extract<ServerAction, { kind: 'release' }>, said: Said | undefined): string | undefined {
  const released = said?.e === 'released' ? said.count : 0;
  if (released === 0) return 'the server held nothing that this step could release';
  const { count = released } = action;
  return released < count ? `the server held ${released} of the ${count} requests that this step releases` : undefined;
}

function meets(given: { readonly action: ServerAction; readonly said: Said | undefined }, result: Outcome): boolean {
  const { action, said } = given;
  if (result.kind === 'any') return result.of.some((one) => meets(given, one));
  if (result.kind === 'waits') return said === undefined;
  if (said?.e === 'content' && action.kind === 'content' && result.kind === 'returns') {
    const bytes = bytesIn(said.data);
    return bytes === (result.value ?? action.bytes) && (result.sees === undefined || said.data === runsOf(result.sees, bytes));
  }
  if (said?.e !== 'backing' && said?.e !== 'invalidated') return false;
  if (result.kind === 'fails') return said.ret === -1 && said.errno === result.errno;
  return result.kind === 'returns' && said.ret >= 0 && said.errno === undefined;
}

type Content = Extract<ServerAction, { kind: 'content' }>;

function dataOf(said: Said | undefined): string | undefined {
  return said?.e === 'content' ? said.data : undefined;
}

function whose(action: Content): string {
  return action.backing ?? action.file ?? '';
}

/** The bytes that it must have, as runs where they are known. */
function wantedOf(action: Content, result: Outcome): string {
  if (result.kind === 'any') return result.of.map((one) => wantedOf(action, one)).join(', or ');
  if (result.kind !== 'returns') return '';
  const bytes = result.value ?? action.bytes;
  return result.sees === undefined ? `${bytes} bytes` : runsOf(result.sees, bytes);
}

function subjectOf(action: ServerAction): string {
  if (action.kind === 'backing') return `registering the backing file ${action.name}`;
  if (action.kind === 'backing-close') return `closing the backing id of ${action.name}`;
  return `the invalidation of ${'file' in action ? (action.file ?? '') : ''}`;
}

function cameTo(said: Said | undefined): string {
  if (said?.e !== 'backing' && said?.e !== 'invalidated') return 'did not return';
  return said.errno === undefined ? `returned ${said.ret}` : `failed with ${said.errno}`;
}
