import { execa } from 'execa';
import { constants as modes, createWriteStream } from 'node:fs';
import { access } from 'node:fs/promises';
import { constants } from 'node:os';
import type { Readable } from 'node:stream';
import { finished } from 'node:stream/promises';
import { DioramaError } from '../errors.ts';
import { kindOfProgram, noteChild, type ChildKind } from './child-time.ts';

export interface Program {
  readonly file: string;
  readonly args: readonly string[];
  readonly cwd?: string;
  /** Added to a bare environment of PATH, HOME, TMPDIR and LC_ALL=C.UTF-8: nothing else of the caller's shell leaks into a build. */
  readonly env?: Readonly<Record<string, string>>;
  readonly input?: string | Uint8Array;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
  /** Appended to with stdout and stderr interleaved as they come. */
  readonly log?: string;
  /** Called with each line of stdout and stderr, for progress. */
  readonly onLine?: (line: string) => void;
  /** It starts others and works on what outlives us, as make does: when we are killed, the whole group must go at once. */
  readonly endsWithUs?: boolean;
  /** What its time is counted as, where its name does not tell. */
  readonly kind?: ChildKind;
}

export interface Finished {
  readonly ok: boolean;
  readonly exitCode: number;
  readonly timedOut: boolean;
  readonly stdout: Buffer;
  readonly stderr: string;
}

/**
 * A shell that leads the group and is told by the kernel when its parent dies (prctl(2), PR_SET_PDEATHSIG, by util-linux's setpriv); what it
 * started would not be told. A TERM of ours ends it and everybody else as ever.
 */
const tied = ['setpriv', '--pdeathsig', 'USR1', '--', 'sh', '-c', 'trap "kill -KILL 0" USR1; "$@" & wait $!', 'sh'] as const;

const graceMs = 2000;
const longestOutputBytes = 256 * 1024 * 1024;

/**
 * Runs a program of the host to its end, in a process group of its own that is ended whole on time-out or abort (TERM, then KILL).
 * A non-zero exit is a result, not an error.
 * @throws DioramaError `program-missing` when it is not installed, `program-failed` when it cannot be started in its directory,
 * `disk-full` when its log cannot be written
 * @throws the signal's reason when it was aborted
 */
export async function runProgram(given: Program): Promise<Finished> {
  given.signal.throwIfAborted();
  const [file = given.file, ...args] = [...(given.endsWithUs === true ? tied : []), given.file, ...given.args];
  const began = performance.now();
  const child = execa(file, args, {
    reject: false,
    encoding: 'buffer',
    maxBuffer: longestOutputBytes,
    stripFinalNewline: false,
    detached: true,
    extendEnv: false,
    env: { ...bareEnvironment(), ...given.env },
    ...(given.cwd === undefined ? {} : { cwd: given.cwd }),
    ...(given.input === undefined ? { stdin: 'ignore' as const } : { input: given.input }),
  });
  const reaper = endGroupOn(given, child);
  const log = given.log === undefined ? undefined : createWriteStream(given.log, { flags: 'a' });
  let logError: NodeJS.ErrnoException | undefined;
  log?.on('error', (error) => {
    logError ??= error;
  });
  for (const stream of [child.stdout, child.stderr]) followLines(stream, (chunk) => log?.write(chunk), given.onLine);
  const result = await child;
  noteChild(given.kind ?? kindOfProgram(given.file), began);
  reaper.stop();
  // Not the callback of end(), which comes before the error that says why.
  if (log) await finished(log.end()).catch(() => undefined);
  given.signal.throwIfAborted();
  if (child.pid === undefined) throw await notStarted(given, result);
  if (logError) throw diskError(logError, given.log ?? '');
  return {
    ok: result.exitCode === 0,
    exitCode: result.exitCode ?? 128 + (constants.signals[result.signal ?? 'SIGKILL'] ?? 9),
    timedOut: reaper.timedOut(),
    stdout: Buffer.from(result.stdout),
    stderr: Buffer.from(result.stderr).toString('utf8'),
  };
}

/** The kernel has one error for a program and a directory that are not there; the directory is asked after. */
async function notStarted(given: Program, result: { readonly code?: string | undefined; readonly shortMessage?: string | undefined }): Promise<DioramaError> {
  const { file, cwd } = given;
  const entered = cwd === undefined || (await access(`${cwd}/.`, modes.X_OK).then(() => true, () => false));
  if (!entered) {
    return new DioramaError({
      blame: 'machine',
      code: 'program-failed',
      message: `${file}: cannot be started in ${cwd}: not a directory, or it may not be entered`,
      next: 'check the directory; if it is in the cache, somebody removed it meanwhile: run again',
    });
  }
  if (result.code === 'ENOENT' || result.code === 'EACCES') return programMissing(file);
  return new DioramaError({ blame: 'machine', code: 'program-failed', message: `${file}: cannot be started: ${result.code ?? result.shortMessage ?? ''}` });
}

/** The typed error for a program that is not there. */
export function programMissing(file: string): DioramaError {
  return new DioramaError({ blame: 'machine', code: 'program-missing', message: `${file}: not installed, or may not be run`, next: './diorama doctor' });
}

/** The typed error for a failed write to `path`. */
export function diskError(error: NodeJS.ErrnoException, path: string): DioramaError {
  return new DioramaError({
    blame: 'machine',
    code: error.code === 'ENOSPC' || error.code === 'EDQUOT' ? 'disk-full' : 'program-failed',
    message: `${path}: cannot be written: ${error.message}`,
    next: error.code === 'ENOSPC' ? 'free some space, or move the cache with DIORAMA_CACHE=DIR' : 'check the directory and its permissions',
    cause: error,
  });
}

function bareEnvironment(): Record<string, string> {
  const kept: Record<string, string> = { LC_ALL: 'C.UTF-8' };
  for (const name of ['PATH', 'HOME', 'TMPDIR', 'http_proxy', 'https_proxy', 'no_proxy']) {
    const value = process.env[name];
    if (value !== undefined) kept[name] = value;
  }
  return kept;
}

function followLines(
  stream: NodeJS.ReadableStream,
  onChunk: (chunk: Buffer) => void,
  onLine: ((line: string) => void) | undefined,
): void {
  let rest = '';
  stream.on('data', (chunk: Buffer) => {
    onChunk(chunk);
    if (!onLine) return;
    const lines = (rest + chunk.toString('utf8')).split('\n');
    rest = (lines.pop() ?? '').slice(-4096);
    for (const line of lines) onLine(line);
  });
  stream.on('end', () => {
    if (rest !== '') onLine?.(rest);
  });
}

interface Child {
  readonly pid?: number | undefined;
  readonly stdout: Readable;
  readonly stderr: Readable;
}

function endGroupOn(given: Program, child: Child): { stop(): void; timedOut(): boolean } {
  let late = false;
  let killer: NodeJS.Timeout | undefined;
  // Who left the group and still holds the pipes is beyond reach, and not waited for.
  const letGo = (): void => {
    child.stdout.destroy();
    child.stderr.destroy();
  };
  const kill = (): void => {
    signalGroup(child.pid, 'SIGKILL');
    killer = setTimeout(letGo, graceMs);
  };
  const end = (): void => {
    signalGroup(child.pid, 'SIGTERM');
    killer ??= setTimeout(kill, graceMs);
  };
  const timer = setTimeout(() => {
    late = true;
    end();
  }, given.timeoutMs);
  given.signal.addEventListener('abort', end);
  return {
    stop: () => {
      clearTimeout(timer);
      clearTimeout(killer);
      given.signal.removeEventListener('abort', end);
    },
    timedOut: () => late,
  };
}

/** Signals a process and those it started; one that is gone, or was never started, is no error. */
export function signalGroup(pid: number | undefined, signal: NodeJS.Signals): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, signal);
  } catch {
    // Already gone.
  }
}
