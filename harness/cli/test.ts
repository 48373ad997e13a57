import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Host } from '../host/host.ts';
import { coloursFor } from './colours.ts';
import { play, type PlayOptions } from './play.ts';
import { shown } from './results-paths.ts';
import { describeRun } from './run-table.ts';
import { describeTrace } from './trace-lines.ts';

/** `./diorama test SCENE`: one scene, its trace shown step by step for each side. Exit codes are those of run. */
export async function test(host: Host, options: PlayOptions, command: readonly string[]): Promise<number> {
  const { exitCode, directory, request, progress } = await play(host, options, command);
  progress.end();
  if (options.json) {
    process.stdout.write(`${JSON.stringify({ ...directory.record, dir: directory.dir }, null, 2)}\n`);
    return exitCode;
  }
  const colours = coloursFor(process.stdout);
  for (const played of directory.record.scenes) {
    const scene = request.scenes.find((found) => found.name === played.scene);
    if (!scene) continue;
    const trace = await readFile(join(directory.dir, played.dir, 'trace'), 'latin1');
    const { step } = played.verdict;
    process.stdout.write(`\n${played.scene} on ${played.side}\n`);
    process.stdout.write(`${describeTrace(scene, { trace, colours, ...(step === undefined ? {} : { parted: step }) }).join('\n')}\n`);
  }
  process.stdout.write(`\n${describeRun(directory.record, colours).join('\n')}\nevidence in ${shown(directory.dir)}\n`);
  return exitCode;
}
