import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import picomatch from 'picomatch';
import { DioramaError } from '../errors.ts';
import { readSuite, type Suite } from './read-suite.ts';

/**
 * The suites that the words name: names and globs of tests/suites/, or files of the user's own that end in `.yaml`; all of them for no word. A
 * suite with cases is as many, and each of them has a name of its own too.
 * @throws DioramaError `bad-usage` for a word that names none, `bad-file` for mistakes in one
 */
export async function findSuites(root: string, words: readonly string[]): Promise<Suite[]> {
  const home = join(root, 'tests/suites');
  const names = (await readdir(home)).filter((file) => file.endsWith('.yaml')).map((file) => file.slice(0, -'.yaml'.length)).sort();
  const known = await Promise.all(names.map((name) => readSuite(join(home, `${name}.yaml`)).then((suites) => suites.map((suite) => ({ of: name, suite })))));
  const found: Suite[] = [];
  for (const word of new Set(words.length === 0 ? ['*'] : words)) {
    const named = word.endsWith('.yaml') ? await readSuite(word) : known.flat().filter(({ of, suite }) => [of, suite.name].some((name) => picomatch.isMatch(name, word))).map(({ suite }) => suite);
    if (named.length === 0) {
      throw new DioramaError({ blame: 'usage', code: 'bad-usage', message: `suite ${word}: there is no such suite`, next: `one of: ${names.join(', ')}; or a .yaml file of your own` });
    }
    found.push(...named);
  }
  return [...new Set(found)];
}
