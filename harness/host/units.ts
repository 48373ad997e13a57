import { z } from 'zod';

const byteUnits: Readonly<Record<string, number>> = { '': 1, K: 1024, M: 1024 ** 2, G: 1024 ** 3 };
const durationUnits: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

/** A size in a YAML file: a number of bytes, or one with K, M or G (powers of 1024). Gives bytes. */
export const size = z.union([z.number().int().min(0), z.string().regex(/^\d+[KMG]?$/)], {
  error: 'expected a size: bytes, or a number with K, M or G, such as 4K',
}).transform((value) => (typeof value === 'number' ? value : parseSize(value)));

/** A duration in a YAML file, such as `500ms`, `60s`, `30m`. Gives milliseconds. */
export const duration = z.string().regex(/^\d+(ms|s|m|h)$/, {
  error: 'expected a duration such as 500ms, 60s, 30m or 2h',
}).transform((value) => {
  const unit = value.replace(/^\d+/, '');
  return Number.parseInt(value, 10) * (durationUnits[unit] ?? 1);
});

/** Bytes of a text such as `64K`; the caller has checked its form. */
function parseSize(text: string): number {
  return Number.parseInt(text, 10) * (byteUnits[text.replace(/^\d+/, '')] ?? 1);
}
