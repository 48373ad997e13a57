import { compareFunctions } from './compare-functions.ts';
import type { ModuleFile, ModuleSymbol } from './read-module.ts';
import { describeTarget, targetsOf } from './relocation-targets.ts';
import { sourceName } from './source-name.ts';

/** What differs between two builds of a module: nothing that runs, some functions, or so much that any may behave otherwise. */
export type ModuleChange =
  | { readonly kind: 'nothing' }
  /** Names as in the source, sorted. */
  | { readonly kind: 'functions'; readonly names: readonly string[] }
  | { readonly kind: 'everything'; readonly why: string };

/**
 * Which functions of a module changed. Machine code is compared with what it refers to by name, so that code that only moved is the same, and
 * so are the lines that WARN_ON() notes. What was inlined counts where it went; parts that the compiler split off (.part.0, .cold) count for
 * their function. A changed table or variable, or a change in what runs when the module comes and goes, may change everything.
 */
export function changedFunctions(before: ModuleFile, now: ModuleFile): ModuleChange {
  const data = changedObject(before, now);
  if (data !== undefined) return { kind: 'everything', why: `${data} changed` };
  const [old, young] = [functionsOf(before), functionsOf(now)];
  const changed: { readonly name: string; readonly always: boolean }[] = [];
  for (const name of new Set([...old.keys(), ...young.keys()])) {
    const [left, right] = [old.get(name) ?? [], young.get(name) ?? []];
    const same = left.length === right.length && left.every((symbol, at) => right[at] !== undefined && compareFunctions({ file: before, symbol }, { file: now, symbol: right[at] }));
    if (!same) changed.push({ name, always: [...left, ...right].some((symbol) => runsAlways(symbol, left.includes(symbol) ? before : now)) });
  }
  const always = changed.find((one) => one.always);
  if (always) return { kind: 'everything', why: `${always.name} changed, which runs when fuse.ko is loaded or removed` };
  return changed.length === 0 ? { kind: 'nothing' } : { kind: 'functions', names: changed.map(({ name }) => name).sort() };
}

/** By the name in the source; several where the compiler split one, or two files have one of the same name. In order of their full names. */
function functionsOf(file: ModuleFile): Map<string, ModuleSymbol[]> {
  const found = new Map<string, ModuleSymbol[]>();
  const all = file.symbols.filter(({ kind, section }) => kind === 'function' && section !== undefined);
  for (const symbol of all.sort((a, b) => (a.name === b.name ? a.at - b.at : a.name < b.name ? -1 : 1))) {
    const name = sourceName(symbol.name);
    found.set(name, [...(found.get(name) ?? []), symbol]);
  }
  return found;
}

function runsAlways(symbol: ModuleSymbol, file: ModuleFile): boolean {
  return /^\.(init|exit)\./.test(file.sections[symbol.section ?? -1]?.name ?? '');
}

/** Sections whose named objects a function may read or call through; others follow the code (.smp_locks, __bug_table) or only describe it. */
const dataSections = /^\.(rodata|data|bss|init\.data|exit\.data)(\.\.[\w.]+)?$|^__param$/;

/**
 * The first object that is there in both and differs. One that came or went is no change by itself: whoever refers to it changed too.
 */
function changedObject(before: ModuleFile, now: ModuleFile): string | undefined {
  const [old, young] = [objectsOf(before), objectsOf(now)];
  return [...old].find(([name, contents]) => {
    const others = young.get(name) ?? [];
    return contents.some((content) => !others.includes(content)) && others.some((content) => !contents.includes(content));
  })?.[0];
}

/** Several where functions have static variables of one name. */
function objectsOf(file: ModuleFile): Map<string, string[]> {
  const targets = targetsOf(file);
  const found = new Map<string, string[]>();
  for (const symbol of file.symbols) {
    const section = symbol.section === undefined ? undefined : file.sections[symbol.section];
    if (symbol.kind !== 'object' || !section || !dataSections.test(section.name)) continue;
    const end = symbol.at + symbol.size;
    const refers = section.relocations.filter(({ offset }) => offset >= symbol.at && offset < end).map((one) => `${one.offset - symbol.at} ${describeTarget(one, targets)}`);
    const name = sourceName(symbol.name);
    found.set(name, [...(found.get(name) ?? []), `${symbol.size} ${section.bytes.toString('latin1', symbol.at, end)} ${refers.join(' ')}`]);
  }
  return found;
}
