import { access } from 'node:fs/promises';
import { release as runningRelease } from 'node:os';
import { join } from 'node:path';
import { DioramaError } from '../../errors.ts';
import type { Host } from '../../host/host.ts';
import { printable } from '../../printable.ts';
import type { KernelImage } from '../types.ts';
import { takeImage } from './take-image.ts';

/**
 * The kernel that this machine runs, from where distributions keep it.
 * @throws DioramaError `no-such-kernel` (usage) when its file is not on this machine, as in a container or a microVM; else as takeImage
 */
export async function hostImage(host: Host, given: { readonly spec: string; readonly release?: string; readonly system?: string }): Promise<KernelImage> {
  const { spec, release = runningRelease(), system = '/' } = given;
  const places = [`boot/vmlinuz-${release}`, `lib/modules/${release}/vmlinuz`, `usr/lib/modules/${release}/vmlinuz`].map((path) => join(system, path));
  for (const file of places) {
    if (!(await access(file).then(() => true, () => false))) continue;
    const image = await takeImage(host, { spec, file, system });
    if (image.release === release) return image;
  }
  throw new DioramaError({
    blame: 'usage', code: 'no-such-kernel', message: `${spec}: this machine runs ${printable(release, 64)}, and that kernel is none of ${places.map((place) => printable(place, 300)).join(', ')}`,
    next: 'name its file, image:FILE, or take a kernel of the archive, image:debian:6.12',
  });
}
