import { readFileSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import picomatch from 'picomatch';
import { DioramaError } from '../errors.ts';
import { codeId } from '../host/code-id.ts';
import { contentKey } from '../host/content-key.ts';
import type { Host } from '../host/host.ts';
import { readStored, storeValue } from '../host/stored-value.ts';
import { asPlayed } from '../model/as-played.ts';
import { printable } from '../printable.ts';
import { readScenario } from '../scenario/read-scenario.ts';
import type { Scenario } from '../scenario/types.ts';

/**
 * The scenes that `patterns` name: names or globs of those in tests/scenarios, or .yaml files of the user's own; all of
 * tests/scenarios when there is no pattern. In name order, each once. The name of a file that is played as several scenes
 * (`orders-of-x.1`, `.2` …) names them all.
 * @throws DioramaError `bad-usage` for a pattern that names nothing, `bad-scene` with every mistake of every file
 */
export async function findScenarios(host: Pick<Host, 'root' | 'cache'>, patterns: readonly string[]): Promise<Scenario[]> {
  return namedScenes(await readScenarios(host, await findScenarioFiles(host.root, patterns)), patterns);
}

/**
 * Of the scenes of the files that findScenarioFiles() found for `patterns`, those that they name.
 * @throws DioramaError `bad-usage` for a pattern that names none
 */
export function namedScenes(scenes: readonly Scenario[], patterns: readonly string[]): Scenario[] {
  if (patterns.length === 0) return [...scenes];
  const named = new Set<Scenario>();
  for (const pattern of patterns) {
    const found = scenes.filter(({ name, file }) => isFile(pattern) ? file === pattern : [name, basename(file, '.yaml')].some((text) => picomatch.isMatch(text, pattern)));
    if (found.length === 0) throw namesNothing(pattern);
    for (const scene of found) named.add(scene);
  }
  return scenes.filter((scene) => named.has(scene));
}

/**
 * The files that may have scenes which `patterns` name.
 * @throws DioramaError `bad-usage` for a pattern that names nothing
 */
export async function findScenarioFiles(root: string, patterns: readonly string[]): Promise<string[]> {
  const home = join(root, 'tests/scenarios');
  const own = (await readdir(home)).filter((file) => file.endsWith('.yaml')).sort();
  const files = new Set<string>();
  for (const pattern of patterns.length === 0 ? ['*'] : patterns) {
    const globs = [pattern, pattern.replace(/\.[^.]*$/, '')];
    const found = isFile(pattern) ? [pattern] : own.filter((file) => globs.some((glob) => glob !== '' && picomatch.isMatch(basename(file, '.yaml'), glob))).map((file) => join(home, file));
    if (found.length === 0) throw namesNothing(pattern);
    for (const file of found) files.add(file);
  }
  return [...files];
}

/**
 * The scenes in files, as they are played; in name order.
 * @throws DioramaError `bad-scene` with every mistake of every file, `bad-usage` for two of one name
 */
export async function readScenarios(host: Pick<Host, 'cache'>, files: readonly string[]): Promise<Scenario[]> {
  const mistakes: DioramaError[] = [];
  const scenes: Scenario[] = [];
  for (const file of files) {
    // Whoever else has something to do, such as starting git, comes in between.
    await new Promise((done) => setImmediate(done));
    try {
      scenes.push(...(await readOnce(host, file)));
    } catch (error) {
      if (!(error instanceof DioramaError)) throw error;
      mistakes.push(error);
    }
  }
  const [first, ...rest] = mistakes;
  if (!first) return uniquelyNamed(scenes);
  if (rest.length === 0) throw first;
  const details = [...first.details, ...rest.flatMap((error) => [error.message, ...error.details])];
  throw new DioramaError({ blame: first.blame, code: first.code, message: first.message, details, ...(first.next === undefined ? {} : { next: first.next }) });
}

/** Reading and expanding all scenes takes longer than recalling what they came to, so the same text is read once by the same code. */
async function readOnce(host: Pick<Host, 'cache'>, file: string): Promise<readonly Scenario[]> {
  const text = readText(file);
  const code = await codeId();
  const place = code === undefined ? undefined : { kind: 'scenes', key: contentKey(['scenes 1', code, file, text]) };
  const known = place && readStored<readonly Scenario[]>(host, place);
  if (known) return known;
  const scenes = asPlayed(readScenario(text, file));
  if (place) await storeValue(host, { ...place, value: scenes });
  return scenes;
}

function namesNothing(pattern: string): DioramaError {
  return new DioramaError({
    blame: 'usage', code: 'bad-usage', message: `--scenario ${printable(pattern)}: no scene has this name`,
    next: './diorama list shows them all; a file of your own ends in .yaml',
  });
}

function isFile(pattern: string): boolean {
  return /\.ya?ml$/.test(pattern);
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new DioramaError({ blame: 'usage', code: 'bad-usage', message: `${file}: cannot be read: ${(error as Error).message}` });
  }
}

/** Two files of one name would share a directory in the results. */
export function uniquelyNamed(scenes: readonly Scenario[]): Scenario[] {
  const byName = new Map<string, Scenario>();
  for (const scene of scenes) {
    const other = byName.get(scene.name);
    if (other) throw new DioramaError({ blame: 'usage', code: 'bad-usage', message: `${scene.file} and ${other.file} are both the scene '${scene.name}'`, next: 'rename one' });
    byName.set(scene.name, scene);
  }
  return [...byName.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
}
