import { copyFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DioramaError } from '../errors.ts';

/**
 * Does `work`; evidence of its failure that lies in the cache, where the next run overwrites it, is copied to `<dir>/<code>-<name>.txt`
 * and the error names the copy.
 * @throws what `work` throws
 */
export async function keepEvidence<T>(given: { readonly dir: string; readonly name: string }, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof DioramaError) || error.evidence === undefined || error.evidence.startsWith(given.dir)) throw error;
    const kept = join(given.dir, `${error.code}-${given.name}.txt`);
    const copied = await copyFile(error.evidence, kept).then(() => true, () => false);
    if (!copied) throw error;
    const { blame, code, message, details, next, cause } = error;
    throw new DioramaError({ blame, code, message, details, evidence: kept, cause, ...(next === undefined ? {} : { next }) });
  }
}
