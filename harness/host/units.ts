import { z } from 'zod';

const byteUnits: Readonly<Record<string, number>> = { '': 1, K: 1024, M: 1024 ** 2, G: 1024 ** 3 };
const durationUnits: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

const sizeError = 'expected a size: bytes, or a number with K, M or G, such as 4K';

/** A size in a YAML file: a number of bytes, or one with K, M or G (powers of 1024). Gives bytes. */
export const size = z.union([z.number(), z.string()], { error: sizeError })
  .transform((value) => (typeof value === 'number' ? value : parseSize(value)))
  .refine((bytes) => Number.isSafeInteger(bytes) && bytes >= 0, { error: sizeError, abort: true });

/** A timer of Node.js (setTimeout) that is to wait for more than 2^31 - 1 ms does not wait at all. */
const longestMs = 500 * 3_600_000;

/** A duration in a YAML file, such as `500ms`, `60s`, `30m`. Gives milliseconds. */
export const duration = z.string().regex(/^\d+(ms|s|m|h)$/, {
  error: 'expected a duration such as 500ms, 60s, 30m or 2h',
}).transform((value) => {
  const unit = value.replace(/^\d+/, '');
  return Number.parseInt(value, 10) * (durationUnits[unit] ?? 1);
}).refine((ms) => ms <= longestMs, { error: 'expected a duration of at most 500h' });

/** Bytes of a text such as `64K`; NaN when it is none. */
function parseSize(text: string): number {
  if (!/^\d+[KMG]?$/.test(text)) return Number.NaN;
  return Number.parseInt(text, 10) * (byteUnits[text.replace(/^\d+/, '')] ?? 1);
}
