import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** One `config` or `menuconfig` entry; a symbol may have several, one an architecture for instance. */
export interface KconfigEntry {
  readonly place: string;
  /** Whether it can be m; one that cannot is content with a dependency that is. */
  readonly tristate: boolean;
  /** Expressions that must all hold: the entry's own `depends on` and those of the menus, ifs and choices around it. */
  readonly depends: readonly string[];
  /** Whether a fragment can set it at all: `prompt if EXPRESSION`, with `y` for an unconditional one. */
  readonly prompt: string | undefined;
  readonly selects: readonly { readonly symbol: string; readonly condition: string }[];
}

/** By symbol, without `CONFIG_`. */
export type Kconfig = ReadonlyMap<string, readonly KconfigEntry[]>;

/**
 * Reads a kernel's Kconfig files from the top, following `source` (Documentation/kbuild/kconfig-language.rst). Only dependencies,
 * prompts and selects are kept: enough to say why a symbol could not be set.
 */
export async function readKconfig(workTree: string, srcArch: string): Promise<Kconfig> {
  const reader: Reader = { workTree, srcArch, symbols: new Map(), blocks: [], seen: new Set() };
  await readFileInto(reader, 'Kconfig');
  return reader.symbols;
}

interface Reader {
  readonly workTree: string;
  readonly srcArch: string;
  readonly symbols: Map<string, KconfigEntry[]>;
  /** Enclosing menus, ifs and choices, outermost first. */
  readonly blocks: { depends: string[] }[];
  readonly seen: Set<string>;
}

interface OpenEntry {
  tristate: boolean;
  depends: string[];
  prompt: string | undefined;
  selects: { symbol: string; condition: string }[];
}

async function readFileInto(reader: Reader, path: string): Promise<void> {
  if (reader.seen.has(path)) return;
  reader.seen.add(path);
  const text = await readFile(join(reader.workTree, path), 'utf8').catch(() => '');
  let entry: OpenEntry | undefined;
  for (const { line, number } of logicalLines(text)) {
    const [, word = '', rest = ''] = /^(\S+)\s*(.*)$/.exec(line) ?? [];
    switch (word) {
      case 'source':
      case 'rsource':
      case 'osource':
      case 'orsource':
        entry = undefined;
        await readFileInto(reader, unquote(rest).replaceAll('$(SRCARCH)', reader.srcArch).replaceAll('$(HEADER_ARCH)', reader.srcArch));
        break;
      case 'config':
      case 'menuconfig':
        entry = openEntry(reader, rest.trim(), `${path}:${String(number)}`);
        break;
      case 'menu':
      case 'choice':
        reader.blocks.push({ depends: [] });
        entry = undefined;
        break;
      case 'if':
        reader.blocks.push({ depends: [rest] });
        entry = undefined;
        break;
      case 'endmenu':
      case 'endchoice':
      case 'endif':
        reader.blocks.pop();
        entry = undefined;
        break;
      case 'comment':
      case 'mainmenu':
        // What depends on follows belongs to the comment.
        entry = { tristate: false, depends: [], prompt: undefined, selects: [] };
        break;
      default:
        readAttribute(entry ?? reader.blocks.at(-1), word, rest);
    }
  }
}

function openEntry(reader: Reader, symbol: string, place: string): OpenEntry {
  const around = reader.blocks.flatMap((block) => block.depends);
  const own: string[] = [];
  const entry: OpenEntry = { tristate: false, depends: own, prompt: undefined, selects: [] };
  // The entry grows while its lines are read; what is around it is fixed now.
  const kept = {
    place,
    get tristate() {
      return entry.tristate;
    },
    get depends() {
      return [...around, ...own];
    },
    get prompt() {
      return entry.prompt;
    },
    get selects() {
      return entry.selects;
    },
  };
  reader.symbols.set(symbol, [...(reader.symbols.get(symbol) ?? []), kept]);
  return entry;
}

function readAttribute(target: OpenEntry | { depends: string[] } | undefined, word: string, rest: string): void {
  if (target === undefined) return;
  if (word === 'depends') {
    target.depends.push(rest.replace(/^on\s+/, ''));
    return;
  }
  if (!('selects' in target)) return;
  const [body, condition] = splitIf(rest);
  if (word === 'tristate' || word === 'def_tristate') target.tristate = true;
  if (word === 'select') target.selects.push({ symbol: body, condition });
  else if (['bool', 'tristate', 'int', 'hex', 'string', 'prompt'].includes(word) && /^["']/.test(body)) target.prompt = condition;
}

function splitIf(text: string): [string, string] {
  const quoted = /^("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|\S+)\s*(?:if\s+(.*))?$/.exec(text);
  return [quoted?.[1] ?? text, quoted?.[2] ?? 'y'];
}

/** Lines without comments and help texts; a backslash joins the next one. */
function* logicalLines(text: string): Generator<{ line: string; number: number }> {
  const lines = text.split('\n');
  let helpIndent: number | undefined;
  for (let index = 0; index < lines.length; index++) {
    const number = index + 1;
    let line = lines[index] ?? '';
    const indent = indentOf(line);
    if (helpIndent !== undefined) {
      if (line.trim() === '') continue;
      // kconfig's lexer: the first line of the text sets its indent, a line left of it ends it.
      if (helpIndent === -1 && indent > 0) helpIndent = indent;
      if (helpIndent !== -1 && indent >= helpIndent) continue;
      helpIndent = undefined;
    }
    while (line.endsWith('\\') && index + 1 < lines.length) line = `${line.slice(0, -1)} ${lines[++index] ?? ''}`;
    const bare = withoutComment(line).trim();
    if (bare === 'help' || bare === '---help---') helpIndent = -1;
    else if (bare !== '') yield { line: bare, number };
  }
}

function indentOf(line: string): number {
  let column = 0;
  for (const character of line) {
    if (character === ' ') column += 1;
    else if (character === '\t') column = (column & ~7) + 8;
    else break;
  }
  return column;
}

function withoutComment(line: string): string {
  if (!line.includes('#')) return line;
  let quote = '';
  for (let index = 0; index < line.length; index++) {
    const character = line[index] ?? '';
    if (quote !== '') quote = character === quote ? '' : quote;
    else if (character === '"' || character === "'") quote = character;
    else if (character === '#') return line.slice(0, index);
  }
  return line;
}

function unquote(text: string): string {
  return text.trim().replace(/^["'](.*)["']$/, '$1');
}
