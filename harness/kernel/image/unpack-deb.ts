import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { DioramaError } from '../../errors.ts';
import type { Host } from '../../host/host.ts';
import { programFailure } from '../../host/program-failure.ts';
import { runProgram } from '../../host/run-program.ts';

const timeoutMs = 5 * 60 * 1000;

/** Of some 4000 modules one is of use. */
const wanted = ['./boot/vmlinuz-*', './boot/config-*', '*/modules/*/vmlinuz', '*/modules/*/config', '*/kernel/fs/fuse/fuse.ko*'];

/**
 * Unpacks a kernel, its configuration and its fuse.ko from a Debian package into `dir`, as far as they are in it.
 * @throws DioramaError `bad-kernel-spec` (usage) when it is damaged or no package; `program-missing`, `disk-full`, `timed-out` (machine)
 */
export async function unpackDeb(host: Host, given: { readonly deb: string; readonly dir: string; readonly spec: string }): Promise<void> {
  await mkdir(given.dir, { recursive: true });
  // Members cannot leave the folder: tar strips leading slashes, refuses `..` and puts symbolic links in place only at the end.
  const finished = await runProgram({
    file: 'bash',
    args: ['-c', 'set -o pipefail; deb=$1; shift; dpkg-deb --fsys-tarfile "$deb" | tar --extract --no-same-owner --no-same-permissions --delay-directory-restore --wildcards "$@"', 'bash', given.deb, ...wanted],
    cwd: given.dir, timeoutMs, signal: host.signal,
  });
  if (finished.ok || onlyNotFound(finished.stderr)) return;
  throw programFailure(finished, {
    blame: 'usage', code: 'bad-kernel-spec', message: `kernel "${given.spec}": the package is cut short, damaged, or no Debian package`, next: 'download it again',
    phase: 'unpacking the package', timeoutMs,
  });
}

/** GNU tar fails when one of the patterns has no match, as some of ours never have. */
function onlyNotFound(stderr: string): boolean {
  return stderr.split('\n').every((line) => line === '' || /^tar: (?:.*: Not found in archive|Exiting with failure status due to previous errors)$/.test(line));
}

/** The kernels among what was unpacked. */
export async function kernelsIn(dir: string): Promise<string[]> {
  const entries = await readdir(dir, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile() && /^vmlinuz(-|$)/.test(entry.name)).map((entry) => join(entry.parentPath, entry.name)).sort();
}

/** The one kernel of a package. */
export function onlyKernel(kernels: readonly string[], spec: string): string {
  const [first] = kernels;
  if (first !== undefined && kernels.length === 1) return first;
  throw new DioramaError({
    blame: 'usage', code: 'bad-kernel-spec',
    message: `kernel "${spec}": ${first === undefined ? 'there is no vmlinuz in the package' : `there are ${String(kernels.length)} kernels in the package`}`,
    next: 'name a linux-image package; of one that only depends on others (Debian from 7.0 on: linux-binary, linux-modules), unpack those and name the vmlinuz',
  });
}
