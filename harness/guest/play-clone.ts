import { copyFile, readFile } from 'node:fs/promises';
import type { Host } from '../host/host.ts';
import type { StageSet } from './make-set.ts';
import type { Template } from './make-template.ts';
import { loadState } from './migrate.ts';
import { cloneArgs } from './qemu-args.ts';
import { startQemu, type Ending } from './qemu-process.ts';
import { QmpRefusal } from './qmp.ts';
import type { Guest } from './read-guest.ts';

/** What came out of one clone: how it ended and everything it said. */
export interface Played {
  readonly ending: Ending;
  readonly trace: string;
  readonly console: string;
}

/**
 * Starts a clone of the template with its files, lets it run to its end or its bound, and reads what it wrote.
 * `console` and `trace` are the paths that QEMU writes to; the console begins with what a set said while it was made.
 */
export async function playClone(
  host: Host,
  given: {
    readonly guest: Guest;
    readonly template: Template | StageSet;
    readonly files: ReadonlyMap<string, string>;
    readonly console: string;
    readonly trace: string;
    /** File in which QEMU notes the code of modules that the guest ran (harness/guest/qemu-args.ts). */
    readonly blocks?: string;
  },
): Promise<Played> {
  const { guest, template } = given;
  if ('said' in template) await copyFile(template.said, given.console);
  const qemu = startQemu({
    args: cloneArgs({ guest, accelerator: template.accelerator, ram: template.ram, files: given.files, console: given.console, trace: given.trace }, given.blocks),
    state: template.state,
    signal: host.signal,
    limitMs: guest.limits.clone + guest.limits.scene,
    silentMs: guest.limits.clone,
    teardownMs: guest.limits.teardown,
    watched: [given.console, given.trace, ...(given.blocks === undefined ? [] : [given.blocks])],
    mostBytes: guest.limits.console,
  });
  let refusal = '';
  await loadState(qemu.qmp).catch(async (error: unknown) => {
    // QEMU's end says more than a question that it left unanswered. One that it would not do leaves it idle, which is no hang.
    if (!(error instanceof QmpRefusal)) return;
    refusal = error.message;
    await qemu.kill();
  });
  const ended = await qemu.ended;
  const ending = refusal === '' ? ended : { ...ended, stderr: `${refusal}\n${ended.stderr}` };
  host.signal.throwIfAborted();
  const [trace, console] = await Promise.all([readText(given.trace), readText(given.console)]);
  return { ending, trace, console };
}

function readText(file: string): Promise<string> {
  return readFile(file, 'latin1').catch(() => '');
}
