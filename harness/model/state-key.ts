import type { ModelState } from './state.ts';

/** Numbers that only tell things apart, by the key that they stand under. */
const idKeys: ReadonlySet<string> = new Set(['id', 'open', 'request', 'aio', 'mapping', 'buffer', 'writers', 'mapped', 'handles', 'lost', 'mappings']);
/** Records whose keys are such numbers. */
const idRecords: ReadonlySet<string> = new Set(['opens', 'mappings', 'replies', 'opened']);
/** Numbers of which only the order matters: versions of attributes, and which call is older. */
const rankedKeys: readonly ReadonlySet<string>[] = [new Set(['version', 'attrVersion']), new Set(['seq', 'call'])];
/** What was said or seen on the way here and decides nothing any more. */
const dropped: ReadonlySet<string> = new Set(['since', 'why', 'rule', 'step', 'nextId', 'returned', 'actors', 'generation', 'init', 'maxWrite', 'maxPages']);
const leftovers: ReadonlySet<string> = new Set(['reply', 'io', 'value', 'seen', 'error', 'signal', 'wait']);

/**
 * A state as a text that is the same for states that go on alike: ids are numbered anew in the order in which they come, versions
 * are ranked, and what ended calls left behind is dropped.
 */
export function keyOf(state: ModelState): string {
  const ids = new Map<number, number>();
  const ranks = rankedKeys.map((keys) => ({ keys, order: [...new Set(numbersIn(state, keys))].sort((a, b) => a - b) }));
  const idOf = (given: number): number => {
    const known = ids.get(given) ?? ids.size;
    ids.set(given, known);
    return known;
  };
  const walk = (value: unknown, key: string): unknown => {
    if (typeof value === 'number') {
      if (idKeys.has(key)) return idOf(value);
      return ranks.find(({ keys }) => keys.has(key))?.order.indexOf(value) ?? value;
    }
    if (typeof value === 'string') return value.replace(/~\d+$/, '~');
    if (Array.isArray(value)) return value.map((entry) => walk(entry, key));
    if (typeof value !== 'object' || value === null) return value;
    const idle = 'todo' in value && Array.isArray(value.todo) && value.todo.length === 0;
    return Object.entries(value)
      .filter(([name]) => !dropped.has(name) && !(idle && leftovers.has(name)))
      .map(([name, entry]) => [idRecords.has(key) && /^\d+$/.test(name) ? idOf(Number(name)) : name.replace(/~\d+$/, '~'), walk(entry, numeric(entry) && idKeys.has(key) ? key : name)]);
  };
  return JSON.stringify(walk(state, ''));
}

const numeric = (value: unknown): boolean => typeof value === 'number';

function numbersIn(value: unknown, keys: ReadonlySet<string>): number[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, entry]) => (typeof entry === 'number' && keys.has(key) ? [entry] : numbersIn(entry, keys)));
}
