import { copyFile, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { DioramaError } from '../errors.ts';
import type { Host } from '../host/host.ts';
import { printable } from '../printable.ts';
import type { StageSet } from './make-set.ts';
import type { Template } from './make-template.ts';
import { loadStopped, saveState } from './migrate.ts';
import { recordArgs, replayArgs, type Machine } from './qemu-args.ts';
import { startQemu, type RunningQemu } from './qemu-process.ts';
import type { Guest } from './read-guest.ts';

/** A person may look at a guest for as long as a day; its virtual time stands meanwhile. */
const dayMs = 24 * 60 * 60 * 1000;

/** What is debugged. `console` and `trace` are the paths that QEMU writes to, `dir` is for what is gone afterwards. */
export interface DebugRequest {
  readonly guest: Guest;
  readonly template: Template | StageSet;
  readonly files: ReadonlyMap<string, string>;
  readonly console: string;
  readonly trace: string;
  readonly dir: string;
  /** The unix socket of gdb's stub, from `dir`. */
  readonly socket: string;
}

/**
 * Plays a clone of the template while QEMU records its course, and starts it again to take the same course, stopped at its first instruction
 * with a gdb stub, for as long as `session` lasts. A clone that gdb stops without a record goes another way from there: QEMU's main loop takes the
 * stopped CPU for an idle one and skips to the next tick (see settle-clock.ts). What follows a record does only what is in it.
 * @returns what `session` returns
 * @throws DioramaError `program-failed` (machine) when QEMU does not take the template's state
 */
export async function debugClone<T>(host: Host, given: DebugRequest, session: (recorded: string) => Promise<T>): Promise<T> {
  const { guest, template } = given;
  const machine: Machine = { guest, accelerator: template.accelerator, ram: template.ram, files: given.files, console: given.console, trace: given.trace };
  const log = join(given.dir, 'log');
  const state = join(given.dir, 'state');
  const start = (args: readonly string[], bounds: { readonly state: string; readonly limitMs: number; readonly silentMs?: number }): RunningQemu => startQemu({
    args, signal: host.signal, cwd: given.dir, teardownMs: guest.limits.teardown, watched: [given.console, given.trace], mostBytes: guest.limits.console, ...bounds,
  });

  const limitMs = guest.limits.clone + guest.limits.scene;
  await beginConsole(given);
  const recorded = start(recordArgs(machine, log), { state: template.state, limitMs: limitMs + guest.limits.teardown });
  await withQemu(host, recorded, async () => {
    await loadStopped(recorded.qmp);
    // The record's own beginning: a replay finds its place in the log by what this state says.
    await saveState(recorded.qmp, state);
    await recorded.qmp.ask('cont');
    // A guest that hangs is not asked why, as it was when it was played: QEMU must end by itself, since the log is whole only then.
    const limit = setTimeout(() => void recorded.qmp.ask('quit').catch(() => undefined), limitMs);
    await recorded.ended.finally(() => clearTimeout(limit));
  });
  const trace = await readFile(given.trace, 'latin1').catch(() => '');

  await beginConsole(given);
  const replayed = start(replayArgs(machine, { log, socket: given.socket }), { state, limitMs: dayMs });
  return withQemu(host, replayed, async () => {
    await loadStopped(replayed.qmp);
    return session(trace);
  });
}

/** QEMU adds to it; what a set said comes first. */
async function beginConsole({ template, console }: DebugRequest): Promise<void> {
  if ('said' in template) await copyFile(template.said, console);
  else await rm(console, { force: true });
}

async function withQemu<T>(host: Host, qemu: RunningQemu, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    await qemu.kill();
    host.signal.throwIfAborted();
    if (error instanceof DioramaError) throw error;
    throw new DioramaError({ blame: 'machine', code: 'program-failed', message: `QEMU could not start the clone: ${printable((await qemu.ended).stderr || (error as Error).message)}` });
  } finally {
    await qemu.kill();
  }
}
