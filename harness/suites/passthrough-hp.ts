import { join } from 'node:path';
import { DioramaError } from '../errors.ts';
import { cachedDir } from '../host/cached-dir.ts';
import { contentKey } from '../host/content-key.ts';
import type { Host } from '../host/host.ts';
import { runProgram } from '../host/run-program.ts';
import { buildLibfuse } from '../stage/build-libfuse.ts';
import { fetchFuseSource } from '../stage/fuse-source.ts';

const boundMs = 5 * 60 * 1000;
const recipe = 'passthrough_hp 1';

/**
 * libfuse's own example/passthrough_hp.cc, built with libfuse as the stage has it.
 * @returns its path in the cache; undefined where there is no C++ compiler
 * @throws DioramaError `build-failed` (blame: the machine) with the compiler's words
 */
export async function buildPassthroughHp(host: Host): Promise<string | undefined> {
  const libfuse = await buildLibfuse(host);
  const source = await fetchFuseSource(host);
  const example = join(source.dir, 'example');
  const build = async (part: string): Promise<void> => {
    const args = ['-std=c++17', '-O2', '-o', join(part, 'passthrough_hp'), ...libfuse.cflags, `-I${example}`, `-I${join(source.dir, 'include')}`, join(example, 'passthrough_hp.cc'), ...libfuse.libs, '-pthread'];
    const result = await runProgram({ file: 'g++', args, timeoutMs: boundMs, signal: host.signal });
    if (!result.ok) {
      throw new DioramaError({
        blame: 'machine', code: 'build-failed', message: 'libfuse: g++ could not compile passthrough_hp',
        details: result.stderr.split('\n').filter((line) => /error|undefined reference|cannot find/.test(line)).slice(0, 5), next: './diorama doctor',
      });
    }
  };
  try {
    const { dir } = await cachedDir(host, { kind: 'tools', key: contentKey([recipe, libfuse.version, source.version]) }, build);
    return join(dir, 'passthrough_hp');
  } catch (error) {
    if (error instanceof DioramaError && error.code === 'program-missing') return undefined;
    throw error;
  }
}
