import type { Variant } from '../kernel/types.ts';

/** What a guest reads through fw_cfg: its program, and the fuse.ko of a kernel that has not built FUSE in. */
export function guestFiles(program: string, variant: Pick<Variant, 'fuseModule'>): Map<string, string> {
  return new Map([['program', program], ...(variant.fuseModule === undefined ? [] : [['fuse.ko', variant.fuseModule] as const])]);
}
