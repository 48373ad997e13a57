import { LineCounter, parseDocument, isMap, type Document, type Node } from 'yaml';
import type { z } from 'zod';
import { DioramaError } from '../errors.ts';
import { printable } from '../printable.ts';
import { explainIssue } from './explain-issue.ts';

type Path = readonly (string | number)[];

/** A mistake in a file, at a path from its root. `key` marks one of the keys of the map at the path instead of its value. */
export interface Mistake {
  readonly path: Path;
  readonly key?: string;
  readonly message: string;
}

/** A mistake where it stands in the text. */
interface Placed {
  readonly offset: number;
  readonly message: string;
}

/** More would only repeat what the first ones say. */
const mostMistakes = 20;

/**
 * Reads a YAML text that must satisfy `schema`.
 * @throws DioramaError `bad-file` (or `bad-scene` for a scenario) that names every mistake as file:line:col: message, in their order
 */
export function readYaml<T>(
  text: string,
  given: { readonly file: string; readonly what: string; readonly schema: z.ZodType<T> },
): T {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, logLevel: 'error' });
  const fail = (mistakes: readonly Placed[]): never => refuse(given, mistakes.map((mistake) => ({ ...mistake, ...lines.linePos(mistake.offset) })));
  const broken = [...document.errors, ...document.warnings].map((error): Placed => ({ offset: error.pos[0], message: syntaxMessage(error.message) }));
  if (broken.length > 0) fail(broken);
  const data = plainData(document, (message) => fail([{ offset: 0, message }]));
  const parsed = given.schema.safeParse(data, { error: explainIssue });
  if (parsed.success) return parsed.data;
  const mistakes = parsed.error.issues.flatMap((issue) => mistakesOf(issue, data));
  return fail(mistakes.map((mistake) => ({ offset: offsetOf(document, mistake), message: mistake.message })));
}

/** The document's values; aliases that would grow without bound are a mistake of the file. */
function plainData(document: Document, fail: (message: string) => never): unknown {
  try {
    return document.toJS({ maxAliasCount: 20 });
  } catch {
    return fail('its aliases (*name) are too many, or name no anchor');
  }
}

function syntaxMessage(message: string): string {
  if (message.startsWith('Maximum call stack')) return 'maps and lists are nested too deeply';
  return message.replace('; please use YAML.parseAllDocuments()', '').replace(/^Source contains multiple documents/, 'expected one document, found a second');
}

function refuse(
  given: { readonly file: string; readonly what: string },
  places: readonly (Placed & { readonly line: number; readonly col: number })[],
): never {
  const sorted = [...places].sort((a, b) => a.offset - b.offset);
  const texts = sorted.map(({ line, col, message }) => `${given.file}:${line}:${col}: ${printable(message, 300)}`);
  const all = [...new Set(texts)];
  const [first = given.file, ...rest] = all.length > mostMistakes ? [...all.slice(0, mostMistakes), `and ${all.length - mostMistakes} more`] : all;
  throw new DioramaError({
    blame: 'scene',
    code: given.what === 'scenario' ? 'bad-scene' : 'bad-file',
    message: first,
    details: rest,
    next: `mend ${given.file}; nothing was played`,
  });
}

/** An unknown key is reported where it stands, a missing one at its map, every other issue where its value stands. */
function mistakesOf(issue: z.core.$ZodIssue, data: unknown): Mistake[] {
  const path = issue.path as Path;
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({ path, key, message: `unknown key '${key}'` }));
  }
  if (issue.code === 'invalid_key') {
    return [{ path: path.slice(0, -1), key: String(path.at(-1)), message: issue.issues[0]?.message ?? issue.message }];
  }
  if (issue.code === 'custom' && typeof issue.params?.['key'] === 'string') {
    return [{ path, key: issue.params['key'], message: issue.message }];
  }
  if (issue.code === 'invalid_union') {
    const meant = issue.errors.find((issues) => issues.every((inner) => inner.path.length > 0 && valueAt(data, [...path, ...(inner.path as Path)]) !== undefined));
    if (meant) return meant.flatMap((inner) => mistakesOf({ ...inner, path: [...path, ...inner.path] }, data));
  }
  const last = path.at(-1);
  if (issue.code === 'invalid_type' && typeof last === 'string' && valueAt(data, path) === undefined) {
    return [{ path: path.slice(0, -1), message: `'${last}' is missing: ${issue.message}` }];
  }
  return [{ path, message: issue.message }];
}

function valueAt(data: unknown, path: Path): unknown {
  return path.reduce<unknown>((value, key) => (typeof value === 'object' && value !== null && Object.hasOwn(value, key) ? (value as Record<string | number, unknown>)[key] : undefined), data);
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
