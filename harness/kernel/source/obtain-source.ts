import type { Host } from '../../host/host.ts';
import type { KernelSpec, Source, SourceSpec } from '../types.ts';
import { debianSource } from './debian-source.ts';
import { dirSource } from './dir-source.ts';
import { gitSource } from './git-source.ts';
import { requireSource } from './require-source.ts';
import { sourceStage } from './source-stage.ts';
import { tarSource } from './tar-source.ts';
import { workTreeSource } from './work-tree-source.ts';

/**
 * Brings the kernel that `spec` names into the cache as a git tree; `specText` is how the user wrote it. Nothing of the user's is
 * written to. Emits the events of the stage `source`.
 * @throws DioramaError `bad-usage` for a kernel that is built already, `bad-kernel-spec`, `no-such-kernel`, `checksum-mismatch` (usage), `program-failed`, `timed-out`, `disk-full` (machine)
 */
export async function obtainSource(host: Host, spec: KernelSpec, specText: string): Promise<Source> {
  const tree = requireSource(spec, 'this');
  return sourceStage(host, specText, (watched) => obtain(watched, tree, specText));
}

function obtain(host: Host, spec: SourceSpec, specText: string): Promise<Source> {
  switch (spec.kind) {
    case 'debian':
      return debianSource(host, { series: spec.series, spec: specText });
    case 'git':
      return spec.rev === undefined ? workTreeSource(host, { path: spec.path, spec: specText }) : gitSource(host, { path: spec.path, rev: spec.rev, spec: specText });
    case 'dir':
      return dirSource(host, { path: spec.path, spec: specText });
    case 'tar':
      return tarSource(host, { location: spec.location, spec: specText });
  }
}
