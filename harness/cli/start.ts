import { closeSync, fstatSync, openSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { Script } from 'node:vm';

/**
 * What the launcher starts: runs main.cjs, the bundle of main.ts beside this file's own, with the code that V8 compiled for it in an earlier start
 * (vm.Script, cachedData; Node 20). Node has no such cache of its own before 22.1, and compiles for a third of a second.
 *
 * V8 compares no more of the source than its length, so the file with the code is named after the bundle's time: another bundle, another name.
 */
const bundle = join(dirname(process.argv[1] ?? ''), 'main.cjs');

/** A start that ran for so long has compiled most of what others need; `--version` has not. */
const worthKeepingMs = 700;

const { source, stamp } = readBundle();
const codeFile = `${bundle}.${stamp}.code`;
const kept = readKept();
const script = new Script(`(function (exports, require, module) {${source}\n})`, {
  filename: bundle,
  ...(kept && { cachedData: kept }),
});
if (!kept || script.cachedDataRejected === true) process.on('exit', keepCode);
Object.assign(globalThis, { dioramaImport: (name: string) => import(name) }); // for harness/host/import-library.ts
const loaded = { exports: {} };
(script.runInThisContext() as (exports: object, require: NodeJS.Require, module: object) => void)(loaded.exports, createRequire(bundle), loaded);

/** Time and text of the same file, whoever replaces it meanwhile. */
function readBundle(): { readonly source: string; readonly stamp: string } {
  const file = openSync(bundle, 'r');
  try {
    return { stamp: String(fstatSync(file, { bigint: true }).mtimeNs), source: readFileSync(file, 'utf8') };
  } finally {
    closeSync(file);
  }
}

function readKept(): Buffer | undefined {
  try {
    return readFileSync(codeFile);
  } catch {
    return undefined;
  }
}

/** Whole or not at all; where it cannot be written the next start compiles again. */
function keepCode(): void {
  if (performance.now() < worthKeepingMs) return;
  const part = `${codeFile}.part-${process.pid}`;
  try {
    writeFileSync(part, script.createCachedData());
    renameSync(part, codeFile);
  } catch {
    rmSync(part, { force: true });
  }
}
