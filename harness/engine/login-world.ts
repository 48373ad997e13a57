import { compileScenario } from '../scenario/compile-scenario.ts';
import { readScenario } from '../scenario/read-scenario.ts';

/** The program of a guest that somebody logs in to, or whose commands are the host's: files at /mnt, one for each way to open, that large. */
export function loginProgram(size: string): string {
  return compileScenario(readScenario(`
protects: nothing by itself, it is the world of a login
source: harness/engine/login-world.ts
server: {init: [DIRECT_IO_ALLOW_MMAP]}
files:
  cached: {size: ${size}, fill: c}
  direct: {size: ${size}, fill: d, open: [DIRECT_IO]}
  parallel: {size: ${size}, fill: p, open: [DIRECT_IO, PARALLEL_DIRECT_WRITES]}
actors: {nobody: }
steps:
  - hold: LOOKUP
`, 'login.yaml'));
}
