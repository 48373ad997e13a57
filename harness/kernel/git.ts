import { dirname } from 'node:path';
import type { DioramaError } from '../errors.ts';
import type { Host } from '../host/host.ts';
import { programFailure, saysDiskFull } from '../host/program-failure.ts';
import { type Finished, runProgram } from '../host/run-program.ts';

export interface GitCall {
  readonly args: readonly string[];
  /** Repository, as GIT_DIR; without it git looks for one from `cwd` upwards. */
  readonly gitDir?: string;
  readonly workTree?: string;
  /** Index file; the repository's own when not given. */
  readonly indexFile?: string;
  readonly cwd?: string;
  readonly input?: string | Uint8Array;
  /** What it is for, in messages: `switching the kernel tree`. Without it the command's own name has to do. */
  readonly phase?: string;
  readonly timeoutMs?: number;
  readonly env?: Readonly<Record<string, string>>;
}

/** Taking a kernel's 80,000 files into a repository takes a minute on a busy machine, most other calls a tenth of a second. */
const usualTimeoutMs = 10 * 60 * 1000;

/** No configuration, hook, attribute, helper or prompt of the machine's owner has a say in what git does for us. */
const neutral: Readonly<Record<string, string>> = {
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_ATTR_NOSYSTEM: '1',
  GIT_NO_REPLACE_OBJECTS: '1',
  GIT_TERMINAL_PROMPT: '0',
  GIT_OPTIONAL_LOCKS: '0',
  GIT_NO_LAZY_FETCH: '1',
  GIT_LITERAL_PATHSPECS: '1',
  GIT_PAGER: 'cat',
};

/**
 * Stronger than the repository's own config. `safe.directory` is honoured on the command line (git-config(1), "protected
 * configuration"): the user's repository may belong to somebody else, and we only read it.
 */
const overrides: readonly string[] = [
  'safe.directory=*',
  'core.hooksPath=/dev/null',
  'core.fsmonitor=false',
  'core.attributesFile=/dev/null',
  'core.excludesFile=/dev/null',
  'core.quotePath=false',
  'gc.auto=0',
  'maintenance.auto=false',
].flatMap((setting) => ['-c', setting]);

/**
 * Runs git in a neutral environment. A non-zero exit is a result, unless it is none of git's: a time-out or a full disk must not
 * pass for "it does not apply" or "it is not there".
 * @throws DioramaError `program-missing` when there is no git, `timed-out`, `disk-full` (machine)
 */
export async function tryGit(host: Host, call: GitCall): Promise<Finished> {
  const finished = await runProgram({
    file: 'git',
    args: [...overrides, ...call.args],
    env: { ...neutral, ...placeOf(call), ...call.env },
    timeoutMs: call.timeoutMs ?? usualTimeoutMs,
    signal: host.signal,
    ...(call.cwd === undefined ? {} : { cwd: call.cwd }),
    ...(call.input === undefined ? {} : { input: call.input }),
  });
  if (finished.timedOut || (!finished.ok && saysDiskFull(finished.stderr))) throw gitFailure(finished, call);
  return finished;
}

/**
 * The same for a call that has no reason to fail.
 * @returns its standard output
 * @throws DioramaError `program-failed` (machine) with what git said, and what {@link tryGit} throws
 */
export async function runGit(host: Host, call: GitCall): Promise<Buffer> {
  const finished = await tryGit(host, call);
  if (finished.ok) return finished.stdout;
  throw gitFailure(finished, call);
}

/** The typed error for a git that failed though it should not have. */
export function gitFailure(finished: Finished, call: GitCall): DioramaError {
  const name = `git ${call.args.find((arg) => !arg.startsWith('-')) ?? ''}`;
  const what = call.phase === undefined ? name : `${call.phase}: ${name}`;
  const where = call.gitDir === undefined ? '' : ` in ${call.gitDir}`;
  // What git wrote to its output is somebody's file or patch; whatever that says, it is not git's complaint.
  return programFailure({ ...finished, stdout: Buffer.alloc(0) }, {
    blame: 'machine',
    code: 'program-failed',
    message: `${what}: ended with ${finished.exitCode}${where}`,
    phase: what,
    timeoutMs: call.timeoutMs ?? usualTimeoutMs,
  });
}

/** For a call in `dir` without a repository: the cache may lie inside somebody's, whose settings are none of our business. */
export function outsideRepositories(dir: string): { readonly cwd: string; readonly env: Readonly<Record<string, string>> } {
  return { cwd: dir, env: { GIT_CEILING_DIRECTORIES: dirname(dir) } };
}

function placeOf(call: GitCall): Record<string, string> {
  return {
    ...(call.gitDir === undefined ? {} : { GIT_DIR: call.gitDir }),
    ...(call.workTree === undefined ? {} : { GIT_WORK_TREE: call.workTree }),
    ...(call.indexFile === undefined ? {} : { GIT_INDEX_FILE: call.indexFile }),
  };
}
