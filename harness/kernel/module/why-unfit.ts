import type { ModuleFile } from './read-module.ts';

/**
 * Why a kernel would refuse this module, or undefined: its vermagic is of another release (kernel/module/main.c, check_modinfo()), or it
 * wants a symbol that the kernel does not export (simplify_symbols()). `systemMap` is the kernel's System.map, whose `__ksymtab_X` say what is
 * exported. That the module was compiled with the kernel's structs is what the build's dependency files are for.
 */
export function whyUnfit(module: ModuleFile, kernel: { readonly release: string; readonly systemMap: string }): string | undefined {
  const info = module.sections.find(({ name }) => name === '.modinfo')?.bytes.toString('latin1').split('\0') ?? [];
  const magic = info.find((entry) => entry.startsWith('vermagic='))?.slice('vermagic='.length);
  if (magic === undefined) return 'it has no vermagic';
  if (magic.split(' ')[0] !== kernel.release) return `its vermagic is "${magic}", and the kernel is ${kernel.release}`;
  const exported = new Set([...kernel.systemMap.matchAll(/ __ksymtab_(\S+)$/gm)].map(([, name = '']) => name));
  const missing = module.symbols.filter(({ name, wanted }) => wanted && !exported.has(name)).map(({ name }) => name);
  return missing.length === 0 ? undefined : `the kernel does not export ${missing.slice(0, 3).join(', ')}${missing.length > 3 ? ` and ${missing.length - 3} more` : ''}`;
}
