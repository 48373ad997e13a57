import { readFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { contentKey } from './content-key.ts';

let known: Promise<string | undefined> | undefined;

/**
 * A content key of diorama's own code and the Node that runs it: what is computed without io from the same input by the same code is the
 * same. It is that of the bundle that the launcher makes (start.cjs starts it); undefined where something else runs, such as a test.
 */
export function codeId(): Promise<string | undefined> {
  return (known ??= keyOfBundle());
}

async function keyOfBundle(): Promise<string | undefined> {
  const [, started = ''] = process.argv;
  if (basename(started) !== 'start.cjs') return undefined;
  return readFile(join(dirname(started), 'main.cjs')).then((code) => contentKey([process.version, code]), () => undefined);
}
