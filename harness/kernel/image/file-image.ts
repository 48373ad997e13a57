import { open, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { DioramaError } from '../../errors.ts';
import { fileHash } from '../../host/content-key.ts';
import type { Host } from '../../host/host.ts';
import { scratchDir } from '../../host/scratch-dir.ts';
import { printable } from '../../printable.ts';
import type { KernelImage } from '../types.ts';
import { takeImage } from './take-image.ts';
import { kernelsIn, onlyKernel, unpackDeb } from './unpack-deb.ts';

/**
 * A kernel in a file: vmlinuz, bzImage, an ELF vmlinux, or a Debian package with one in it.
 * @throws DioramaError as takeImage; `bad-kernel-spec` (usage) for a package that is damaged, has none, or is an rpm
 */
export async function fileImage(host: Host, given: { readonly path: string; readonly spec: string; readonly system?: string }): Promise<KernelImage> {
  const { path, spec, system } = given;
  const head = await startOf(path);
  if (head.startsWith('!<arch>\ndebian-binary')) return fromDeb(host, { path, spec });
  if (head.startsWith('\xed\xab\xee\xdb')) {
    throw new DioramaError({
      blame: 'usage', code: 'bad-kernel-spec', message: `kernel "${printable(spec)}": rpm packages are not read`,
      next: `unpack it, and kernel-modules-core with it, into a folder: rpm2cpio ${printable(basename(path))} | cpio -idm; then image:FOLDER/lib/modules/VERSION/vmlinuz`,
    });
  }
  return takeImage(host, { spec, file: path, ...(system === undefined ? {} : { system }) });
}

async function fromDeb(host: Host, { path, spec }: { readonly path: string; readonly spec: string }): Promise<KernelImage> {
  const dir = await scratchDir(join(host.cache, 'debian'), '.image-');
  try {
    host.emit({ kind: 'stage-progress', stage: 'source', detail: `unpacking ${printable(basename(path))}` });
    await unpackDeb(host, { deb: path, dir, spec });
    const image = await takeImage(host, { spec, file: onlyKernel(await kernelsIn(dir), spec), system: dir });
    return { ...image, origin: `${path} sha256:${await fileHash(path)}` };
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}

/** Empty when it cannot be read: whoever reads all of it says why. */
async function startOf(path: string): Promise<string> {
  const file = await open(path).catch(() => undefined);
  try {
    const read = await file?.read(Buffer.alloc(64), 0, 64, 0).catch(() => undefined);
    return read?.buffer.toString('latin1', 0, read.bytesRead) ?? '';
  } finally {
    await file?.close();
  }
}
