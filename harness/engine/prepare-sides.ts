import { join } from 'node:path';
import type { Side } from '../events.ts';
import type { StageSet } from '../guest/make-set.ts';
import type { Template } from '../guest/make-template.ts';
import type { Guest } from '../guest/read-guest.ts';
import type { Host } from '../host/host.ts';
import { buildVariant } from '../kernel/build/build-variant.ts';
import { obtainImage } from '../kernel/image/obtain-image.ts';
import { obtainSource } from '../kernel/source/obtain-source.ts';
import type { BuiltVariant, KernelConfig, KernelSpec, PatchedTree, Source, SourceSpec, Variant } from '../kernel/types.ts';
import type { RunRecord } from '../results/run-record.ts';
import { applySeries } from '../series/apply-series.ts';
import type { Series } from '../series/types.ts';
import { buildStage, type Stage } from '../stage/build-stage.ts';
import { keepEvidence } from './keep-evidence.ts';
import { sourceRow } from './kernel-row.ts';
import { prepareImage, variantOfImage } from './prepare-image.ts';
import { prepareSide } from './prepare-side.ts';
import { prepareSteps, type PreparedStep } from './prepare-steps.ts';

/** One side of a run, ready to play scenes on. */
export interface PreparedSide {
  readonly side: Side;
  readonly variant: Variant;
  /** What its clones start from: with fuse.ko inserted, where that goes well. */
  readonly template: Template | StageSet;
}

export interface Prepared {
  readonly kernel: NonNullable<RunRecord['kernel']>;
  readonly stage: Stage;
  readonly patchedTreeId?: string;
  /** The base, and the whole series where there is one that builds. */
  readonly sides: readonly PreparedSide[];
  /** Each prefix of the series, the whole being the last; empty unless they were asked for. */
  readonly steps: readonly PreparedStep[];
}

/** What is to be built and booted. */
export interface PrepareRequest {
  readonly kernel: KernelSpec;
  readonly kernelText: string;
  /** The kernel's tree, where somebody has obtained it already. */
  readonly source?: Source;
  readonly series?: Series;
  readonly config: KernelConfig;
  readonly guest: Guest;
  /** Where logs and the consoles of failed boots are kept. */
  readonly evidenceDir: string;
  /** Prepare every prefix of the series too, and take one that does not build for a result instead of an error. */
  readonly eachPatch?: boolean;
}

/**
 * From a kernel spec and a series to sides that can be cloned. The series is applied before anything is built, so one that does
 * not apply costs no build.
 * @throws DioramaError of the stage that failed; a failed build's log and a failed boot's console are copied into `evidenceDir`
 */
export async function prepareSides(host: Host, given: PrepareRequest): Promise<Prepared> {
  if (given.kernel.kind === 'image') return prepareImage(host, { ...given, kernel: given.kernel });
  const source = given.source ?? (await obtainSource(host, given.kernel, given.kernelText));
  const kernel = sourceRow(source);
  const patched = given.series && (await applySeries(host, source, given.series));
  const stage = await buildStage(host);
  const prepare = (side: Side, tree: PatchedTree): Promise<PreparedSide> => keepEvidence({ dir: given.evidenceDir, name: side }, () =>
    prepareSide(host, { side, tree, config: given.config, guest: given.guest, stage, log: join(given.evidenceDir, `build-${side}.log`) }));
  const base = await prepare('base', { source, treeId: source.treeId, touched: new Map() });
  if (!patched) return { kernel, stage, sides: [base], steps: [] };
  const steps = given.series && given.eachPatch === true ? await prepareSteps(host, { ...given, series: given.series, source, stage }) : [];
  const whole = steps.length > 0 ? steps.at(-1)?.on : await prepare('patched', patched);
  return { kernel, stage, sides: [base, ...(whole ? [whole] : [])], steps, patchedTreeId: patched.treeId };
}

/**
 * The one variant that a login is about: the source with the series applied, built; or a kernel that is built already.
 * @throws DioramaError of the stage that failed
 */
export async function prepareVariant(host: Host, given: PrepareRequest): Promise<Variant> {
  if (given.kernel.kind === 'image') return variantOfImage(await obtainImage(host, given.kernel, given.kernelText));
  return (await buildFromSource(host, { ...given, kernel: given.kernel })).variant;
}

/**
 * The source with the series applied, built, for guests that boot it.
 * @throws DioramaError of the stage that failed
 */
export async function buildFromSource(
  host: Host, given: PrepareRequest & { readonly kernel: SourceSpec },
): Promise<{ readonly kernel: Prepared['kernel']; readonly variant: BuiltVariant; readonly treeId: string }> {
  const source = await obtainSource(host, given.kernel, given.kernelText);
  const tree = given.series ? await applySeries(host, source, given.series) : { source, treeId: source.treeId, touched: new Map<string, string>() };
  const variant = await buildVariant(host, tree, given.config, { buildMs: given.guest.limits.build }, join(given.evidenceDir, 'build.log'));
  return { kernel: sourceRow(source), variant, treeId: tree.treeId };
}
