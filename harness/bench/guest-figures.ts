import { mkdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { cloneFiles } from '../engine/clone-files.ts';
import type { PreparedSide } from '../engine/prepare-sides.ts';
import { DioramaError } from '../errors.ts';
import { playClone } from '../guest/play-clone.ts';
import { templateArgs } from '../guest/qemu-args.ts';
import { startQemu } from '../guest/qemu-process.ts';
import type { Guest } from '../guest/read-guest.ts';
import type { Accelerator } from '../host/accelerator.ts';
import type { Host } from '../host/host.ts';
import { compileScenario } from '../scenario/compile-scenario.ts';
import type { Scenario } from '../scenario/types.ts';

const pollMs = 1;

/**
 * Plays the scene in a clone, in `dir`, which must not be there yet.
 * @returns from the start of QEMU, in milliseconds: the first event of its trace (looked for every millisecond), and its end
 * @throws DioramaError `program-failed` (machine) when the clone does not end by itself
 */
export async function timeClone(host: Host, given: { readonly on: PreparedSide; readonly guest: Guest; readonly scene: Scenario; readonly dir: string }): Promise<{ firstEventMs: number; ms: number }> {
  const { on, guest, dir } = given;
  await mkdir(dir, { recursive: true });
  const file = (name: string): string => join(dir, name);
  await writeFile(file('program'), compileScenario(given.scene));
  const began = performance.now();
  let over = false;
  const firstEvent = (async (): Promise<number> => {
    for (;;) {
      if ((await stat(file('trace')).then(({ size }) => size, () => 0)) > 0) return performance.now() - began;
      if (over) return NaN;
      await new Promise((done) => setTimeout(done, pollMs));
    }
  })();
  const played = await playClone(host, { guest, template: on.template, files: cloneFiles(on, file('program')), console: file('console'), trace: file('trace') }).finally(() => (over = true));
  const firstEventMs = await firstEvent;
  if (played.ending.how === 'exit' && Number.isFinite(firstEventMs)) return { firstEventMs, ms: played.ending.wallMs };
  throw new DioramaError({ blame: 'machine', code: 'program-failed', message: `the clone of ${given.scene.name} did not come to its end (${played.ending.how})`, evidence: file('console') });
}

/**
 * Boots the kernel as somebody would by hand: in the host's time, with the machine's accelerator, to the first program, which here is the stage's init.
 * @returns from the start of QEMU to where init stops the machine, in milliseconds
 * @throws DioramaError `boot-failed` (kernel) when it does not get there within the guest's bound
 */
export async function timeBoot(host: Host, given: { readonly on: PreparedSide; readonly guest: Guest; readonly initrd: string; readonly accelerator: Accelerator; readonly dir: string }): Promise<number> {
  const { on, dir } = given;
  const guest: Guest = { ...given.guest, clock: 'host' };
  await mkdir(dir, { recursive: true });
  const files = { console: join(dir, 'console'), trace: join(dir, 'trace') };
  const machine = { guest, accelerator: given.accelerator, ram: join(dir, 'ram'), files: new Map<string, string>(), kernel: on.variant.vmlinux, initrd: given.initrd, ...files };
  const began = performance.now();
  const qemu = startQemu({
    args: templateArgs(machine), signal: host.signal, limitMs: guest.limits.boot, teardownMs: guest.limits.teardown,
    watched: [files.console], mostBytes: guest.limits.console,
  });
  try {
    const ready = await qemu.qmp.event('GUEST_PANICKED');
    const ms = performance.now() - began;
    if (ready && !qemu.stopping()) return ms;
    throw new DioramaError({ blame: 'kernel', code: 'boot-failed', message: 'the kernel did not come to its init in the host\'s time', evidence: files.console });
  } finally {
    await qemu.kill();
  }
}
