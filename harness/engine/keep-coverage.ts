import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { parseTrace } from '../judge/parse-trace.ts';
import { coveredFunctions } from '../kernel/module/covered-functions.ts';
import { readModule } from '../kernel/module/read-module.ts';
import { writeWhole } from '../results/run-directory.ts';

/**
 * Writes the functions of fuse.ko that a play ran to the file `coverage` in `dir`, a name a line, in place of QEMU's log, which is a
 * hundred times as long.
 * @returns their names, sorted; undefined when the guest never said where fuse.ko is
 * @throws DioramaError `disk-full` (machine)
 */
export async function keepCoverage(given: { readonly dir: string; readonly blocks: string; readonly trace: string; readonly fuseModule: string }): Promise<readonly string[] | undefined> {
  const placed = parseTrace(given.trace).events.find((event) => event.e === 'module');
  try {
    if (placed?.e !== 'module' || placed.text === undefined) return undefined;
    const module = readModule(await readFile(given.fuseModule));
    const functions = coveredFunctions(await readFile(given.blocks, 'latin1').catch(() => ''), { module, text: placed.text });
    await writeWhole(join(given.dir, 'coverage'), functions.map((name) => `${name}\n`).join(''));
    return functions;
  } finally {
    await rm(given.blocks, { force: true });
  }
}
