import { makeSet } from '../guest/make-set.ts';
import { makeTemplate } from '../guest/make-template.ts';
import type { Host } from '../host/host.ts';
import { obtainImage } from '../kernel/image/obtain-image.ts';
import type { ImageSpec, ImageVariant, KernelImage } from '../kernel/types.ts';
import { buildStage } from '../stage/build-stage.ts';
import { keepEvidence } from './keep-evidence.ts';
import { imageRow } from './kernel-row.ts';
import type { Prepared, PrepareRequest } from './prepare-sides.ts';

/**
 * From a kernel that is built already to a side that can be cloned. Where FUSE is built in a set has everything but fuse.ko.
 * @throws DioramaError of the stage that failed; a failed boot's console is copied into `evidenceDir`
 */
export async function prepareImage(host: Host, given: PrepareRequest & { readonly kernel: ImageSpec }): Promise<Prepared> {
  const image = await obtainImage(host, given.kernel, given.kernelText);
  const stage = await buildStage(host);
  const variant = variantOfImage(image);
  const template = await keepEvidence({ dir: given.evidenceDir, name: 'base' }, () =>
    makeTemplate(host, { guest: given.guest, vmlinux: image.vmlinux, vmlinuxId: image.vmlinuxId, initrd: stage.initrd, initrdId: stage.id, label: image.release }));
  const { fuseModule } = variant;
  const set = await makeSet(host, { guest: given.guest, template, fuseModule, label: fuseModule === undefined ? image.release : `fuse.ko of ${image.release}` });
  return { kernel: imageRow(image), stage, sides: [{ side: 'base', variant, template: set ?? template }], steps: [] };
}

export function variantOfImage(image: KernelImage): ImageVariant {
  const { id, version, release, compiler, vmlinux, vmlinuxId, fuseModule } = image;
  return { kind: 'image', id, version, release, compiler, vmlinux, vmlinuxId, image, ...(fuseModule === undefined ? {} : { fuseModule }) };
}
