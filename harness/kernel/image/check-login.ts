import { readFile } from 'node:fs/promises';
import { DioramaError } from '../../errors.ts';
import type { KernelImage } from '../types.ts';

/**
 * That a person can log in to a guest with this kernel: over a virtio port, whose drivers must be built in.
 * @throws DioramaError `config-unmet` (kernel) with those that are not
 */
export async function checkLogin(image: KernelImage): Promise<void> {
  const config = image.config === undefined ? undefined : await readFile(image.config, 'latin1');
  const lacking = ['PCI', 'VIRTIO_PCI', 'VIRTIO_CONSOLE', 'UNIX98_PTYS'].filter((symbol) => config !== undefined && !new RegExp(`^CONFIG_${symbol}=y$`, 'm').test(config));
  if (lacking.length === 0) return;
  throw new DioramaError({
    blame: 'kernel', code: 'config-unmet', message: `${image.spec}: nobody can log in to ${image.release}: ${lacking.map((symbol) => `CONFIG_${symbol}`).join(' and ')} ${lacking.length === 1 ? 'is' : 'are'} not built in`,
    next: 'run and test play scenes on it; a shell needs a kernel that is built here, such as debian:6.12',
  });
}
