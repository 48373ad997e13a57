import { copyFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DioramaError } from '../errors.ts';
import type { Side } from '../events.ts';
import { makeTemplate, type Template } from '../guest/make-template.ts';
import type { Guest } from '../guest/read-guest.ts';
import type { Host } from '../host/host.ts';
import { buildVariant } from '../kernel/build/build-variant.ts';
import { obtainSource } from '../kernel/source/obtain-source.ts';
import type { KernelConfig, KernelSpec, PatchedTree, Source, Variant } from '../kernel/types.ts';
import { applySeries } from '../series/apply-series.ts';
import type { Series } from '../series/types.ts';
import { buildStage, type Stage } from '../stage/build-stage.ts';

/** One side of a run, ready to play scenes on. */
export interface PreparedSide {
  readonly side: Side;
  readonly variant: Variant;
  readonly template: Template;
}

export interface Prepared {
  readonly source: Source;
  readonly stage: Stage;
  readonly patchedTreeId?: string;
  readonly sides: readonly PreparedSide[];
}

/** What is to be built and booted. */
export interface PrepareRequest {
  readonly kernel: KernelSpec;
  readonly kernelText: string;
  readonly series?: Series;
  readonly config: KernelConfig;
  readonly guest: Guest;
  /** Where logs and the consoles of failed boots are kept. */
  readonly evidenceDir: string;
}

/**
 * From a kernel spec and a series to sides that can be cloned. The series is applied before anything is built, so one that does
 * not apply costs no build.
 * @throws DioramaError of the stage that failed; a failed build's log and a failed boot's console are copied into `evidenceDir`
 */
export async function prepareSides(host: Host, given: PrepareRequest): Promise<Prepared> {
  const source = await obtainSource(host, given.kernel, given.kernelText);
  const patched = given.series && (await applySeries(host, source, given.series));
  const stage = await buildStage(host);
  const base: PatchedTree = { source, treeId: source.treeId, touched: new Map() };
  const trees: [Side, PatchedTree][] = [['base', base], ...(patched ? [['patched', patched] as [Side, PatchedTree]] : [])];
  const sides: PreparedSide[] = [];
  for (const [side, tree] of trees) {
    sides.push(await keepingEvidence(given.evidenceDir, side, async () => {
      const log = join(given.evidenceDir, `build-${side}.log`);
      const variant = await buildVariant(host, tree, given.config, { buildMs: given.guest.limits.build }, log);
      const template = await makeTemplate(host, {
        guest: given.guest, vmlinux: variant.vmlinux, vmlinuxId: variant.vmlinuxId, initrd: stage.initrd, initrdId: stage.id, label: variant.release,
      });
      return { side, variant, template };
    }));
  }
  return { source, stage, sides, ...(patched ? { patchedTreeId: patched.treeId } : {}) };
}

/**
 * The one variant that a login is about: the source with the series applied, built.
 * @throws DioramaError of the stage that failed
 */
export async function prepareVariant(host: Host, given: PrepareRequest): Promise<Variant> {
  const source = await obtainSource(host, given.kernel, given.kernelText);
  const tree = given.series ? await applySeries(host, source, given.series) : { source, treeId: source.treeId, touched: new Map<string, string>() };
  return buildVariant(host, tree, given.config, { buildMs: given.guest.limits.build }, join(given.evidenceDir, 'build.log'));
}

/** Evidence in the cache is overwritten by the next run; a run keeps its own. */
async function keepingEvidence<T>(dir: string, side: Side, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof DioramaError) || error.evidence === undefined || error.evidence.startsWith(dir)) throw error;
    const kept = join(dir, `${error.code}-${side}.txt`);
    const copied = await copyFile(error.evidence, kept).then(() => true, () => false);
    if (!copied) throw error;
    const { blame, code, message, details, next, cause } = error;
    throw new DioramaError({ blame, code, message, details, evidence: kept, cause, ...(next === undefined ? {} : { next }) });
  }
}
