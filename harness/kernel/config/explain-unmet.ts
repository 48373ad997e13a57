import { evaluate, failingParts, parseExpression } from './kconfig-expression.ts';
import type { Values } from './kconfig-expression.ts';
import type { Kconfig, KconfigEntry } from './read-kconfig.ts';

/**
 * Says in one line why a symbol (without `CONFIG_`) does not have the value it was asked to have: it does not exist, a dependency
 * is not met, another symbol selects it, or nobody may set it.
 */
export function explainUnmet(kconfig: Kconfig, values: Values, asked: { readonly symbol: string; readonly value: string }): string {
  const entries = kconfig.get(asked.symbol);
  if (entries === undefined) return 'this kernel has no such symbol';
  if (asked.value === 'n') return explainSet(kconfig, values, asked.symbol);
  const lacking = entries.map((entry) => unmetOf(entry, values, entry.tristate && asked.value === 'y' ? 2 : 1));
  const best = lacking.filter((one) => one.length > 0).sort((a, b) => a.length - b.length)[0];
  // When one entry's dependencies all hold, the symbol was kept from its value by something else.
  if (best !== undefined && lacking.every((one) => one.length > 0)) return `it needs ${best.map((part) => withValue(part, values)).join(' and ')}`;
  const prompts = entries.flatMap((entry) => (entry.prompt === undefined ? [] : [entry.prompt]));
  if (prompts.length === 0) return 'it cannot be set by hand, only selected by another symbol';
  const hidden = prompts.map((prompt) => failingParts(parseExpression(prompt), values));
  if (hidden.every((parts) => parts.length > 0)) return `it can only be set with ${(hidden[0] ?? []).join(' and ')}`;
  return `its dependencies are met; a range, a choice or the toolchain decides (${entries[0]?.place ?? 'Kconfig'})`;
}

function unmetOf(entry: KconfigEntry, values: Values, wanted: number): readonly string[] {
  return [...new Set(entry.depends.flatMap((text) => failingParts(parseExpression(text), values, wanted)))];
}

function explainSet(kconfig: Kconfig, values: Values, symbol: string): string {
  const selecting: string[] = [];
  for (const [other, entries] of kconfig) {
    if ((values.get(`CONFIG_${other}`) ?? 'n') === 'n') continue;
    const selects = entries.flatMap((entry) => entry.selects).filter((select) => select.symbol === symbol);
    if (selects.some((select) => evaluate(parseExpression(select.condition), values) !== 0)) selecting.push(other);
  }
  if (selecting.length > 0) return `${selecting.slice(0, 4).join(', ')} ${selecting.length === 1 ? 'selects' : 'select'} it`;
  const prompts = (kconfig.get(symbol) ?? []).flatMap((entry) => (entry.prompt === undefined ? [] : [entry.prompt]));
  if (prompts.length === 0) return 'it cannot be set by hand, its default says so';
  const hidden = prompts.map((prompt) => failingParts(parseExpression(prompt), values));
  if (hidden.every((parts) => parts.length > 0)) return `it can only be unset with ${(hidden[0] ?? []).join(' and ')}`;
  return 'a choice or its default decides';
}

function withValue(part: string, values: Values): string {
  if (!/^\w+$/.test(part)) return part;
  return `${part} (which is ${values.get(`CONFIG_${part}`) ?? 'n'})`;
}
