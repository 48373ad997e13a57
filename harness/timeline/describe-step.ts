import { formatSize } from '../format-units.ts';
import { describeRange } from '../judge/describe.ts';
import type { ServerAction, Step } from '../scenario/types.ts';

/** A step as the scene has it, in a few words: `w1: pwrite of 4K at 0`, `server: release of w1`. */
export function describeStep(step: Step): string {
  const joins = step.joins ? '(at once) ' : '';
  if (step.kind === 'server') return joins + describeAction(step.action);
  const { call } = step;
  const range = describeRange({ call: call.kind, off: 'at' in call ? (call.at ?? 0) : 0, len: 'bytes' in call ? (call.bytes ?? 0) : 0 });
  const word = call.kind === 'submit' ? `${call.through}-${call.io}` : call.kind;
  return `${joins}${step.actor}: ${word}${range}${call.kind === 'fork' ? ` of ${call.child}` : ''}`;
}

function describeAction(action: ServerAction): string {
  const range = 'at' in action ? `${formatSize(action.bytes)} at ${formatSize(action.at)}` : '';
  switch (action.kind) {
    case 'hold':
    case 'unhold':
    case 'release': {
      const { match } = action;
      return ['server:', action.kind, match.opcode ?? '', match.by === undefined ? '' : `of ${match.by}`].filter(Boolean).join(' ');
    }
    case 'open-flags': {
      const backing = action.backing === undefined ? '' : ` and the backing file ${action.backing}`;
      return `server: opens of ${action.file} get flags 0x${action.flags.toString(16)}${backing}`;
    }
    case 'size':
      return `server: ${action.file} has ${formatSize(action.bytes)} now, and the kernel is not told`;
    case 'change':
      return `server: ${action.file} has ${action.fill} in ${range} now, and the kernel is not told`;
    case 'invalidate':
      return `server: the kernel's pages of ${action.file} are invalidated, ${action.bytes === 0 ? `from ${formatSize(action.at)} on` : range}`;
    case 'backing':
      return `server: ${action.name} becomes a backing file of ${formatSize(action.bytes)}`;
    case 'backing-close':
      return `server: ${action.name} is a backing file no more`;
    case 'content':
      return `server: looks at ${range} of ${action.backing ?? action.file ?? ''}`;
    case 'kill':
      return `stage: SIG${action.signal} to the process of ${action.actor}`;
    case 'abort':
      return 'stage: the connection is aborted';
    case 'die':
      return 'stage: the server is killed';
    case 'drop-caches':
      return 'stage: the caches are dropped';
  }
}
