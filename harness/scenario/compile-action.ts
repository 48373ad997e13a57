import { constants } from 'node:os';
import { signalNumbers } from './call-bits.ts';
import { opcodes } from './fuse-names.ts';
import type { ProgramNames } from './program-names.ts';
import type { RequestMatch, ServerAction } from './types.ts';

/** BACKING_DIRECTORY and on in guests/stage/program.h. */
const backingKinds = { directory: 1, closed: 2, device: 3 } as const;

/** The words of what the server or the stage does, in the program. */
export function actionWords(action: ServerAction, names: ProgramNames): string {
  switch (action.kind) {
    case 'hold':
    case 'unhold':
      return [`do=${action.kind}`, ...matchWords(action.match, names)].join(' ');
    case 'release':
      return [
        'do=release', ...matchWords(action.match, names),
        ...(action.count === undefined ? [] : [`count=${action.count}`]),
        ...(action.error === undefined ? [] : [`errno=${(constants.errno as Record<string, number>)[action.error]}`]),
        ...(action.bytes === undefined ? [] : [`bytes=${action.bytes}`]),
      ].join(' ');
    case 'open-flags':
      return `do=open-flags ino=${names.inodes.get(action.file)} open=0x${action.flags.toString(16)}${backingWord(action.backing, names)}`;
    case 'size':
      return `do=size ino=${names.inodes.get(action.file)} size=${action.bytes}`;
    case 'change':
      return `do=change ino=${names.inodes.get(action.file)} off=${action.at} len=${action.bytes} fill=${action.fill.charCodeAt(0)}`;
    case 'invalidate':
      return `do=invalidate ino=${names.inodes.get(action.file)} off=${action.at} len=${action.bytes}`;
    case 'backing':
      return `do=backing slot=${names.backing(action.name)} size=${action.bytes} fill=${action.fill.charCodeAt(0)}${action.of === undefined ? '' : ` of=${backingKinds[action.of]}`}${action.file === undefined ? '' : ` ino=${names.inodes.get(action.file)}`}${action.flags === undefined ? '' : ` flags=${action.flags}`}${action.unprivileged === true ? ' nobody=1' : ''}`;
    case 'backing-close':
      return `do=backing-close ${typeof action.name === 'number' ? `backing_id=${action.name}` : `slot=${names.backing(action.name)}`}`;
    case 'content': {
      const whose = action.backing === undefined ? `ino=${names.inodes.get(action.file ?? '')}` : `slot=${names.backing(action.backing)}`;
      return `do=content ${whose} off=${action.at} len=${action.bytes}`;
    }
    case 'kill':
      return `do=kill actor=${names.actors.get(action.actor)} signal=${signalNumbers[action.signal]}`;
    case 'abort':
    case 'die':
    case 'drop-caches':
      return `do=${action.kind}`;
  }
}

/** A backing file by its slot, or a raw backing id. */
function backingWord(backing: string | number | undefined, names: ProgramNames): string {
  if (backing === undefined) return '';
  return typeof backing === 'string' ? ` backing=${names.backing(backing)}` : ` backing_id=${backing}`;
}

function matchWords(match: RequestMatch, names: ProgramNames): string[] {
  return [
    ...(match.opcode === undefined ? [] : [`op=${opcodes[match.opcode]}`]),
    ...(match.by === undefined ? [] : [`by=${names.actors.get(match.by)}`]),
    ...(match.file === undefined ? [] : [`ino=${names.inodes.get(match.file)}`]),
    ...(match.handle === undefined ? [] : [`fh=${match.handle}`]),
    ...(match.at === undefined ? [] : [`off=${match.at}`]),
    ...(match.bytes === undefined ? [] : [`len=${match.bytes}`]),
  ];
}
