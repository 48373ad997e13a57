import { DioramaError } from '../errors.ts';
import { size } from '../host/units.ts';

/** Enough for some ten kernels with their builds. */
const usualLimit = '40G';

/**
 * The most bytes that the cache may take: DIORAMA_CACHE_LIMIT, such as `20G`, else 40 GiB.
 * @throws DioramaError `bad-usage` for what is no size
 */
export function cacheLimit(environment: Readonly<Record<string, string | undefined>>): number {
  const text = environment['DIORAMA_CACHE_LIMIT'];
  const parsed = size.safeParse(text === undefined || text === '' ? usualLimit : text);
  if (parsed.success && parsed.data > 0) return parsed.data;
  throw new DioramaError({ blame: 'usage', code: 'bad-usage', message: `DIORAMA_CACHE_LIMIT=${text ?? ''}: expected a size with K, M or G, such as 20G`, next: 'set it so, or not at all' });
}
