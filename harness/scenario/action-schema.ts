import { z } from 'zod';
import { size } from '../host/units.ts';
import { fileBytes, fill, name, noted, nothing, oneWord, sceneFile } from './field-schemas.ts';
import { openFlagSet } from './flag-sets.ts';
import { opcodes } from './fuse-names.ts';
import { errno } from './outcome-schema.ts';
import type { Outcome, RequestMatch, ServerAction } from './types.ts';

/** A step of the server or of the stage. */
export interface ActionWord {
  readonly means: string;
  /** Ways to write it beside a map of its fields; `{…}` stands for that map. */
  readonly forms: readonly string[];
  readonly shape: Readonly<Record<string, z.ZodType>>;
  readonly schema: z.ZodType<ServerAction>;
  /** What it comes to itself, where it comes to something; the first is what it must come to where the scene says nothing. */
  readonly results?: readonly Outcome['kind'][];
}

const opcode = z.string().refine((text) => Object.hasOwn(opcodes, text), { error: `expected an opcode: ${Object.keys(opcodes).join(', ')}` });
const atLeastOne = z.number().int().min(1);

const matchFields = {
  opcode: noted(opcode, 'opcode', 'of this kind').optional(),
  by: noted(name, 'actor', 'sent by this actor').optional(),
  file: noted(name, 'file', 'of this file').optional(),
  handle: noted(atLeastOne, 'number', "with the handle of this open: the scene's first is 1").optional(),
  at: noted(size, 'size', 'that begins here').optional(),
  bytes: noted(size, 'size', 'of so many bytes').optional(),
};

const match = z.union([
  opcode.transform((text): RequestMatch => ({ opcode: text })),
  z.strictObject(matchFields).transform((given) => given as RequestMatch),
], { error: `expected an opcode (${Object.keys(opcodes).join(', ')}) or a map of opcode, by, file, handle, at and bytes` });

const releaseFields = {
  ...matchFields,
  count: noted(atLeastOne, 'number', 'so many of them (default: all)').optional(),
  fail: noted(errno, 'errno', 'the answer is this error').optional(),
  short: noted(size, 'size', 'the answer is that so many bytes were moved').optional(),
};

const release = z.strictObject(releaseFields).transform(({ count, fail, short, ...given }): ServerAction => ({
  kind: 'release',
  match: given as RequestMatch,
  ...(count === undefined ? {} : { count }),
  ...(fail === undefined ? {} : { error: fail }),
  ...(short === undefined ? {} : { bytes: short }),
}));

const flags = noted(openFlagSet, 'list of FOPEN flags or bit masks', 'what they are answered');
const at = noted(size, 'size', 'where it begins').default(0);
const length = noted(fileBytes, 'size, at most 4M', 'how many bytes');
const noBacking = 'expected the name of a backing file, or a backing id (a number of 32 bits)';
const backingId = z.number().refine((id) => Number.isInteger(id) && id >= -(2 ** 31) && id < 2 ** 31, { error: noBacking });
const backingName = noted(name, 'backing file', 'a name that a `backing` step gave');

const openFlagsFields = {
  file: sceneFile, flags,
  backing: noted(z.union([name, backingId], { error: noBacking }), 'backing file or number', 'the backing file of FOPEN_PASSTHROUGH, or a raw backing id').optional(),
};
const sizeFields = { file: sceneFile, bytes: noted(size.refine((bytes) => bytes <= 4 * 1024 * 1024, { error: 'a file of a scene has at most 4M' }), 'size, at most 4M', 'its size') };
const changeFields = { file: sceneFile, at, bytes: length, fill };
const invalidateFields = { file: sceneFile, at, bytes: noted(size, 'size', 'how many bytes; 0 is to the end').default(0) };
const backingFields = {
  name: noted(name, 'name', 'what to call it'), bytes: length, fill,
  of: noted(z.enum(['directory', 'closed', 'device']), 'directory, closed or device', 'what to register instead of a regular file: the kernel must refuse it').optional(),
  file: noted(name, 'file', 'a file of the scene, which somebody must have opened: it is registered as the mount shows it, and the kernel must refuse it').optional(),
  unprivileged: noted(z.literal(true, { error: 'expected true, or no such key' }), 'true', 'asked for by a process of the server without CAP_SYS_ADMIN').optional(),
  flags: noted(z.number().int().min(1), 'number', 'the flags of struct fuse_backing_map, of which there are none yet').optional(),
};
const contentFields = {
  file: noted(name, 'file', 'of a file of the scene').optional(), backing: noted(name, 'backing file', 'or of a backing file').optional(), at, bytes: length,
};
const killFields = { actor: noted(name, 'actor', 'an actor of the process'), signal: oneWord(['KILL', 'TERM', 'USR1'], 'KILL and TERM end it, USR1 is caught').default('KILL') };

const content = z.strictObject(contentFields).transform((given, context): ServerAction => {
  if ((given.file === undefined) === (given.backing === undefined)) {
    context.issues.push({ code: 'custom', input: given, path: [], message: 'expected one of file and backing, which says whose bytes' });
    return z.NEVER;
  }
  const { file, backing, ...range } = given;
  return { kind: 'content', ...(file === undefined ? {} : { file }), ...(backing === undefined ? {} : { backing }), ...range };
});

/** The steps of the server and of the stage, by their word. */
export const actionWords: Readonly<Record<string, ActionWord>> = {
  hold: {
    means: 'from now on requests that match are parked', forms: ['hold: OPCODE', 'hold: {…}'], shape: matchFields,
    schema: match.transform((given): ServerAction => ({ kind: 'hold', match: given })),
  },
  unhold: {
    means: 'takes the same rule back; what is parked stays', forms: ['unhold: OPCODE', 'unhold: {…}'], shape: matchFields,
    schema: match.transform((given): ServerAction => ({ kind: 'unhold', match: given })),
  },
  release: {
    means: 'answers parked requests that match, oldest first', forms: ['release: ACTOR', 'release: {…}'], shape: releaseFields,
    schema: z.union([name.transform((by): ServerAction => ({ kind: 'release', match: { by } })), release], {
      error: 'expected an actor, or a map of opcode, by, file, handle, at, bytes, count, fail and short',
    }),
  },
  'open-flags': {
    means: "the answer to later opens of a file (its own are in `files`)", forms: [], shape: openFlagsFields,
    schema: z.strictObject(openFlagsFields).transform(({ backing, ...given }): ServerAction => ({ kind: 'open-flags', ...given, ...(backing === undefined ? {} : { backing }) })),
  },
  size: {
    means: "the server's file has another size from now on, and the kernel is not told", forms: [], shape: sizeFields,
    schema: z.strictObject(sizeFields).transform((given): ServerAction => ({ kind: 'size', ...given })),
  },
  change: {
    means: "the server's bytes are others from now on, and the kernel is not told", forms: [], shape: changeFields,
    schema: z.strictObject(changeFields).transform((given): ServerAction => ({ kind: 'change', ...given })),
  },
  invalidate: {
    means: 'FUSE_NOTIFY_INVAL_INODE, from a thread of its own: the server goes on serving', forms: [], shape: invalidateFields, results: ['returns', 'fails', 'waits'],
    schema: z.strictObject(invalidateFields).transform((given): ServerAction => ({ kind: 'invalidate', ...given })),
  },
  backing: {
    means: "makes a file of the server's own, and a backing id of it (FUSE_DEV_IOC_BACKING_OPEN)", forms: [], shape: backingFields, results: ['returns', 'fails'],
    schema: z.strictObject(backingFields).transform(({ of, file, flags, unprivileged, ...given }): ServerAction => ({
      kind: 'backing', ...given, ...(of === undefined ? {} : { of }), ...(file === undefined ? {} : { file }), ...(unprivileged === undefined ? {} : { unprivileged }), ...(flags === undefined ? {} : { flags }),
    })),
  },
  'backing-close': {
    means: 'gives the backing id back (FUSE_DEV_IOC_BACKING_CLOSE)', forms: ['backing-close: NAME', 'backing-close: NUMBER'], shape: {}, results: ['returns', 'fails'],
    schema: z.union([backingName, backingId], { error: noBacking }).transform((given): ServerAction => ({ kind: 'backing-close', name: given })),
  },
  content: {
    means: 'looks at the bytes that the server has; `expect` says which', forms: [], shape: contentFields, results: ['returns'],
    schema: content,
  },
  kill: {
    means: "a signal to an actor's process", forms: ['kill: ACTOR', 'kill: {…}'], shape: killFields,
    schema: z.union([name.transform((actor): ServerAction => ({ kind: 'kill', actor, signal: 'KILL' })), z.strictObject(killFields).transform((given): ServerAction => ({ kind: 'kill', ...given }))], {
      error: 'expected an actor, or a map of actor and signal',
    }),
  },
  'drop-caches': {
    means: 'echo 3 > /proc/sys/vm/drop_caches', forms: ['drop-caches:'], shape: {}, schema: nothing.transform((): ServerAction => ({ kind: 'drop-caches' })),
  },
  abort: {
    means: 'the connection is aborted (fusectl)', forms: ['abort:'], shape: {}, schema: nothing.transform((): ServerAction => ({ kind: 'abort' })),
  },
  die: {
    means: 'the server is killed', forms: ['die:'], shape: {}, schema: nothing.transform((): ServerAction => ({ kind: 'die' })),
  },
};
