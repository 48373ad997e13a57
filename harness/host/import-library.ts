/** What start.ts leaves for the bundle. */
interface Global {
  dioramaImport?: (name: string) => Promise<unknown>;
}

/**
 * Imports a library that few commands have a use for. V8's kept code of the bundle has lost where an import() of its own would begin (Node 20, vm.Script
 * with cachedData: ERR_VM_DYNAMIC_IMPORT_CALLBACK_MISSING), so the bundle uses that of harness/cli/start.ts.
 */
export function importLibrary(name: 'ssh2' | '@observablehq/plot' | 'linkedom' | 'hdr-histogram-js'): Promise<unknown> {
  return (globalThis as Global).dioramaImport?.(name) ?? import(name);
}
