import { stat } from 'node:fs/promises';
import { DioramaError } from '../errors.ts';
import type { Host } from '../host/host.ts';
import { parseKernelSpec } from '../kernel/source/parse-kernel-spec.ts';
import { failedCell } from './failed-cell.ts';
import { entryPrint } from './fingerprint.ts';
import type { Entry } from './list-entries.ts';
import type { NightlyConfig } from './nightly-config.ts';
import type { Cell, Night, NightlyState, Resolved } from './night-state.ts';
import type { Candidate } from './plan-night.ts';
import { failureOf } from './play-entry.ts';
import { resolveKernel, watchKey } from './resolve-kernel.ts';

/** What there is to play before it is said in which order. */
export interface Survey {
  readonly kernels: Record<string, Resolved>;
  /** Entries that can be played. */
  readonly candidates: Candidate[];
  /** Cells of those that cannot. */
  readonly cells: Record<string, Cell>;
}

/**
 * Looks every kernel up, and what each entry depends on. A night that was cut short keeps the kernels that it began with.
 * @throws the signal's reason when it was aborted
 */
export async function surveyNight(
  host: Host,
  given: { readonly config: NightlyConfig; readonly entries: readonly Entry[]; readonly common: string; readonly state: NightlyState; readonly unfinished: Night | undefined },
): Promise<Survey> {
  const kernels = await resolveAll(host, given.config, given.unfinished);
  return { kernels, ...(await sortOut(host, { ...given, kernels })) };
}

/** One kernel after the other: they may come through the same line, and wait for the same locks. */
async function resolveAll(host: Host, config: NightlyConfig, unfinished: Night | undefined): Promise<Record<string, Resolved>> {
  const kernels: Record<string, Resolved> = {};
  for (const [name, watched] of config.kernels) {
    const known = unfinished?.kernels[name];
    const stands = known?.kind === 'found' && known.watch === watchKey(watched) && (await isThere(known));
    kernels[name] = stands ? known : await resolveKernel(host, watched, config.fetchMs);
  }
  return kernels;
}

/** The cache may have been deleted while a night was cut short. */
async function isThere(kernel: Extract<Resolved, { kind: 'found' }>): Promise<boolean> {
  const spec = parseKernelSpec(kernel.spec);
  if (spec.kind !== 'git' || kernel.commit === undefined) return true;
  return stat(spec.path).then(() => true, () => false);
}

async function sortOut(
  host: Host,
  given: { readonly entries: readonly Entry[]; readonly kernels: Readonly<Record<string, Resolved>>; readonly common: string; readonly state: NightlyState },
): Promise<{ readonly candidates: Candidate[]; readonly cells: Record<string, Cell> }> {
  const candidates: Candidate[] = [];
  const cells: Record<string, Cell> = {};
  for (const entry of given.entries) {
    const kernel = given.kernels[entry.kernel];
    const memory = given.state.entries[entry.name] ?? {};
    if (kernel?.kind === 'found') {
      try {
        candidates.push({ entry, memory, fingerprint: await entryPrint(host, entry, { common: given.common, kernel }) });
      } catch (error) {
        host.signal.throwIfAborted();
        if (!(error instanceof DioramaError)) throw error;
        cells[entry.name] = failedCell(failureOf(error), { ms: 0, again: false });
      }
    } else if (kernel?.kind === 'absent') {
      cells[entry.name] = { kind: 'unplayed', why: 'absent', message: kernel.message };
    } else if (kernel) {
      const failure = failureOf({ ...kernel, code: kernel.code as DioramaError['code'] });
      cells[entry.name] = failedCell(/cannot be reached|asking .*limit/.test(kernel.message) ? { ...failure, why: 'unreachable' } : failure, { ms: 0, again: false });
    }
  }
  return { candidates, cells };
}
