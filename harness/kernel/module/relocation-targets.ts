import type { ModuleFile, ModuleSymbol, Relocation } from './read-module.ts';
import { sourceName } from './source-name.ts';

/** The named things of a module by section, in order of their places. */
export interface Targets {
  readonly file: ModuleFile;
  readonly bySection: ReadonlyMap<number, readonly ModuleSymbol[]>;
}

export function targetsOf(file: ModuleFile): Targets {
  const bySection = new Map<number, ModuleSymbol[]>();
  for (const symbol of file.symbols) {
    if (symbol.section === undefined || symbol.name === '' || symbol.kind === 'section') continue;
    bySection.set(symbol.section, [...(bySection.get(symbol.section) ?? []), symbol]);
  }
  for (const symbols of bySection.values()) symbols.sort((a, b) => a.at - b.at || b.size - a.size || (a.name < b.name ? -1 : 1));
  return { file, bySection };
}

/** R_X86_64_PC32 and PLT32: their addend counts from the end of the field, which is four bytes. */
const relativeTypes = new Set([2, 4]);

/** What a relocation refers to, in words that are the same wherever the linker put it. */
export function describeTarget({ symbol, type, addend }: Relocation, targets: Targets): string {
  if (symbol.kind !== 'section' || symbol.section === undefined) return `${type} ${sourceName(symbol.name)}+${addend}`;
  return `${type} ${describePlace(symbol.section, addend + (relativeTypes.has(type) ? 4 : 0), targets)}`;
}

/** A place in a section: by what is there, or, of constants without a name, by what they are. */
export function describePlace(section: number, at: number, targets: Targets): string {
  const within = symbolAt(section, at, targets);
  if (within) return `${sourceName(within.name)}+${at - within.at}`;
  const found = targets.file.sections[section];
  if (!found) return `${section}+${at}`;
  if (found.name.startsWith('.rodata.str')) return `"${textAt(found.bytes, at)}"`;
  if (found.entrySize > 0) return `constant ${found.bytes.toString('hex', at, at + found.entrySize)}`;
  const table = jumpTable(section, at, targets);
  return table === '' ? `${found.name} ${found.bytes.toString('hex', at, at + unnamedBytes)}` : `table ${table}`;
}

const unnamedBytes = 16;

function symbolAt(section: number, at: number, { bySection }: Targets): ModuleSymbol | undefined {
  return bySection.get(section)?.find((symbol) => at >= symbol.at && (at < symbol.at + symbol.size || at === symbol.at));
}

/** The places of code that a switch jumps to, from `at` on, as long as they are in one function. */
function jumpTable(section: number, at: number, targets: Targets): string {
  const { relocations = [] } = targets.file.sections[section] ?? {};
  const words: string[] = [];
  let place = at;
  let owner: string | undefined;
  for (const { offset, symbol, addend, type } of relocations.filter(({ offset: start }) => start >= at)) {
    if (offset !== place || symbol.section === undefined || !targets.file.sections[symbol.section]?.executable) break;
    const target = symbolAt(symbol.section, symbol.at + addend, targets);
    if (!target || (owner ??= target.name) !== target.name) break;
    words.push(`${sourceName(target.name)}+${symbol.at + addend - target.at}`);
    place += relativeTypes.has(type) ? 4 : 8;
  }
  return words.join(' ');
}

function textAt(bytes: Buffer, at: number): string {
  const end = bytes.indexOf(0, at);
  return bytes.toString('latin1', at, end < 0 ? bytes.length : end);
}
