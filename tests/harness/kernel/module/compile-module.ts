import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readModule, type ModuleFile } from '../../../../harness/kernel/module/read-module.ts';

const flags = ['-O2', '-mcmodel=kernel', '-fno-pic', '-fno-pie', '-fno-asynchronous-unwind-tables', '-fcf-protection=none', '-fno-stack-protector'];

/** The files, by gcc as for a kernel, in one relocatable object as a module is. */
export function compileModule(home: string, sources: Readonly<Record<string, string>>): ModuleFile {
  const dir = mkdtempSync(join(home, 'module-'));
  for (const [name, text] of Object.entries(sources)) {
    writeFileSync(join(dir, name), text);
    execFileSync('gcc', [...flags, '-c', name], { cwd: dir });
  }
  execFileSync('ld', ['-r', '-o', 'module.ko', ...Object.keys(sources).map((name) => name.replace('.c', '.o'))], { cwd: dir });
  return readModule(readFileSync(join(dir, 'module.ko')));
}
