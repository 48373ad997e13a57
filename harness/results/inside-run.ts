import { join } from 'node:path';

/** A run's record names where the evidence is; a forged one names nothing outside the run. */
export function insideRun(dir: string, relative: string): string {
  return join(dir, join('/', relative));
}
