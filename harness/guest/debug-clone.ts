import { DioramaError } from '../errors.ts';
import type { Host } from '../host/host.ts';
import { printable } from '../printable.ts';
import type { Template } from './make-template.ts';
import { loadStopped } from './migrate.ts';
import { debugArgs } from './qemu-args.ts';
import { startQemu } from './qemu-process.ts';
import type { Guest } from './read-guest.ts';

/** A person may look at a guest for as long as a day; its virtual time stands meanwhile. */
const dayMs = 24 * 60 * 60 * 1000;

/**
 * Starts a clone of the template as playClone() does, but leaves it at its first instruction with a gdb stub at the socket `gdb` in `dir`,
 * for as long as `session` lasts. Then the clone is ended, wherever it was.
 * @throws DioramaError `program-failed` (machine) when QEMU does not take the template's state
 */
export async function debugClone<T>(
  host: Host,
  given: { readonly guest: Guest; readonly template: Template; readonly files: ReadonlyMap<string, string>; readonly console: string; readonly trace: string; readonly dir: string; readonly socket: string },
  session: () => Promise<T>,
): Promise<T> {
  const { guest, template } = given;
  const qemu = startQemu({
    args: debugArgs({ guest, kernel: template.vmlinux, initrd: template.initrd, ram: template.ram, files: given.files, console: given.console, trace: given.trace }, given.socket),
    signal: host.signal, cwd: given.dir, limitMs: dayMs, teardownMs: guest.limits.teardown, watched: [given.console, given.trace], mostBytes: guest.limits.console,
  });
  try {
    await loadStopped(qemu.qmp, template.state).catch(async (error: unknown) => {
      await qemu.kill();
      host.signal.throwIfAborted();
      throw new DioramaError({ blame: 'machine', code: 'program-failed', message: `QEMU could not start the clone: ${printable((await qemu.ended).stderr || (error as Error).message)}` });
    });
    return await session();
  } finally {
    await qemu.kill();
  }
}
