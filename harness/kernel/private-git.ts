import type { Host } from '../host/host.ts';
import { programFailure } from '../host/program-failure.ts';
import { runProgram } from '../host/run-program.ts';
import type { Finished } from '../host/run-program.ts';

export interface GitCall {
  readonly args: readonly string[];
  readonly gitDir?: string;
  readonly workTree?: string;
  /** Index file; the repository's own when not given. */
  readonly index?: string;
  readonly cwd?: string;
  readonly input?: string | Uint8Array;
  /** Name for messages, e.g. `importing the kernel tree`. */
  readonly phase: string;
  readonly timeoutMs?: number;
}

const defaultTimeoutMs = 10 * 60 * 1000;

/**
 * Runs git so that only what is asked for decides what it does: no user or system configuration, no GIT_ variables of the caller,
 * no terminal, and other people's repositories may be read (`safe.directory`), since none is ever written.
 */
export function tryGit(host: Host, call: GitCall): Promise<Finished> {
  const where = [
    ...(call.gitDir === undefined ? [] : [`--git-dir=${call.gitDir}`]),
    ...(call.workTree === undefined ? [] : [`--work-tree=${call.workTree}`]),
  ];
  return runProgram({
    file: 'git',
    args: [...where, ...call.args],
    ...(call.cwd === undefined ? {} : { cwd: call.cwd }),
    ...(call.input === undefined ? {} : { input: call.input }),
    env: { ...neutral, ...(call.index === undefined ? {} : { GIT_INDEX_FILE: call.index }) },
    timeoutMs: call.timeoutMs ?? defaultTimeoutMs,
    signal: host.signal,
  });
}

/**
 * The same for a git that must not fail.
 * @returns its standard output
 * @throws DioramaError `program-failed` (machine), `timed-out` or `disk-full`
 */
export async function runGit(host: Host, call: GitCall): Promise<Buffer> {
  const finished = await tryGit(host, call);
  if (finished.ok) return finished.stdout;
  throw gitFailure(finished, call);
}

/** The typed error for a git that failed though it should not have. */
export function gitFailure(finished: Finished, call: GitCall): Error {
  return programFailure(finished, {
    blame: 'machine',
    code: 'program-failed',
    message: `${call.phase}: git ${call.args[0] ?? ''} failed with exit code ${String(finished.exitCode)}`,
    phase: call.phase,
    timeoutMs: call.timeoutMs ?? defaultTimeoutMs,
  });
}

const neutral: Readonly<Record<string, string>> = {
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_ATTR_NOSYSTEM: '1',
  GIT_TERMINAL_PROMPT: '0',
  GIT_OPTIONAL_LOCKS: '0',
  GIT_NO_LAZY_FETCH: '1',
  GIT_CONFIG_COUNT: '1',
  GIT_CONFIG_KEY_0: 'safe.directory',
  GIT_CONFIG_VALUE_0: '*',
};
