import { join } from 'node:path';
import { DioramaError, type ErrorCode } from '../errors.ts';
import type { Guest } from '../guest/read-guest.ts';
import type { Host } from '../host/host.ts';
import type { KernelConfig, Source } from '../kernel/types.ts';
import { applySeries } from '../series/apply-series.ts';
import type { Series } from '../series/types.ts';
import type { Stage } from '../stage/build-stage.ts';
import { keepEvidence } from './keep-evidence.ts';
import { prepareSide } from './prepare-side.ts';
import type { PreparedSide } from './prepare-sides.ts';

/** The source with the patches 1 to `index` of a series: `on` to play on, or the `trouble` that there was. */
export interface PreparedStep {
  /** Of the last patch in it, from 1. */
  readonly index: number;
  readonly on?: PreparedSide;
  readonly trouble?: DioramaError;
}

/** What a patch can be to blame for; anything else is the machine's, and ends the run. */
const ofPatches: ReadonlySet<ErrorCode> = new Set(['series-does-not-apply', 'build-failed', 'config-unmet', 'boot-failed']);

/**
 * Builds and boots every prefix of a series, in its order: each differs from the one before by one patch, so each costs what that patch
 * touches, a module for fs/fuse. A prefix that does not apply, build or boot is a result.
 * @throws DioramaError for what is no patch's fault
 */
export async function prepareSteps(
  host: Host,
  given: {
    readonly source: Source; readonly series: Series; readonly stage: Stage; readonly config: KernelConfig; readonly guest: Guest; readonly evidenceDir: string;
  },
): Promise<PreparedStep[]> {
  const steps: PreparedStep[] = [];
  for (const index of given.series.patches.keys()) steps.push(await prepareStep(host, { ...given, index: index + 1 }));
  return steps;
}

/** Where what belongs to the first `index` of `of` patches is kept; the whole series is the patched side of any other run. */
export function stepName(index: number, of: number): string {
  return index === of ? 'patched' : `patch-${String(index).padStart(4, '0')}`;
}

async function prepareStep(host: Host, given: Parameters<typeof prepareSteps>[1] & { readonly index: number }): Promise<PreparedStep> {
  const { series, source, index, evidenceDir: dir } = given;
  const of = series.patches.length;
  const name = stepName(index, of);
  const prefix = index === of ? series : { ...series, label: `${series.label}, 1 to ${index} of ${of}`, patches: series.patches.slice(0, index) };
  try {
    const on = await keepEvidence({ dir, name }, async () => {
      const tree = { ...(await applySeries(host, source, prefix)), name: `patch ${index}/${of}` };
      return prepareSide(host, { ...given, side: 'patched', tree, log: join(dir, `build-${name}.log`) });
    });
    return { index, on };
  } catch (error) {
    if (!(error instanceof DioramaError) || !ofPatches.has(error.code)) throw error;
    return { index, trouble: error };
  }
}
