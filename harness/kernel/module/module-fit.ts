import { printable } from '../../printable.ts';
import { readModule, textAt } from './read-module.ts';
import type { ModuleFile } from './read-module.ts';

/** What a kernel asks of its modules. */
export interface KernelFacts {
  /** As its module loader compares it (kernel/module/main.c): release, SMP, preemption, unloading, versions. */
  readonly vermagic: string;
  /** Its exported symbols, with their CRCs where it has them (CONFIG_MODVERSIONS). */
  readonly exports: ReadonlyMap<string, number | undefined>;
}

/** The linker leaves it undefined; the loader passes over it (ignore_undef_symbol() of kernel/module/main.c and arch/x86). */
const passedOver = '_GLOBAL_OFFSET_TABLE_';
const crcBytes = 8;
const versionBytes = 64;

/**
 * Why the kernel could not take the module: made for another, or in need of a symbol that this one does not export, or exports with
 * another CRC. That both were compiled with the same layout of each struct is not seen here: that follows from the dependency files
 * (decide-scope.ts), since a change of any file that vmlinux was made of makes both again. CRCs would say no more, and only of what
 * exported functions take.
 * @returns undefined when it fits
 */
export function moduleMisfit(module: Buffer, kernel: KernelFacts): string | undefined {
  const file = readWhole(module);
  if (file === undefined) return 'it is damaged';
  const info = file.sections.find(({ name }) => name === '.modinfo')?.bytes.toString('latin1').split('\0') ?? [];
  const vermagic = info.find((line) => line.startsWith('vermagic='))?.slice('vermagic='.length);
  if (vermagic === undefined) return 'it does not say which kernel it is for';
  if (vermagic.trim() !== kernel.vermagic.trim()) return `it is for "${printable(vermagic)}", and the kernel is "${printable(kernel.vermagic)}"`;
  const needed = file.symbols.filter(({ wanted, weak, name }) => wanted && !weak && name !== passedOver && name !== '').map(({ name }) => name);
  const missing = needed.filter((name) => !kernel.exports.has(name));
  const [first] = missing;
  if (first !== undefined) return `it needs ${printable(first)}${missing.length === 1 ? '' : ` and ${missing.length - 1} more`}, which vmlinux does not export`;
  return misversioned(versionsOf(file.sections.find(({ name }) => name === '__versions')?.bytes), needed, kernel);
}

function readWhole(module: Buffer): ModuleFile | undefined {
  try {
    return readModule(module);
  } catch {
    return undefined;
  }
}

function misversioned(versions: ReadonlyMap<string, number>, needed: readonly string[], kernel: KernelFacts): string | undefined {
  for (const name of needed) {
    const crc = kernel.exports.get(name);
    if (crc === undefined) continue;
    const own = versions.get(name);
    if (own !== crc) return `it was made for ${printable(name)} with CRC ${own === undefined ? 'unknown' : hex(own)}, and vmlinux has it with ${hex(crc)}`;
  }
  return undefined;
}

/** `struct modversion_info`: the CRC in the first word, the name in the rest. */
function versionsOf(bytes: Buffer | undefined): ReadonlyMap<string, number> {
  const versions = new Map<string, number>();
  for (let at = 0; bytes !== undefined && at + versionBytes <= bytes.length; at += versionBytes) {
    versions.set(textAt(bytes.subarray(at, at + versionBytes), crcBytes), bytes.readUInt32LE(at));
  }
  return versions;
}

function hex(crc: number): string {
  return `0x${crc.toString(16).padStart(8, '0')}`;
}
