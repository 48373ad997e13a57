import { constants } from 'node:os';
import { z } from 'zod';
import { explainIssue } from '../host/explain-issue.ts';
import { size } from '../host/units.ts';
import { places } from './places.ts';
import { callSchemas, name } from './call-schema.ts';
import { opcodes } from './fuse-names.ts';
import { openFlagSet } from './flag-sets.ts';
import type { Call, Outcome, RequestMatch, ServerAction } from './types.ts';

const errno = z.string().refine((text) => Object.hasOwn(constants.errno, text), { error: 'expected the name of an errno, such as ENODEV' });
const runs = z.string().regex(/^(?:[A-Za-z]|0x[0-9a-f]{2})(?:\*\d+(?: (?:[A-Za-z]|0x[0-9a-f]{2})\*\d+)*)?$/, {
  error: "expected bytes: one letter for all of them ('A'), or runs ('A*4096 B*4096')",
});

/** A name with a dash is a place, so a misspelt one is not taken for a function. */
const place = z.string().refine((text) => Object.hasOwn(places, text) || /^[A-Za-z_][\w.]*$/.test(text), {
  error: `expected a place: ${Object.keys(places).join(', ')}, or a function of the kernel`,
});

/** `returns`, `held`, `waits`, or a map that says more. */
const outcome = z.union(
  [
    z.enum(['returns', 'held', 'waits']).transform((kind): Outcome => ({ kind })),
    z.strictObject({ returns: size, sees: runs.optional() }).transform((given): Outcome => ({
      kind: 'returns', value: given.returns, ...(given.sees === undefined ? {} : { sees: given.sees }),
    })),
    z.strictObject({ sees: runs }).transform((given): Outcome => ({ kind: 'returns', sees: given.sees })),
    z.strictObject({ fails: errno }).transform((given): Outcome => ({ kind: 'fails', errno: given.fails })),
    z.strictObject({ waits: place }).transform((given): Outcome => ({ kind: 'waits', where: given.waits })),
  ],
  { error: "expected an outcome: returns, held, waits, {returns: 4096}, {sees: A}, {fails: ENODEV} or {waits: inode-lock}" },
);

const opcode = z.string().refine((text) => Object.hasOwn(opcodes, text), { error: `expected an opcode: ${Object.keys(opcodes).join(', ')}` });

const matchFields = {
  opcode: opcode.optional(), by: name.optional(), file: name.optional(), handle: z.number().int().min(1).optional(), at: size.optional(), bytes: size.optional(),
};

const match = z.union([
  opcode.transform((text): RequestMatch => ({ opcode: text })),
  z.strictObject(matchFields).transform((given) => given as RequestMatch),
], { error: `expected an opcode (${Object.keys(opcodes).join(', ')}) or a map of opcode, by, file, handle, at and bytes` });

const release = z.strictObject({
  ...matchFields,
  count: z.number().int().min(1).optional(), fail: errno.optional(), short: size.optional(),
}).transform(({ count, fail, short, ...given }): ServerAction => ({
  kind: 'release',
  match: given as RequestMatch,
  ...(count === undefined ? {} : { count }),
  ...(fail === undefined ? {} : { error: fail }),
  ...(short === undefined ? {} : { bytes: short }),
}));

const serverSchemas: Readonly<Record<string, z.ZodType<ServerAction>>> = {
  hold: match.transform((given): ServerAction => ({ kind: 'hold', match: given })),
  unhold: match.transform((given): ServerAction => ({ kind: 'unhold', match: given })),
  release: z.union([name.transform((by): ServerAction => ({ kind: 'release', match: { by } })), release], {
    error: 'expected an actor, or a map of opcode, by, file, handle, at, bytes, count, fail and short',
  }),
  'open-flags': z.strictObject({ file: name, flags: openFlagSet })
    .transform((given): ServerAction => ({ kind: 'open-flags', file: given.file, flags: given.flags })),
  size: z.strictObject({ file: name, bytes: size.refine((bytes) => bytes <= 4 * 1024 * 1024, { error: 'a file of a scene has at most 4M' }) })
    .transform((given): ServerAction => ({ kind: 'size', file: given.file, bytes: given.bytes })),
};

/** A step before the scene's own names are known: whoever acts, what, and what must come of it. */
export interface RawStep {
  readonly actor?: string;
  readonly call?: Call;
  readonly action?: ServerAction;
  readonly expect?: Outcome;
  readonly then: ReadonlyMap<string, Outcome>;
}

const besides = new Set(['expect', 'then', 'note']);

/** What a step may say beside an actor's name, so that no actor can have it for its own. */
export const reservedWords: ReadonlySet<string> = new Set([...besides, ...Object.keys(serverSchemas)]);

/**
 * One step: `{w1: {pwrite: f, bytes: 4K, fill: A}, expect: held, then: {m: returns}}` or `{release: w1, then: {…}}`.
 * Beside `expect`, `then` and `note` there is one key, the server's verb or an actor's name.
 */
export const stepSchema = z.record(z.string(), z.unknown()).transform((given, context): RawStep => {
  const subjects = Object.keys(given).filter((key) => !besides.has(key));
  const [subject] = subjects;
  if (subject === undefined || subjects.length > 1) {
    context.issues.push({
      code: 'custom', input: given, path: [],
      message: `expected one of ${Object.keys(serverSchemas).join(', ')} or one actor, beside expect, then and note; found ${subjects.join(', ') || 'none'}`,
      ...(subjects[1] === undefined ? {} : { params: { key: subjects[1] } }),
    });
    return z.NEVER;
  }
  const sub = <T>(schema: z.ZodType<T>, value: unknown, ...path: string[]): T | undefined => {
    const parsed = schema.safeParse(value, { error: explainIssue });
    if (parsed.success) return parsed.data;
    for (const issue of parsed.error.issues) context.issues.push({ ...issue, path: [...path, ...issue.path] } as never);
    return undefined;
  };
  const then = new Map(Object.entries(sub(z.record(z.string(), outcome), given['then'] ?? {}, 'then') ?? {}));
  if (given['note'] !== undefined) sub(z.string(), given['note'], 'note');
  const expect = given['expect'] === undefined ? undefined : sub(outcome, given['expect'], 'expect');
  const server = Object.hasOwn(serverSchemas, subject) ? serverSchemas[subject] : undefined;
  if (server) {
    const action = sub(server, given[subject], subject);
    if (expect) context.issues.push({ code: 'custom', input: given, path: [], message: `a step of the server has 'then', which names who it frees, and no 'expect'`, params: { key: 'expect' } });
    return { then, ...(action === undefined ? {} : { action }) };
  }
  const call = sub(callSchema, given[subject], subject);
  return { actor: subject, then, ...(call === undefined ? {} : { call }), ...(expect === undefined ? {} : { expect }) };
});

const callSchema = z.record(z.string(), z.unknown()).transform((given, context): Call => {
  const kind = Object.keys(given).find((key) => Object.hasOwn(callSchemas, key));
  const schema = kind === undefined ? undefined : callSchemas[kind];
  if (!schema) {
    context.issues.push({ code: 'custom', input: given, path: [], message: `expected a call: ${Object.keys(callSchemas).join(', ')}` });
    return z.NEVER;
  }
  const parsed = schema.safeParse(given, { error: explainIssue });
  if (parsed.success) return parsed.data;
  for (const issue of parsed.error.issues) context.issues.push(issue as never);
  return z.NEVER;
});
