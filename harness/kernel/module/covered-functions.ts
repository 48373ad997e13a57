import type { ModuleFile } from './read-module.ts';
import { sourceName } from './source-name.ts';

/** QEMU's `-d in_asm`: an instruction's address at the beginning of a line, in 7.2 to 10.0. */
const instruction = /^0x([0-9a-f]{8,16}):/gm;

/**
 * The functions of a module that were run, sorted, by their names in the source: from QEMU's log of translated blocks and the address of
 * the module's .text as the trace has it; none when that is no address. What runs when the module is loaded lies elsewhere and is not named: every scene runs it.
 */
export function coveredFunctions(log: string, given: { readonly module: ModuleFile; readonly text: string }): string[] {
  const { module } = given;
  const section = module.sections.findIndex(({ name }) => name === '.text');
  if (!/^0x[0-9a-f]{1,16}$/.test(given.text)) return [];
  const start = BigInt(given.text);
  const functions = module.symbols.filter((symbol) => symbol.kind === 'function' && symbol.section === section && symbol.size > 0).sort((a, b) => a.at - b.at);
  const places = new Set<number>();
  for (const [, digits = '0'] of log.matchAll(instruction)) {
    const at = BigInt(`0x${digits}`) - start;
    if (at >= 0n && at < BigInt(module.sections[section]?.size ?? 0)) places.add(Number(at));
  }
  const found = new Set<string>();
  let next = 0;
  for (const place of [...places].sort((a, b) => a - b)) {
    for (let symbol = functions[next]; symbol && place >= symbol.at + symbol.size; symbol = functions[next]) next += 1;
    const here = functions[next];
    if (here && place >= here.at) found.add(sourceName(here.name));
  }
  return [...found].sort();
}
