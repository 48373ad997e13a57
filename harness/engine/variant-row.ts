import type { RunRecord } from '../results/run-record.ts';
import type { PreparedSide } from './prepare-sides.ts';

/** A side as a run's record has it. */
export function variantRow({ variant, template }: PreparedSide): NonNullable<RunRecord['base']> {
  const { id, release, compiler, vmlinuxId } = variant;
  return { id, ...(variant.kind === 'built' ? { treeId: variant.treeId } : {}), release, compiler, vmlinuxId, template: template.id };
}
