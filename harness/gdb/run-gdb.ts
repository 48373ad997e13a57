import { execa } from 'execa';
import { DioramaError } from '../errors.ts';
import { onPath } from '../host/on-path.ts';

export interface GdbRun {
  readonly script: string;
  /** gdb's directory, where the socket is. */
  readonly dir: string;
  /** Done instead of asking a person; empty for a session. */
  readonly commands: readonly string[];
  readonly signal: AbortSignal;
}

/** @throws DioramaError `program-missing` when gdb is not installed */
export async function needGdb(): Promise<void> {
  if ((await onPath('gdb')) !== undefined) return;
  throw new DioramaError({ blame: 'machine', code: 'program-missing', message: 'gdb: not installed, and --gdb is a session in it', next: 'install gdb (Debian: apt-get install gdb); ./diorama doctor tells for others' });
}

/**
 * Runs gdb in the foreground with this process's terminal, until the person leaves it; with commands, or with a standard input that is no
 * terminal, it does those and ends; its exit code says only whether the last of them went well, as leaving a guest never does. Ctrl-C is gdb's then, which stops the guest; TERM and HUP end both.
 */
export async function runGdb(given: GdbRun): Promise<void> {
  const { commands } = given;
  const batch = commands.length > 0 ? ['-batch', ...commands.flatMap((command) => ['-ex', command])] : [];
  const asks = commands.length > 0 || process.stdin.isTTY === true ? [] : ['-ex', 'set pagination off', '-ex', 'set prompt'];
  const interrupts = process.listeners('SIGINT');
  process.removeAllListeners('SIGINT');
  const ignore = (): void => undefined;
  process.on('SIGINT', ignore);
  try {
    const child = execa('setpriv', ['--pdeathsig', 'TERM', '--', 'gdb', '-q', '-nx', '-iex', 'set auto-load no', '-x', given.script, ...asks, ...batch], {
      cwd: given.dir, reject: false, stdin: commands.length > 0 ? 'ignore' : 'inherit', stdout: 'inherit', stderr: 'inherit', cancelSignal: given.signal, forceKillAfterDelay: 2000,
    });
    await child;
    given.signal.throwIfAborted();
  } finally {
    process.off('SIGINT', ignore);
    for (const listener of interrupts) process.on('SIGINT', listener);
  }
}
