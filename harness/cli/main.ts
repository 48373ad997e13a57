import { setMaxListeners } from 'node:events';
import { CommanderError } from 'commander';
import { DioramaError, exitCodeOf } from '../errors.ts';
import { usableCores } from '../host/cores.ts';
import type { Host } from '../host/host.ts';
import { cacheRoot, projectRoot } from '../host/paths.ts';
import { makeProgram } from './program.ts';

const interrupt = new AbortController();
setMaxListeners(0, interrupt.signal); // every child process listens
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => interrupt.abort(interruption()));
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  // Whoever read our output has gone (a pager that quit, head): nothing left to say, and no scene should go on for nobody.
  if (error.code === 'EPIPE') interrupt.abort(interruption());
});

const host: Host = { cache: cacheRoot(), root: projectRoot(), emit: () => undefined, signal: interrupt.signal, jobs: await usableCores() };

try {
  await makeProgram(host, process.argv.slice(2), (exitCode) => (process.exitCode = exitCode)).parseAsync();
} catch (error) {
  process.exitCode = report(error);
}

/** Says what went wrong on stderr: for an expected error one line, its details, the evidence and the next step. */
function report(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : exitCodeOf.usage;
  if (!(error instanceof DioramaError)) {
    process.stderr.write(`diorama: a mistake of its own: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
    return exitCodeOf.machine;
  }
  process.stderr.write(`diorama: ${error.message}\n`);
  for (const line of error.details) process.stderr.write(`    ${line}\n`);
  if (error.evidence !== undefined) process.stderr.write(`see: ${error.evidence}\n`);
  if (error.next !== undefined) process.stderr.write(`try: ${error.next}\n`);
  return exitCodeOf[error.blame];
}

function interruption(): DioramaError {
  return new DioramaError({ blame: 'interrupt', code: 'interrupted', message: 'interrupted' });
}
