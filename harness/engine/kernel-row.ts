import type { KernelImage, Source } from '../kernel/types.ts';
import type { RunRecord } from '../results/run-record.ts';

type KernelRow = NonNullable<RunRecord['kernel']>;

/** A tree as a run's record has it. */
export function sourceRow({ spec, version, origin, treeId }: Source): KernelRow {
  return { spec, version, origin, treeId };
}

/** A built kernel as a run's record has it: what it came in, and its sums. */
export function imageRow(image: KernelImage): KernelRow {
  const { spec, version, origin, vmlinuzSha256, fuseSha256 } = image;
  return { spec, version, origin, image: { ...(image.package && { package: { ...image.package } }), vmlinuz: vmlinuzSha256, ...(fuseSha256 === undefined ? {} : { fuse: fuseSha256 }) } };
}
