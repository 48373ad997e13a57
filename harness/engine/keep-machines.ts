import { copyFile, link, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { Guest } from '../guest/read-guest.ts';
import { cachedDir } from '../host/cached-dir.ts';
import { fileHash } from '../host/content-key.ts';
import type { Host } from '../host/host.ts';
import { diskError } from '../host/run-program.ts';
import { machineFiles, type Machine, type Machines } from '../results/machines.ts';
import { writeWhole } from '../results/run-directory.ts';
import type { Stage } from '../stage/build-stage.ts';
import type { PreparedSide } from './prepare-sides.ts';

/**
 * Keeps in a run's directory what its scenes are played on: guest, vmlinux, initramfs and each side's fuse.ko, so that they can be played
 * again without source, series and compiler. `sides` are by the names of their directories. Of 16 MB of vmlinux 3.3 MB are left by gzip,
 * which is done once for each vmlinux; the run has a link to it where its disk is the cache's.
 * @throws DioramaError `disk-full` or `program-failed` (machine)
 */
export async function keepMachines(
  host: Host,
  given: { readonly dir: string; readonly guest: Guest; readonly stage: Stage; readonly sides: ReadonlyMap<string, PreparedSide> },
): Promise<void> {
  const { dir, guest, stage } = given;
  const file = (name: string): string => join(dir, name);
  const sides: Record<string, Machine> = {};
  let qemu = '';
  try {
    await mkdir(file('machines'), { recursive: true });
    await copyFile(stage.initrd, file(machineFiles.initrd));
    for (const [name, { variant, template }] of given.sides) {
      qemu = template.qemu;
      await linkFile(await compressed(host, variant), file(machineFiles.vmlinux(variant.vmlinuxId)));
      if (variant.fuseModule !== undefined) await copyFile(variant.fuseModule, file(machineFiles.fuseModule(name)));
      if (variant.kind === 'built') await copyFile(variant.dotConfig, file(machineFiles.config(name)));
      sides[name] = {
        release: variant.release, version: variant.version, compiler: variant.compiler, vmlinux: variant.vmlinuxId, set: 'said' in template,
        ...(variant.fuseModule === undefined ? {} : { fuseModule: await fileHash(variant.fuseModule) }),
      };
    }
    const machines: Machines = { format: 'diorama machines 1', qemu, guest, stage: { id: stage.id, initrd: await fileHash(stage.initrd) }, sides };
    await writeWhole(file(machineFiles.record), `${JSON.stringify(machines, null, 2)}\n`);
  } catch (error) {
    throw (error as NodeJS.ErrnoException).code === undefined || (error as NodeJS.ErrnoException).syscall === undefined ? error : diskError(error as NodeJS.ErrnoException, dir);
  }
}

async function compressed(host: Host, given: { readonly vmlinux: string; readonly vmlinuxId: string }): Promise<string> {
  const { dir } = await cachedDir(host, { kind: 'vmlinux-gz', key: given.vmlinuxId }, async (part) => {
    await writeFile(join(part, 'vmlinux.gz'), await promisify(gzip)(await readFile(given.vmlinux)), { mode: 0o444 });
  });
  return join(dir, 'vmlinux.gz');
}

/** A link costs no room; another disk gets a copy. */
async function linkFile(from: string, to: string): Promise<void> {
  await rm(to, { force: true });
  await link(from, to).catch(() => copyFile(from, to));
}
