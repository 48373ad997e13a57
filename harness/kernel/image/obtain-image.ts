import type { Host } from '../../host/host.ts';
import { sourceStage } from '../source/source-stage.ts';
import type { ImageSpec, KernelImage } from '../types.ts';
import { debianImage } from './debian-image.ts';
import { fileImage } from './file-image.ts';
import { hostImage } from './host-image.ts';

/**
 * Brings the built kernel that `spec` names into the cache; `specText` is how the user wrote it. Emits the events of the stage `source`.
 * @throws DioramaError `bad-kernel-spec`, `no-such-kernel` (usage), `config-unmet` (kernel), `program-missing`, `program-failed`, `timed-out`,
 *   `disk-full` (machine)
 */
export async function obtainImage(host: Host, spec: ImageSpec, specText: string): Promise<KernelImage> {
  return sourceStage(host, specText, (watched) => obtain(watched, spec, specText));
}

function obtain(host: Host, spec: ImageSpec, specText: string): Promise<KernelImage> {
  switch (spec.from) {
    case 'host':
      return hostImage(host, { spec: specText });
    case 'debian':
      return debianImage(host, { series: spec.series, spec: specText });
    case 'file':
      return fileImage(host, { path: spec.path, spec: specText });
  }
}
