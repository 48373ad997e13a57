import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DioramaError } from '../errors.ts';
import { playedScene } from '../model/as-played.ts';
import { printable } from '../printable.ts';
import { readScenario } from '../scenario/read-scenario.ts';
import type { Scenario } from '../scenario/types.ts';

/**
 * The scene that a run played as `name`, from the file that it kept in the scene's own directory `dir`.
 * @throws DioramaError `bad-file` when the file is gone, or comes to no such scene any more; `bad-scene` with its mistakes
 */
export async function keptScene(dir: string, name: string): Promise<Scenario> {
  const file = join(dir, 'scenario.yaml');
  const next = `what the scene left is in ${dir}`;
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    throw new DioramaError({ blame: 'usage', code: 'bad-file', message: `${file}: the scene's own file cannot be read`, next, cause: error });
  });
  const scene = playedScene(readScenario(text, file), name);
  if (!scene) throw new DioramaError({ blame: 'usage', code: 'bad-file', message: `${file}: has no scene '${printable(name)}' for this diorama`, next });
  return scene;
}
