import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { printable } from '../printable.ts';
import type { PlayedScene } from '../results/run-record.ts';
import type { Scenario } from '../scenario/types.ts';
import type { Colours } from './colours.ts';
import { timelineLines } from './timeline-lines.ts';
import { describeTrace } from './trace-lines.ts';

/** Columns where no terminal says how many it has. */
const usualColumns = 120;
/** Last lines of the console that the list of events ends with. */
const mostConsole = 40;

/** What a scene's directory has of its course, for people: a timeline, or with `verbose` every event of the trace as a line of its own. */
export async function describePlayed(
  dir: string,
  given: { readonly scene: Scenario; readonly verdict: PlayedScene['verdict']; readonly colours: Colours; readonly verbose: boolean },
): Promise<string[]> {
  const { scene, colours } = given;
  const { reason, step } = given.verdict;
  const read = (name: string): Promise<string> => readFile(join(dir, name), 'latin1').catch(() => '');
  const [trace, console] = [await read('trace'), await read('console')];
  const parted = step === undefined ? {} : { step };
  if (given.verbose) return [...describeTrace(scene, { trace, colours, ...(step === undefined ? {} : { parted: step }) }), ...consoleLines(console)];
  return timelineLines(scene, { trace, console, verdict: { reason, ...parted }, colours, columns: process.stdout.columns ?? usualColumns });
}

function consoleLines(console: string): string[] {
  return console.trim() === '' ? [] : ['console:', ...console.trimEnd().split('\n').slice(-mostConsole).map((line) => `    ${printable(line, 160)}`)];
}
