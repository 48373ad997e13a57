import { constants } from 'node:os';
import { z } from 'zod';
import { explainIssue } from '../host/explain-issue.ts';
import { size } from '../host/units.ts';
import { places } from './places.ts';
import type { Outcome } from './types.ts';

export const errno = z.string().refine((text) => Object.hasOwn(constants.errno, text), { error: 'expected the name of an errno, such as ENODEV' });
const runs = z.string().regex(/^(?:[A-Za-z]|0x[0-9a-f]{2})(?:\*\d+(?: (?:[A-Za-z]|0x[0-9a-f]{2})\*\d+)*)?$/, {
  error: "expected bytes: one letter for all of them ('A'), or runs ('A*4096 B*4096')",
});

/** A name with a dash is a place, so a misspelt one is not taken for a function. */
const place = z.string().refine((text) => Object.hasOwn(places, text) || /^[A-Za-z_][\w.]*$/.test(text), {
  error: `expected a place: ${Object.keys(places).join(', ')}, or a function of the kernel`,
});

const one = z.union(
  [
    z.enum(['returns', 'held', 'waits', 'ends', 'idle']).transform((kind): Outcome => ({ kind })),
    z.strictObject({ returns: size, sees: runs.optional() }).transform((given): Outcome => ({
      kind: 'returns', value: given.returns, ...(given.sees === undefined ? {} : { sees: given.sees }),
    })),
    z.strictObject({ sees: runs }).transform((given): Outcome => ({ kind: 'returns', sees: given.sees })),
    z.strictObject({ fails: errno }).transform((given): Outcome => ({ kind: 'fails', errno: given.fails })),
    z.strictObject({ raises: z.enum(['BUS', 'SEGV']) }).transform((given): Outcome => ({ kind: 'raises', signal: given.raises })),
    z.strictObject({ waits: place }).transform((given): Outcome => ({ kind: 'waits', where: given.waits })),
  ],
  { error: 'expected an outcome: returns, held, waits, ends, idle, {returns: 4096}, {sees: A}, {fails: ENODEV}, {raises: BUS}, {waits: inode-lock}, or a list of these' },
);

const list = z.array(one).min(2, { error: 'expected at least two outcomes, of which any is right' }).transform((of): Outcome => ({ kind: 'any', of }));

/** An outcome: a word, a map that says more, or a list of outcomes, of which any is right. */
export const outcome = z.unknown().transform((given, context): Outcome => {
  const parsed = (Array.isArray(given) ? list : one).safeParse(given, { error: explainIssue });
  if (parsed.success) return parsed.data;
  for (const issue of parsed.error.issues) context.issues.push(issue as never);
  return z.NEVER;
});

/** How outcomes are written, and what each means. */
export const outcomeForms: readonly (readonly [string, string])[] = [
  ['returns', 'it returned without an error; what moves bytes has moved all of them, a submit took its request, everything else returned 0'],
  ['{returns: 4K}', 'it returned this value'],
  ['{sees: A}', 'and these bytes were read: one letter for all of them'],
  ['{returns: 8K, sees: A*4096 B*4096}', 'runs of bytes; a byte that is no letter is 0x00 to 0xff'],
  ['{fails: ENODEV}', 'it failed with this errno'],
  ['{raises: BUS}', 'it raised this signal, BUS or SEGV, which the actor caught: a load or store'],
  ['held', 'its request is at the server, which holds it'],
  ['waits', 'it sleeps in the kernel, and no request of it is at the server'],
  ['{waits: inode-lock}', 'it sleeps at this place, or in this function of the kernel'],
  ['ends', 'its process is gone: by exit, or by a signal'],
  ['idle', 'it is in no call: one choice of a list, for a call that may have returned in an earlier step'],
  ['[held, {waits: inode-lock}]', 'any of these is right: a race that the scene leaves open'],
];

/** The outcomes that are one of `outcome`: itself, or those of its list. */
export function choicesOf(given: Outcome): readonly Outcome[] {
  return given.kind === 'any' ? given.of.flatMap(choicesOf) : [given];
}
