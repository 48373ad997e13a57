import { join } from 'node:path';
import { cachedDir } from '../host/cached-dir.ts';
import { contentKey } from '../host/content-key.ts';
import type { Host } from '../host/host.ts';
import { programFailure } from '../host/program-failure.ts';
import { runProgram } from '../host/run-program.ts';
import { fetchFuseSource } from '../stage/fuse-source.ts';

const boundMs = 15 * 60 * 1000;
const recipe = 'libfuse tree 1';

/**
 * libfuse as its authors build it, by meson, with its examples, utilities and tests: the source that the stage's own library is from.
 * @returns the build directory, in the cache; `python3 -m pytest test/` in it runs the tests
 * @throws DioramaError `build-failed`, `program-missing`, `timed-out` (blame: the machine)
 */
export async function buildLibfuseTree(host: Host): Promise<string> {
  const source = await fetchFuseSource(host);
  const { dir } = await cachedDir(host, { kind: 'tools', key: contentKey([recipe, source.version]) }, async (part) => {
    const tree = join(part, 'libfuse');
    const run = async (file: string, args: readonly string[]): Promise<void> => {
      const finished = await runProgram({ file, args, timeoutMs: boundMs, signal: host.signal, endsWithUs: true });
      if (!finished.ok) throw programFailure(finished, { blame: 'machine', code: 'build-failed', message: `libfuse: ${file} could not build its tests`, phase: 'building libfuse', timeoutMs: boundMs });
    };
    // Who installs it sets fusermount3's bits and writes init scripts; a build that stays where it is does neither.
    await run('meson', ['setup', '--buildtype=release', '-Duseroot=false', '-Dinitscriptdir=', tree, source.dir]);
    await run('ninja', ['-C', tree]);
  });
  return join(dir, 'libfuse');
}
