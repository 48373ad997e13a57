type PlainKind = 'quit' | 'interrupt' | 'all' | 'again' | 'next';

/** What a person asks for by keys. */
export type Command =
  | { readonly kind: PlainKind }
  /** From 1, as the screen numbers them. */
  | { readonly kind: 'pick'; readonly number: number }
  | { readonly kind: 'scroll'; readonly lines: number }
  /** What is typed after the slash so far; undefined when it was given up. */
  | { readonly kind: 'type'; readonly typed: string | undefined }
  | { readonly kind: 'choose'; readonly pattern: string };

const escape = '\u001b';
const scrolls: Readonly<Record<string, number>> = { [`${escape}[A`]: -1, [`${escape}[B`]: 1, [`${escape}[5~`]: -10, [`${escape}[6~`]: 10, k: -1, j: 1, K: -10, J: 10 };
const plainKeys: Readonly<Record<string, PlainKind>> = { q: 'quit', a: 'all', r: 'again', n: 'next', '\u0003': 'interrupt' };
const longestTyped = 200;

/** The commands in what a terminal sent; `typed` is what stands after the slash, when one was typed. */
export function readKeys(text: string, typed: string | undefined): Command[] {
  const commands: Command[] = [];
  let line = typed;
  for (const key of text.match(/\u001b\[[0-9;]*[A-Za-z~]|[^]/gu) ?? []) {
    const command = line === undefined ? commandOf(key) : typedKey(key, line);
    if (!command) continue;
    commands.push(command);
    if (command.kind === 'type') line = command.typed;
    if (command.kind === 'choose') line = undefined;
  }
  return commands;
}

function commandOf(key: string): Command | undefined {
  const kind = plainKeys[key];
  if (kind) return { kind };
  if (/^[1-9]$/.test(key)) return { kind: 'pick', number: Number(key) };
  if (key === '/') return { kind: 'type', typed: '' };
  const lines = scrolls[key];
  return lines === undefined ? undefined : { kind: 'scroll', lines };
}

function typedKey(key: string, line: string): Command | undefined {
  if (key === '\u0003') return { kind: 'interrupt' };
  if (key === '\r' || key === '\n') return line.trim() === '' ? { kind: 'type', typed: undefined } : { kind: 'choose', pattern: line.trim() };
  if (key === escape) return { kind: 'type', typed: undefined };
  if (key === '\u007f' || key === '\b') return { kind: 'type', typed: line.slice(0, -1) };
  if (key === '\u0015') return { kind: 'type', typed: '' };
  return /^[\w.*?{},[\]!+@-]$/.test(key) && line.length < longestTyped ? { kind: 'type', typed: line + key } : undefined;
}
