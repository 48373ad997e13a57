import { LineCounter, parseDocument, isMap, type Document, type Node } from 'yaml';
import type { z } from 'zod';
import { DioramaError } from '../errors.ts';

type Path = readonly (string | number)[];

/** A mistake in a file, at a path from its root. `key` marks one of the keys of the map at the path instead of its value. */
export interface Mistake {
  readonly path: Path;
  readonly key?: string;
  readonly message: string;
}

/**
 * Reads a YAML text that must satisfy `schema`.
 * @throws DioramaError `bad-file` (or `code`) that names every mistake as file:line:col: message
 */
export function readYaml<T>(
  text: string,
  given: { readonly file: string; readonly what: string; readonly schema: z.ZodType<T> },
): T {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const at = (offset: number): string => {
    const { line, col } = lines.linePos(offset);
    return `${given.file}:${line}:${col}`;
  };
  if (document.errors.length > 0) {
    fail(given, document.errors.map((error) => `${at(error.pos[0])}: ${error.message}`));
  }
  const parsed = given.schema.safeParse(document.toJS({ maxAliasCount: 20 }));
  if (parsed.success) return parsed.data;
  const mistakes = parsed.error.issues.flatMap(mistakesOf);
  fail(given, mistakes.map((mistake) => `${at(offsetOf(document, mistake))}: ${mistake.message}`));
}

function fail(given: { readonly file: string; readonly what: string }, places: readonly string[]): never {
  const [first = given.file, ...rest] = places;
  throw new DioramaError({
    blame: 'scene',
    code: given.what === 'scenario' ? 'bad-scene' : 'bad-file',
    message: first,
    details: rest,
    next: `mend ${given.file}; nothing was played`,
  });
}

/** An unknown key is reported where it stands, every other issue where its value stands. */
function mistakesOf(issue: z.core.$ZodIssue): Mistake[] {
  const path = issue.path as Path;
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({ path, key, message: `unknown key '${key}'` }));
  }
  if (issue.code === 'custom' && typeof issue.params?.['key'] === 'string') {
    return [{ path, key: issue.params['key'], message: issue.message }];
  }
  if (issue.code === 'invalid_type' && issue.input === undefined && path.length > 0) {
    const missing = String(path.at(-1));
    return [{ path: path.slice(0, -1), message: `'${missing}' is missing: ${issue.message}` }];
  }
  return [{ path, message: issue.message }];
}

/** Where a mistake stands in the text: the deepest node on its path that is there. */
function offsetOf(document: Document, mistake: Mistake): number {
  for (let depth = mistake.path.length; depth >= 0; depth -= 1) {
    const node = depth === 0 ? document.contents : document.getIn(mistake.path.slice(0, depth), true);
    if (!isNode(node)) continue;
    if (mistake.key !== undefined && depth === mistake.path.length && isMap(node)) {
      const pair = node.items.find((item) => String(item.key) === mistake.key);
      const key = pair?.key;
      if (isNode(key)) return key.range?.[0] ?? 0;
    }
    return node.range?.[0] ?? 0;
  }
  return 0;
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && 'range' in value;
}
