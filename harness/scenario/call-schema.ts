import { z } from 'zod';
import { size } from '../host/units.ts';
import type { Call } from './types.ts';

export const name = z.string().regex(/^[a-z][a-z0-9_-]{0,30}$/, {
  error: 'expected a name: a small letter, then small letters, digits, - or _',
});
export const letter = z.string().regex(/^[A-Za-z]$/, { error: 'expected one letter, which fills the bytes' });

const openFlag = z.enum(['RDONLY', 'WRONLY', 'RDWR', 'APPEND', 'DIRECT', 'TRUNC', 'NONBLOCK', 'SYNC', 'DSYNC']);
const prot = z.enum(['READ', 'WRITE']);

/** MAX_FILE_BYTES in guests/stage/program.h. */
export const largestFileBytes = 4 * 1024 * 1024;
export const fileBytes = size.refine((bytes) => bytes <= largestFileBytes, { error: 'expected at most 4M, which is the largest file of a scene' });

/** An actor's buffer has 1 MiB (MAX_IO_BYTES in guests/stage/program.h). */
const ioBytes = size.refine((bytes) => bytes <= 1024 * 1024, { error: 'expected at most 1M, which is what one call moves' });

const pread = z.strictObject({ pread: name, at: size.default(0), bytes: ioBytes });
const pwrite = z.strictObject({ pwrite: name, at: size.default(0), bytes: ioBytes, fill: letter });
const load = z.strictObject({ load: name, at: size.default(0), bytes: ioBytes });
const store = z.strictObject({ store: name, at: size.default(0), bytes: ioBytes, fill: letter });
const open = z.strictObject({ open: name, as: name.optional(), flags: z.array(openFlag).default(['RDWR']) });
const mmap = z.strictObject({
  mmap: name,
  as: name.optional(),
  bytes: fileBytes,
  prot: z.array(prot).default(['READ', 'WRITE']),
  share: z.enum(['shared', 'private']).default('shared'),
});

/** A call as a scene writes it, by its first key; each schema is strict, so a key that the call does not take is refused. */
export const callSchemas: Readonly<Record<string, z.ZodType<Call>>> = {
  open: open.transform((call): Call => ({ kind: 'open', file: call.open, handle: call.as ?? call.open, flags: call.flags })),
  close: z.strictObject({ close: name }).transform((call): Call => ({ kind: 'close', handle: call.close })),
  fsync: z.strictObject({ fsync: name }).transform((call): Call => ({ kind: 'fsync', handle: call.fsync })),
  fstat: z.strictObject({ fstat: name }).transform((call): Call => ({ kind: 'fstat', handle: call.fstat })),
  ftruncate: z.strictObject({ ftruncate: name, bytes: fileBytes }).transform((call): Call => ({ kind: 'ftruncate', handle: call.ftruncate, bytes: call.bytes })),
  pread: pread.transform((call): Call => ({ kind: 'pread', handle: call.pread, at: call.at, bytes: call.bytes })),
  pwrite: pwrite.transform((call): Call => ({ kind: 'pwrite', handle: call.pwrite, at: call.at, bytes: call.bytes, fill: call.fill })),
  mmap: mmap.transform((call): Call => ({
    kind: 'mmap', handle: call.mmap, mapping: call.as ?? call.mmap, bytes: call.bytes, prot: call.prot, share: call.share,
  })),
  munmap: z.strictObject({ munmap: name }).transform((call): Call => ({ kind: 'munmap', mapping: call.munmap })),
  msync: z.strictObject({ msync: name }).transform((call): Call => ({ kind: 'msync', mapping: call.msync })),
  load: load.transform((call): Call => ({ kind: 'load', mapping: call.load, at: call.at, bytes: call.bytes })),
  store: store.transform((call): Call => ({ kind: 'store', mapping: call.store, at: call.at, bytes: call.bytes, fill: call.fill })),
};
