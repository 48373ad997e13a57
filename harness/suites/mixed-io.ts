import { join } from 'node:path';
import { cachedDir } from '../host/cached-dir.ts';
import { contentKey, fileHash } from '../host/content-key.ts';
import type { Host } from '../host/host.ts';
import { programFailure } from '../host/program-failure.ts';
import { runProgram } from '../host/run-program.ts';

const boundMs = 60_000;
const flags = ['-std=gnu11', '-D_GNU_SOURCE', '-O2', '-Wall', '-Wextra', '-Werror', '-static'];

/**
 * Our own program of suites, guests/programs/mixed-io.c, which says what it does.
 * @returns its path in the cache
 * @throws DioramaError `build-failed` (blame: the machine) with the compiler's words
 */
export async function buildMixedIo(host: Host): Promise<string> {
  const source = join(host.root, 'guests/programs/mixed-io.c');
  const { dir } = await cachedDir(host, { kind: 'tools', key: contentKey(['mixed-io', ...flags, await fileHash(source)]) }, async (part) => {
    const result = await runProgram({ file: 'gcc', args: [...flags, '-o', join(part, 'mixed-io'), source], timeoutMs: boundMs, signal: host.signal });
    if (!result.ok) throw programFailure(result, { blame: 'machine', code: 'build-failed', message: 'guests/programs/mixed-io.c does not compile', phase: 'compiling', timeoutMs: boundMs });
  });
  return join(dir, 'mixed-io');
}
