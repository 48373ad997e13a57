import { readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { guestFiles } from '../engine/clone-files.ts';
import { findConfig } from '../engine/find-config.ts';
import { findGuest } from '../engine/find-guest.ts';
import { loginProgram } from '../engine/login-world.ts';
import { prepareVariant } from '../engine/prepare-sides.ts';
import { DioramaError } from '../errors.ts';
import { withLogin } from '../guest/guest-shell.ts';
import { bringFiles, enterHost } from '../guest/host-root.ts';
import { requireVng, runByVng } from '../guest/vng.ts';
import type { Guest } from '../guest/read-guest.ts';
import { chooseAccelerator } from '../host/choose-accelerator.ts';
import type { Host } from '../host/host.ts';
import { groupSplats } from '../judge/group-splats.ts';
import { parseKernelSpec } from '../kernel/source/parse-kernel-spec.ts';
import { requireSource } from '../kernel/source/require-source.ts';
import { datedDir } from '../results/dated-dir.ts';
import { readSeries } from '../series/read-series.ts';
import { buildShell } from '../stage/build-shell.ts';
import { coloursFor } from './colours.ts';
import type { PlayOptions } from './play.ts';
import { showProgress } from './progress.ts';
import { resultsDir, shown } from './results-paths.ts';

export type ExecOptions = Pick<PlayOptions, 'kernel' | 'series' | 'guest' | 'cpus' | 'accel' | 'config' | 'results'> & {
  readonly command: readonly string[];
  /** Boot through virtme-ng instead of by ourselves. */
  readonly via?: 'vng';
};

/** The server's files are as large as it can make them: MAX_FILE_BYTES in guests/stage/program.h. */
const fileSize = '4M';

/**
 * `./diorama exec -- COMMAND`: a command of the host on another kernel, in the host's root and the current directory.
 * @returns the exit code of the command
 * @throws DioramaError whose blame has the other exit codes
 */
export async function exec(outer: Host, options: ExecOptions): Promise<number> {
  const guest = requireRoot(await findGuest(outer, options), 'exec');
  const kernel = parseKernelSpec(options.kernel);
  requireSource(kernel, 'exec');
  if (options.via === 'vng') await requireVng();
  const config = await findConfig(outer.root, [...new Set([...options.config, 'virtme'])]);
  const progress = showProgress(process.stderr, { colours: coloursFor(process.stderr), scenes: 0 });
  const host: Host = { ...outer, emit: progress.emit };
  try {
    const series = options.series.length > 0 ? await readSeries(host, options.series, kernel) : undefined;
    const dir = await datedDir(resultsDir(outer, options.results), 'exec');
    const file = (name: string): string => join(dir, name);
    const variant = await prepareVariant(host, { kernel, kernelText: options.kernel, config, guest, evidenceDir: dir, ...(series && { series }) });
    const stage = await buildShell(host);
    await writeFile(file('program'), loginProgram(fileSize));
    const booted = { guest, kernel: variant.vmlinux, files: guestFiles(file('program'), variant), accelerator: guest.accelerator ?? (await chooseAccelerator(host)) };
    progress.end();
    const exitCode = options.via === 'vng'
      ? await runByVng(host, { ...booted, stageRoot: join(dirname(stage.initrd), 'root'), dir, folder: process.cwd(), command: options.command })
      : await withLogin(host, { ...booted, initrd: stage.initrd, bus: 'mmio', console: file('console') }, async (login) => {
        const code = await login.join(enterHost(process.cwd(), options.command));
        await bringFiles(host, login, dir);
        return code;
      });
    for (const { title, count, line } of groupSplats(await readFile(file('console'), 'latin1').catch(() => ''))) {
      process.stderr.write(`diorama: the kernel said: ${title}${count > 1 ? `, ${count} times` : ''} (console line ${line})\n`);
    }
    process.stderr.write(`evidence in ${shown(dir)}\n`);
    return exitCode;
  } finally {
    progress.end();
  }
}

/**
 * The guest, where it has the host's root.
 * @throws DioramaError `bad-usage` for another
 */
export function requireRoot(guest: Guest, what: string): Guest {
  if (guest.root === 'host') return guest;
  throw new DioramaError({ blame: 'usage', code: 'bad-usage', message: `${what} --guest ${guest.name}: the host's programs are not in that guest`, next: '--guest virtme' });
}
