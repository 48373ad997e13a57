import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Accelerator } from '../host/accelerator.ts';
import type { Host } from '../host/host.ts';
import { scratchDir } from '../host/scratch-dir.ts';
import { tscFrequency } from '../host/tsc-frequency.ts';
import type { Played } from './play-clone.ts';
import { bootOnceArgs } from './qemu-args.ts';
import { startQemu } from './qemu-process.ts';
import type { Guest } from './read-guest.ts';

/**
 * Boots a guest in the host's time, with no template, lets it run to its end or its bound, and reads what it wrote to `console` and `trace`.
 * @throws DioramaError `program-missing` (machine)
 */
export async function bootOnce(host: Host, given: {
  readonly guest: Guest;
  /** The ELF kernel, and its initramfs. */
  readonly kernel: string;
  readonly initrd: string;
  readonly files: ReadonlyMap<string, string>;
  readonly accelerator: Accelerator;
  readonly console: string;
  readonly trace: string;
}): Promise<Played> {
  const { guest } = given;
  const dir = await scratchDir(host.cache, 'boot-once-');
  try {
    const qemu = startQemu({
      args: bootOnceArgs({ ...given, ram: join(dir, 'ram'), tscKhz: await tscFrequency(host) }),
      signal: host.signal,
      limitMs: guest.limits.boot + guest.limits.scene,
      silentMs: guest.limits.boot,
      teardownMs: guest.limits.teardown,
      watched: [given.console, given.trace],
      mostBytes: guest.limits.console,
    });
    const ending = await qemu.ended;
    host.signal.throwIfAborted();
    const [trace, console] = await Promise.all([given.trace, given.console].map((file) => readFile(file, 'latin1').catch(() => '')));
    return { ending, trace: trace ?? '', console: console ?? '' };
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}
