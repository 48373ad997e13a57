import { z } from 'zod';
import { initFlags, openFlags } from './fuse-names.ts';

/** A list of FOPEN_ names or raw bit masks (numbers), as one number. */
export const openFlagSet = z
  .array(z.union([z.number().int().min(0).max(0xffffffff), z.enum(Object.keys(openFlags))], {
    error: `expected FOPEN flags: ${Object.keys(openFlags).join(', ')}, or a bit mask such as 0x80`,
  }))
  .transform((given) => given.reduce<number>((all, flag) => (all | (typeof flag === 'number' ? flag : (openFlags[flag] ?? 0))) >>> 0, 0));

/** A list of FUSE_ INIT flag names. */
export const initFlagList = z.array(
  z.enum(Object.keys(initFlags), { error: `expected INIT flags: ${Object.keys(initFlags).join(', ')}` }),
);
