import { readFile, readdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import picomatch from 'picomatch';
import { DioramaError } from '../errors.ts';

/** A kernel that is known to be wrong, as a patch; or one that is changed and still right. */
export interface Canary {
  readonly name: string;
  readonly file: string;
  /** Rules (harness/model/rules.ts) that it breaks, from its `Breaks:` line; scenes that protect them are played first. */
  readonly breaks: readonly string[];
  /** Its change cannot be seen from outside, so no scene may see it: its name begins with `same-`. */
  readonly equivalent: boolean;
}

/**
 * The canaries that `patterns` name: names or globs of those in tests/canaries, or .patch files of the user's own; all of tests/canaries
 * when there is no pattern. In name order.
 * @throws DioramaError `bad-usage` for a pattern that names nothing
 */
export async function findCanaries(root: string, patterns: readonly string[]): Promise<Canary[]> {
  const home = join(root, 'tests/canaries');
  const own = (await readdir(home)).filter((file) => file.endsWith('.patch')).sort();
  const files = new Set<string>();
  for (const pattern of patterns.length === 0 ? ['*'] : patterns) {
    const found = pattern.endsWith('.patch') ? [pattern] : own.filter((file) => picomatch.isMatch(basename(file, '.patch'), pattern)).map((file) => join(home, file));
    if (found.length === 0) {
      throw new DioramaError({ blame: 'usage', code: 'bad-usage', message: `--canary ${pattern}: no canary has this name`, next: 'tests/canaries holds them; a file of your own ends in .patch' });
    }
    for (const file of found) files.add(file);
  }
  return uniquelyNamed(await Promise.all([...files].map(readCanary)));
}

/** Two files of one name would share a directory in the results. */
function uniquelyNamed(canaries: readonly Canary[]): Canary[] {
  const byName = new Map<string, Canary>();
  for (const canary of canaries) {
    const other = byName.get(canary.name);
    if (other) throw new DioramaError({ blame: 'usage', code: 'bad-usage', message: `${canary.file} and ${other.file} are both the canary '${canary.name}'`, next: 'rename one' });
    byName.set(canary.name, canary);
  }
  return [...byName.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
}

async function readCanary(file: string): Promise<Canary> {
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    throw new DioramaError({ blame: 'usage', code: 'bad-usage', message: `${file}: cannot be read: ${(error as Error).message}` });
  });
  const name = basename(file, '.patch');
  const breaks = /^Breaks: (.*)$/m.exec(text)?.[1]?.split(/[ ,]+/).filter(Boolean) ?? [];
  return { name, file, breaks, equivalent: name.startsWith('same-') };
}
