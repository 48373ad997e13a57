import { DioramaError } from '../errors.ts';
import type { Host } from '../host/host.ts';
import { type Finished, runProgram } from '../host/run-program.ts';

export interface GitCall {
  readonly args: readonly string[];
  /** Repository, as GIT_DIR; without it git looks for one from `cwd` upwards. */
  readonly gitDir?: string;
  readonly workTree?: string;
  readonly indexFile?: string;
  readonly cwd?: string;
  readonly input?: string | Uint8Array;
  /** Two minutes unless told: reading a kernel tree into an index takes a tenth of a second, writing 80,000 files some seconds. */
  readonly timeoutMs?: number;
  readonly env?: Readonly<Record<string, string>>;
}

const usualTimeoutMs = 2 * 60 * 1000;

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
  'core.quotePath=false',
  'gc.auto=0',
  'maintenance.auto=false',
].flatMap((setting) => ['-c', setting]);

/**
 * Runs git in a neutral environment. A non-zero exit is a result.
 * @throws DioramaError `program-missing` when there is no git, `timed-out` when it took longer than `timeoutMs`
 */
export async function git(host: Host, call: GitCall): Promise<Finished> {
  const timeoutMs = call.timeoutMs ?? usualTimeoutMs;
  const finished = await runProgram({
    file: 'git',
    args: [...overrides, ...call.args],
    env: { ...neutral, ...placeOf(call), ...call.env },
    timeoutMs,
    signal: host.signal,
    ...(call.cwd === undefined ? {} : { cwd: call.cwd }),
    ...(call.input === undefined ? {} : { input: call.input }),
  });
  if (finished.timedOut) {
    throw new DioramaError({
      blame: 'machine',
      code: 'timed-out',
      message: `${nameOf(call)}: not finished after ${timeoutMs / 1000} s`,
      details: lastLines(finished.stderr),
    });
  }
  return finished;
}

/**
 * The same for a call that has no reason to fail.
 * @throws DioramaError `program-failed` or `disk-full` with what git said, and what {@link git} throws
 */
export async function gitOk(host: Host, call: GitCall): Promise<Finished> {
  const finished = await git(host, call);
  if (finished.ok) return finished;
  const full = /No space left on device|Disk quota exceeded/.test(finished.stderr);
  throw new DioramaError({
    blame: 'machine',
    code: full ? 'disk-full' : 'program-failed',
    message: `${nameOf(call)}: ended with ${finished.exitCode}${call.gitDir === undefined ? '' : ` in ${call.gitDir}`}`,
    details: lastLines(finished.stderr),
    ...(full ? { next: 'free some space, or move the cache with DIORAMA_CACHE=DIR' } : {}),
  });
}

function placeOf(call: GitCall): Record<string, string> {
  return {
    ...(call.gitDir === undefined ? {} : { GIT_DIR: call.gitDir }),
    ...(call.workTree === undefined ? {} : { GIT_WORK_TREE: call.workTree }),
    ...(call.indexFile === undefined ? {} : { GIT_INDEX_FILE: call.indexFile }),
  };
}

function nameOf(call: GitCall): string {
  return `git ${call.args.find((arg) => !arg.startsWith('-')) ?? ''}`;
}

function lastLines(stderr: string): string[] {
  return stderr.trim().split('\n').slice(-10);
}
