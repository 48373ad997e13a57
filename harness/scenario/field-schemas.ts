import { z } from 'zod';
import { size } from '../host/units.ts';

/** What the reference (docs/scenes.md) says of a field, beside its schema. */
export interface FieldNote {
  readonly type: string;
  readonly description: string;
}

/** The same schema, with what it is and what it is for. */
export function noted<S extends z.ZodType>(schema: S, type: string, description: string): S {
  return schema.meta({ type, description });
}

export const name = z.string().regex(/^[a-z][a-z0-9_-]{0,30}$/, {
  error: 'expected a name: a small letter, then small letters, digits, - or _',
});
export const letter = z.string().regex(/^[A-Za-z]$/, { error: 'expected one letter, which fills the bytes' });

/** MAX_FILE_BYTES in guests/stage/program.h. */
export const largestFileBytes = 4 * 1024 * 1024;
export const fileBytes = size.refine((bytes) => bytes <= largestFileBytes, { error: 'expected at most 4M, which is the largest file of a scene' });

/** An actor's buffer has 1 MiB (MAX_IO_BYTES in guests/stage/program.h). */
const ioBytes = size.refine((bytes) => bytes <= 1024 * 1024, { error: 'expected at most 1M, which is what one call moves' });

const pageBytes = 4096;
const isPages = { error: 'expected whole pages, a multiple of 4K' };

/** The operand of what has none. */
export const nothing = z.null({ error: 'expected nothing after the colon' });

/** Fields that more than one call has. */
export const handle = noted(name, 'open file', 'the name that an `open` or `dup` of its process gave');
export const mapping = noted(name, 'mapping', 'the name that an `mmap` of its process gave');
export const sceneFile = noted(name, 'file', 'a file of the scene');
export const at = noted(size, 'size', 'where it begins').default(0);
export const bytes = noted(ioBytes, 'size, at most 1M', 'how many bytes');
export const fileRange = noted(fileBytes, 'size, at most 4M', 'how many bytes');
export const fill = noted(letter, 'letter', 'what it writes');
export const pageAt = noted(size.refine((offset) => offset % pageBytes === 0, isPages), 'size, whole pages', 'where it begins');
export const pages = noted(fileBytes.refine((length) => length % pageBytes === 0, isPages), 'size, whole pages, at most 4M', 'how many bytes');

/** A list of words; the reference says which. */
export function wordList<const W extends readonly [string, ...string[]]>(words: W, description: string): z.ZodArray<z.ZodEnum<{ [K in W[number]]: K }>> {
  return noted(z.array(z.enum(words)), `list of ${words.join(' ')}`, description);
}

/** One word of a few; the reference says which. */
export function oneWord<const W extends readonly [string, ...string[]]>(words: W, description: string): z.ZodEnum<{ [K in W[number]]: K }> {
  return noted(z.enum(words), words.join(', '), description);
}
