import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { findConfigFor } from '../engine/find-config.ts';
import { guestFiles } from '../engine/clone-files.ts';
import { loginProgram } from '../engine/login-world.ts';
import { prepareVariant } from '../engine/prepare-sides.ts';
import { withLogin } from '../guest/guest-shell.ts';
import { readGuest } from '../guest/read-guest.ts';
import { chooseAccelerator } from '../host/choose-accelerator.ts';
import type { Host } from '../host/host.ts';
import { scratchDir } from '../host/scratch-dir.ts';
import { checkLogin } from '../kernel/image/check-login.ts';
import { parseKernelSpec } from '../kernel/source/parse-kernel-spec.ts';
import { readSeries } from '../series/read-series.ts';
import { buildShell } from '../stage/build-shell.ts';
import { coloursFor } from './colours.ts';
import { showProgress } from './progress.ts';

export interface ShellOptions {
  readonly kernel: string;
  readonly series: readonly string[];
  readonly config: readonly string[];
  readonly command: readonly string[];
}

/**
 * `./diorama shell [COMMAND]`: a login, or one command, in a guest with the stage's server mounted at /mnt.
 * @returns the exit code of what ran there
 */
export async function shell(outer: Host, options: ShellOptions): Promise<number> {
  const guest = await readGuest(outer.root, 'deterministic');
  const kernel = parseKernelSpec(options.kernel);
  const config = await findConfigFor(outer.root, options.config, kernel);
  const progress = showProgress(process.stderr, { colours: coloursFor(process.stderr), scenes: 0 });
  const host: Host = { ...outer, emit: progress.emit };
  const dir = await scratchDir(host.cache, 'shell-files-');
  try {
    const series = options.series.length > 0 ? await readSeries(host, options.series, kernel) : undefined;
    const variant = await prepareVariant(host, {
      kernel, kernelText: options.kernel, config, guest, evidenceDir: dir, ...(series === undefined ? {} : { series }),
    });
    if (variant.kind === 'image') await checkLogin(variant.image);
    const stage = await buildShell(host);
    const program = join(dir, 'program');
    await writeFile(program, loginProgram('64K'));
    progress.end();
    return await withLogin(host, {
      guest,
      kernel: variant.vmlinux,
      initrd: stage.initrd,
      files: guestFiles(program, variant),
      accelerator: await chooseAccelerator(host),
      bus: variant.kind === 'image' ? 'pci' : 'mmio',
    }, (login) => login.join(options.command.length === 0 ? undefined : options.command.join(' ')));
  } finally {
    progress.end();
    await rm(dir, { recursive: true, force: true });
  }
}
