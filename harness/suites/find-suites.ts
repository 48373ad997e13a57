import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import picomatch from 'picomatch';
import { DioramaError } from '../errors.ts';
import { readSuite, type Suite } from './read-suite.ts';

/**
 * The suites that the words name: names and globs of tests/suites/, or files of the user's own that end in `.yaml`; all of them for no word.
 * @throws DioramaError `bad-usage` for a word that names none, `bad-file` for mistakes in one
 */
export async function findSuites(root: string, words: readonly string[]): Promise<Suite[]> {
  const home = join(root, 'tests/suites');
  const names = (await readdir(home)).filter((file) => file.endsWith('.yaml')).map((file) => file.slice(0, -'.yaml'.length)).sort();
  const found = (words.length === 0 ? ['*'] : words).flatMap((word) => {
    if (word.endsWith('.yaml')) return [word];
    const named = names.filter((name) => picomatch.isMatch(name, word));
    if (named.length > 0) return named.map((name) => join(home, `${name}.yaml`));
    throw new DioramaError({ blame: 'usage', code: 'bad-usage', message: `suite ${word}: there is no such suite`, next: `one of: ${names.join(', ')}; or a .yaml file of your own` });
  });
  return Promise.all([...new Set(found)].map(readSuite));
}
