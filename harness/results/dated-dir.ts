import { randomBytes } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { diskError } from '../host/run-program.ts';

/**
 * Makes `<results>/<kind>/<when>-<four digits>/`, for evidence of a command that makes no run.
 * @throws DioramaError `disk-full` or `program-failed` (blame: the machine) when it cannot be made
 */
export async function datedDir(results: string, kind: string): Promise<string> {
  const dir = join(results, kind, `${new Date().toISOString().slice(0, 19).replaceAll(':', '')}-${randomBytes(2).toString('hex')}`);
  await mkdir(dir, { recursive: true }).catch((error: unknown) => {
    throw diskError(error as NodeJS.ErrnoException, dir);
  });
  return dir;
}
