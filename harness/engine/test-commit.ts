import { join } from 'node:path';
import { mkdir } from 'node:fs/promises';
import { DioramaError } from '../errors.ts';
import type { Host } from '../host/host.ts';
import { diskError } from '../host/run-program.ts';
import { obtainSource } from '../kernel/source/obtain-source.ts';
import type { Stage } from '../stage/build-stage.ts';
import type { BisectRequest } from './bisect-kernel.ts';
import type { TestedCommit } from './bisect-memory.ts';
import { keepEvidence } from './keep-evidence.ts';
import { playScene } from './play-scene.ts';
import { prepareSide } from './prepare-side.ts';
import { reproScript } from './repro-script.ts';

/**
 * Builds one commit and plays the scene on it. One that is no kernel, or does not build or boot, is a result. Known issues are not
 * excused: where one came from may be what is looked for.
 * @throws DioramaError for what is the machine's fault
 */
export async function testCommit(
  host: Host,
  given: { readonly request: BisectRequest; readonly stage: Stage; readonly dir: string; readonly id: string },
): Promise<TestedCommit> {
  const { request, stage, id } = given;
  const { scene, guest, config, model } = request;
  const home = join(given.dir, id.slice(0, 12));
  await mkdir(home, { recursive: true }).catch((error: unknown) => {
    throw diskError(error as NodeJS.ErrnoException, home);
  });
  const kernelText = `git:${request.path}@${id}`;
  try {
    const on = await keepEvidence({ dir: home, name: 'base' }, async () => {
      const source = await obtainSource(host, { kind: 'git', path: request.path, rev: id }, `git:${request.path}@${id.slice(0, 12)}`);
      const tree = { source, treeId: source.treeId, touched: new Map<string, string>() };
      return prepareSide(host, { side: 'base', tree, config, guest, stage, log: join(home, 'build.log') });
    });
    const began = performance.now();
    const dir = join(home, scene.name);
    host.emit({ kind: 'scene-start', side: 'base', scene: scene.name });
    const repro = reproScript(host.root, { request: { ...request, kernelText }, side: 'base', seriesFiles: [] });
    const { verdict } = await playScene(host, { scene, on, guest, issues: [], dir, repro, ...(model === undefined ? {} : { model }) });
    host.emit({ kind: 'scene-end', side: 'base', scene: scene.name, verdict, ms: performance.now() - began });
    return { verdict, dir };
  } catch (error) {
    if (!(error instanceof DioramaError)) throw error;
    const { code, message, details, evidence } = error;
    if (code !== 'build-failed' && code !== 'config-unmet' && code !== 'boot-failed' && code !== 'bad-kernel-spec') throw error;
    return { trouble: { code, message, details, ...(evidence === undefined ? {} : { evidence }) }, dir: home };
  }
}
