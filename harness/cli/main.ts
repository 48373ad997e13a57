import { setMaxListeners } from 'node:events';
import { CommanderError } from 'commander';
import { cacheLimit } from '../cache/cache-limit.ts';
import { trimAfterGrowth } from '../cache/trim-cache.ts';
import { DioramaError, exitCodeOf } from '../errors.ts';
import { growth } from '../host/cache-users.ts';
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

void main();

/** Nothing waits for it, and none of it throws: the bundle is a script, which cannot await at its top (harness/cli/start.ts). */
async function main(): Promise<void> {
  const host: Host = { cache: cacheRoot(), root: projectRoot(), emit: () => undefined, signal: interrupt.signal, jobs: await usableCores() };

  const startedMs = Date.now();
  let limit = Number.POSITIVE_INFINITY;
  try {
    limit = cacheLimit(process.env);
    await makeProgram(host, process.argv.slice(2), (exitCode) => (process.exitCode = exitCode)).parseAsync();
  } catch (error) {
    process.exitCode = report(error);
  }

  // The verdict is out; what is left to do is to keep the cache in its bounds.
  if (growth().length > 0 && !interrupt.signal.aborted) {
    await trimAfterGrowth(host, { limit, grown: growth(), sinceMs: startedMs }).catch((error: unknown) => (process.exitCode = report(error)));
  }
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
