import type { Variant } from '../kernel/types.ts';
import type { PreparedSide } from './prepare-sides.ts';

/** What a clone of this side reads through fw_cfg: its program, and the fuse.ko that it has to insert, where that is not done yet. */
export function cloneFiles({ variant, template }: PreparedSide, program: string): Map<string, string> {
  return 'said' in template ? new Map([['program', program]]) : guestFiles(program, variant);
}

/** What a guest reads that does everything itself; there is no fuse.ko of a kernel that has built FUSE in. */
export function guestFiles(program: string, variant: Pick<Variant, 'fuseModule'>): Map<string, string> {
  return new Map([['program', program], ...(variant.fuseModule === undefined ? [] : [['fuse.ko', variant.fuseModule] as const])]);
}
