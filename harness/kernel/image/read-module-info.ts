/** What a module says of itself (include/linux/module.h, MODULE_INFO). */
export interface ModuleInfo {
  /** The kernel that it was built for. */
  readonly release: string;
  /** Modules that must be there before it. */
  readonly depends: readonly string[];
}

/** Reads .modinfo of a module, `key=value` ended by zeros; undefined when it names no kernel. */
export function readModuleInfo(module: Buffer): ModuleInfo | undefined {
  const release = valueOf(module, 'vermagic')?.split(' ')[0];
  if (release === undefined || release === '') return undefined;
  return { release, depends: (valueOf(module, 'depends') ?? '').split(',').filter((name) => name !== '') };
}

function valueOf(module: Buffer, key: string): string | undefined {
  const start = Buffer.from(`\0${key}=`);
  const at = module.indexOf(start);
  const end = at < 0 ? -1 : module.indexOf(0, at + 1);
  return end < 0 ? undefined : module.toString('latin1', at + start.length, end);
}
