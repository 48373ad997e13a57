import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { findSplats } from '../judge/find-splats.ts';
import { printable } from '../printable.ts';
import type { PlayedScene } from './run-record.ts';

/** A console may be full of complaints; what is kept of them is what a person would read. */
const mostSplats = 40;
const longestTitle = 300;

/**
 * What comparing runs needs to know of one played scene, from the evidence in its directory: content ids, and what the kernel complained
 * of. A file that is not there leaves its fact out.
 */
export function sceneFacts(dir: string): Pick<PlayedScene, 'traceId' | 'programId' | 'scenarioId' | 'splats'> {
  const [trace, program, scenario, console] = ['trace', 'program', 'scenario.yaml', 'console'].map((name) => read(join(dir, name)));
  return {
    ...(trace && { traceId: sha256(trace) }),
    ...(program && { programId: sha256(program) }),
    ...(scenario && { scenarioId: sha256(scenario) }),
    ...(console && { splats: findSplats(console.toString('latin1')).slice(0, mostSplats).map(({ title }) => printable(title, longestTitle)) }),
  };
}

function read(file: string): Buffer | undefined {
  try {
    return readFileSync(file);
  } catch {
    return undefined;
  }
}

function sha256(content: Buffer): string {
  return createHash('sha256').update(content).digest('hex');
}
