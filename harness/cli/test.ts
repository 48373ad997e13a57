import { join } from 'node:path';
import type { Host } from '../host/host.ts';
import { coloursFor } from './colours.ts';
import { describePlayed } from './describe-played.ts';
import { play, type PlayOptions } from './play.ts';
import { shown } from './results-paths.ts';
import { describeRun } from './run-table.ts';

export interface TestOptions extends PlayOptions {
  /** Every event of the trace as a line of its own, instead of a timeline. */
  readonly verbose: boolean;
}

/** `./diorama test SCENE`: one scene, its trace shown as a timeline for each side. Exit codes are those of run. */
export async function test(host: Host, options: TestOptions, command: readonly string[]): Promise<number> {
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
    const lines = await describePlayed(join(directory.dir, played.dir), { scene, verdict: played.verdict, colours, verbose: options.verbose });
    process.stdout.write(`\n${played.scene} on ${played.side}\n${lines.join('\n')}\n`);
  }
  process.stdout.write(`\n${describeRun(directory.record, colours).join('\n')}\nevidence in ${shown(directory.dir)}\n`);
  return exitCode;
}
