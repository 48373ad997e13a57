import type { Side } from '../events.ts';
import { makeSet } from '../guest/make-set.ts';
import { makeTemplate } from '../guest/make-template.ts';
import type { Guest } from '../guest/read-guest.ts';
import type { Host } from '../host/host.ts';
import { buildVariant } from '../kernel/build/build-variant.ts';
import type { KernelConfig, PatchedTree } from '../kernel/types.ts';
import type { Stage } from '../stage/build-stage.ts';
import type { PreparedSide } from './prepare-sides.ts';

/**
 * Builds a tree, boots what was built to a template and inserts its fuse.ko there, or takes all of it from the cache. make's output goes to `log`.
 * @throws DioramaError of the stage that failed
 */
export async function prepareSide(
  host: Host,
  given: {
    readonly side: Side; readonly tree: PatchedTree; readonly config: KernelConfig; readonly guest: Guest; readonly stage: Stage; readonly log: string;
  },
): Promise<PreparedSide> {
  const { side, guest, stage } = given;
  const variant = await buildVariant(host, given.tree, given.config, { buildMs: guest.limits.build }, given.log);
  const template = await makeTemplate(host, {
    guest, vmlinux: variant.vmlinux, vmlinuxId: variant.vmlinuxId, initrd: stage.initrd, initrdId: stage.id, label: variant.release,
  });
  const set = await makeSet(host, { guest, template, fuseModule: variant.fuseModule, label: `fuse.ko of ${side}` });
  return { side, variant, template: set ?? template };
}
