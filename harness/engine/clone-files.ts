import type { PreparedSide } from './prepare-sides.ts';

/** What a clone of this side is given through fw_cfg: its program, and the fuse.ko that it has to insert where that is not done yet. */
export function cloneFiles(on: PreparedSide, program: string): Map<string, string> {
  return new Map([['program', program], ...('said' in on.template ? [] : [['fuse.ko', on.variant.fuseModule] as const])]);
}
