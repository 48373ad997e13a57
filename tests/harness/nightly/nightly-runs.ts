import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readNightlyState, type Night } from '../../../harness/nightly/night-state.ts';
import { diorama, type Ended } from '../engine/run-diorama.ts';

export interface NightRun extends Ended {
  readonly night: Night | undefined;
  readonly nights: number;
}

/** A nightly of a test: its YAML, and its results in `nights` beside it. */
export function nightlyIn(dir: string, yaml: readonly string[]): { readonly config: string; readonly results: string; run(...args: string[]): Promise<NightRun>; write(yaml: readonly string[]): void; index(): string } {
  const config = join(dir, 'nightly.yaml');
  const results = join(dir, 'nights');
  const write = (lines: readonly string[]): void => writeFileSync(config, `${[...lines, 'results: nights'].join('\n')}\n`);
  write(yaml);
  return {
    config, results, write,
    run: async (...args) => {
      const ended = await diorama(['nightly', '--config', config, ...args]);
      const { nights } = await readNightlyState(results);
      return { ...ended, night: nights.at(-1), nights: nights.length };
    },
    index: () => readFileSync(join(results, 'index.html'), 'utf8'),
  };
}

/** `tone: words` of every cell of an index, row by row, the newest night first. */
export function cellsOf(index: string): string[][] {
  return index.split('<tr id=').slice(1).map((row) => [...row.matchAll(/<td class="(\w+)">(?:<(?:a|span) class="word"[^>]*>.*?<\/span>([^<]*)<)?/g)].map(([, tone = '', words = '']) => `${tone}: ${words}`));
}
