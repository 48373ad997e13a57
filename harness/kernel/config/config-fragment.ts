/** One line of a kconfig fragment: the value a symbol must have in the final `.config`. */
export interface AskedSymbol {
  /** With its `CONFIG_`. */
  readonly symbol: string;
  /** `y`, `m`, `n` or the text of a number or string. */
  readonly value: string;
  /** Only asked of kernels that have the symbol; written as `# optional: CONFIG_X=y`. */
  readonly optional: boolean;
  /** `base.config:12`, for messages. */
  readonly place: string;
}

/**
 * Reads a kconfig fragment. `# CONFIG_X is not set` and `CONFIG_X=n` ask for the same; `# optional: CONFIG_X=y` asks only where
 * the symbol exists, since kernels of several series share the fragments.
 * @returns what it asks for, and its mistakes as `file:line: message`
 */
export function parseFragment(text: string, name: string): { readonly asked: readonly AskedSymbol[]; readonly mistakes: readonly string[] } {
  const asked: AskedSymbol[] = [];
  const mistakes: string[] = [];
  for (const [index, line] of text.split('\n').entries()) {
    const place = `${name}:${String(index + 1)}`;
    const found = parseLine(line.trim());
    if (found === 'nothing') continue;
    if (found === 'mistake') mistakes.push(`${place}: expected CONFIG_X=value, "# CONFIG_X is not set" or "# optional: CONFIG_X=value"`);
    else asked.push({ ...found, place });
  }
  return { asked, mistakes };
}

/** The fragment as merge_config.sh reads it: optional lines are plain ones, which kconfig drops where it does not know the symbol. */
export function fragmentForMerge(asked: readonly AskedSymbol[]): string {
  return asked.map((one) => (one.value === 'n' ? `# ${one.symbol} is not set\n` : `${one.symbol}=${one.value}\n`)).join('');
}

/** Values of a `.config`; a symbol that is not in it is `n`. */
export function parseDotConfig(text: string): ReadonlyMap<string, string> {
  const values = new Map<string, string>();
  for (const line of text.split('\n')) {
    const [, symbol, value] = /^(CONFIG_\w+)=(.*)$/.exec(line) ?? [];
    if (symbol !== undefined && value !== undefined) values.set(symbol, value);
  }
  return values;
}

function parseLine(line: string): Omit<AskedSymbol, 'place'> | 'nothing' | 'mistake' {
  const plain = /^(CONFIG_\w+)=(.+)$/.exec(line);
  if (plain?.[1] !== undefined && plain[2] !== undefined) return { symbol: plain[1], value: plain[2], optional: false };
  const unset = /^# (CONFIG_\w+) is not set$/.exec(line);
  if (unset?.[1] !== undefined) return { symbol: unset[1], value: 'n', optional: false };
  const optional = /^# optional: (CONFIG_\w+)=(.+)$/.exec(line);
  if (optional?.[1] !== undefined && optional[2] !== undefined) return { symbol: optional[1], value: optional[2], optional: true };
  // A comment that was meant as one of the two forms above must not pass for prose.
  if (line.startsWith('#')) return /^#\s*(optional\s*:|CONFIG_\w+\s*(=|is\s+(not|unset|off)\b))/.test(line) ? 'mistake' : 'nothing';
  return line === '' ? 'nothing' : 'mistake';
}
