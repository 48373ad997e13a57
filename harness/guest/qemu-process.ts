import { execa } from 'execa';
import { closeSync, openSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { DioramaError } from '../errors.ts';
import { noteChild } from '../host/child-time.ts';
import { openQmp, type Qmp } from './qmp.ts';

export interface Ending {
  /** `exit`: QEMU ended by itself; `limit`: its bound was hit; `flood`: it wrote more than allowed; `abort`: we were told to stop. */
  readonly how: 'exit' | 'limit' | 'flood' | 'abort';
  readonly exitCode: number | undefined;
  readonly stderr: string;
  readonly wallMs: number;
}

export interface RunningQemu {
  readonly qmp: Qmp;
  readonly ended: Promise<Ending>;
  /** Whether it is being ended for a reason of ours: what it still says counts no more. */
  stopping(): boolean;
  /** From now on it may live for this long, in milliseconds, whatever its limit was. */
  limit(ms: number): void;
  /** Ends it now, whatever it does. Settles when it is gone. */
  kill(): Promise<void>;
}

export interface QemuStart {
  readonly args: readonly string[];
  readonly signal: AbortSignal;
  /** Where relative paths begin, for a socket whose whole path would be too long (107 bytes). */
  readonly cwd?: string;
  readonly limitMs: number;
  /** The bound of the time until `watched` has its first byte, where that is shorter than the whole. */
  readonly silentMs?: number;
  /** Bound of the time for taking evidence and ending it, after the limit. */
  readonly teardownMs: number;
  /** Files whose size is watched, and the most bytes that each may have. */
  readonly watched: readonly string[];
  readonly mostBytes: number;
  /** A file that QEMU is given open, to read its state from (guest/migrate.ts). */
  readonly state?: string;
}

const watchEveryMs = 200;
export const qemuProgram = 'qemu-system-x86_64';

/**
 * Starts QEMU and sees to it that it ends: by itself, at its limit (after an NMI that puts every task's stack on the console),
 * when a watched file grows too large, on abort, or with us (PR_SET_PDEATHSIG by util-linux's setpriv).
 * @throws DioramaError `program-missing` from `ended` when QEMU cannot be started
 */
export function startQemu(given: QemuStart): RunningQemu {
  const began = performance.now();
  const state = given.state === undefined ? undefined : openSync(given.state, 'r');
  const child = execa('setpriv', ['--pdeathsig', 'KILL', '--', qemuProgram, ...given.args], {
    reject: false,
    // A descriptor is good there too (execa's lib/stdio/native.js), though its types do not say so.
    stdio: ['pipe', 'pipe', 'pipe', ...(state === undefined ? [] : [state as unknown as 'inherit'])],
    buffer: { stdout: false, stderr: true },
    maxBuffer: 65536,
    detached: true,
    ...(given.cwd === undefined ? {} : { cwd: given.cwd }),
  });
  if (state !== undefined) closeSync(state);
  const qmp = openQmp(child.stdout, child.stdin);
  let how: Ending['how'] = 'exit';
  // The group, for whatever it may have started; also when QEMU went by itself.
  const end = (): void => endGroup(child.pid);
  child.once('exit', end);
  const stop = (reason: Ending['how']): void => {
    if (how !== 'exit') return;
    how = reason;
    void takeEvidence(qmp, reason, given.teardownMs).finally(end);
  };
  let limit = setTimeout(() => stop('limit'), given.limitMs);
  const watch = setInterval(() => {
    void largest(given.watched).then((bytes) => {
      if (bytes > given.mostBytes) stop('flood');
      else if (bytes === 0 && performance.now() - began > (given.silentMs ?? given.limitMs)) stop('limit');
    });
  }, watchEveryMs);
  const onAbort = (): void => {
    stop('abort');
    end();
  };
  given.signal.addEventListener('abort', onAbort);
  if (given.signal.aborted) onAbort();
  const ended = child.then((result): Ending => {
    noteChild('guest', began);
    clearTimeout(limit);
    clearInterval(watch);
    given.signal.removeEventListener('abort', onAbort);
    if (result.code === 'ENOENT') throw missing('setpriv');
    if (result.exitCode === 127 && /setpriv/.test(String(result.stderr))) throw missing(qemuProgram);
    return { how, exitCode: result.exitCode, stderr: String(result.stderr), wallMs: performance.now() - began };
  });
  return {
    qmp,
    ended,
    stopping: () => how !== 'exit',
    limit: (ms) => {
      clearTimeout(limit);
      limit = setTimeout(() => stop('limit'), ms);
    },
    kill: async () => {
      end();
      await ended.catch(() => undefined);
    },
  };
}

function endGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // Already gone.
  }
}

/** Somebody's machine without a program that guests need. */
export function missing(program: string): DioramaError {
  return new DioramaError({ blame: 'machine', code: 'program-missing', message: `${program}: not installed`, next: './diorama doctor' });
}

/** Only a hang is asked what it does: an NMI makes the kernel panic with all stacks (unknown_nmi_panic, panic_print=1). */
async function takeEvidence(qmp: Qmp, reason: Ending['how'], teardownMs: number): Promise<void> {
  if (reason !== 'limit') return;
  const bound = new Promise<void>((done) => setTimeout(done, teardownMs / 2).unref());
  const asked = qmp.ask('inject-nmi').then(() => qmp.event('SHUTDOWN'));
  await Promise.race([asked.catch(() => false), bound]);
}

async function largest(files: readonly string[]): Promise<number> {
  const sizes = await Promise.all(files.map((file) => stat(file).then((found) => found.size, () => 0)));
  return Math.max(0, ...sizes);
}
