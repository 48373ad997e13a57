import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { findCanaries } from '../engine/find-canaries.ts';
import { findConfig } from '../engine/find-config.ts';
import { findGuest, type GuestAsked } from '../engine/find-guest.ts';
import { findKnownIssues } from '../engine/find-known-issues.ts';
import { findScenarios } from '../engine/find-scenarios.ts';
import { proveCanaries, type Proof } from '../engine/prove-canaries.ts';
import { formatDuration } from '../format-units.ts';
import type { Host } from '../host/host.ts';
import { parseKernelSpec } from '../kernel/source/parse-kernel-spec.ts';
import { requireSource } from '../kernel/source/require-source.ts';
import { printable } from '../printable.ts';
import { writeWhole } from '../results/run-directory.ts';
import { type Colours, coloursFor } from './colours.ts';
import { showProgress } from './progress.ts';
import { resultsDir, shown } from './results-paths.ts';
import { alignColumns } from './table.ts';

export interface ProveOptions extends GuestAsked {
  readonly kernel: string;
  readonly canary: readonly string[];
  readonly scenario: readonly string[];
  readonly config: readonly string[];
  readonly results?: string;
  readonly every: boolean;
  readonly json: boolean;
}

/**
 * `./diorama prove`: that the scenes see the canaries, and leave equivalent changes alone.
 * @returns 0 when every canary was seen and no equivalent was, 1 when not, 69 when a canary could not be built or judged
 * @throws DioramaError whose blame has the other exit codes
 */
export async function prove(outer: Host, options: ProveOptions): Promise<number> {
  const scenes = await findScenarios(outer, options.scenario);
  const canaries = await findCanaries(outer.root, options.canary);
  const issues = await findKnownIssues(outer.root);
  const guest = await findGuest(outer, options);
  const config = await findConfig(outer.root, options.config);
  const kernel = requireSource(parseKernelSpec(options.kernel), 'prove');
  const dir = join(resultsDir(outer, options.results), 'prove');
  await mkdir(dir, { recursive: true });
  const progress = showProgress(process.stderr, { colours: coloursFor(process.stderr), scenes: scenes.length });
  // A canary that fails is what is wanted, so its scenes are not told one by one.
  const host: Host = { ...outer, emit: (event) => (event.kind === 'scene-end' || event.kind === 'stage-end' ? undefined : progress.emit(event)) };
  const colours = coloursFor(process.stdout);
  const began = performance.now();
  let done = 0;
  const onProof = (proof: Proof): void => {
    done += 1;
    progress.emit({ kind: 'note', text: `${done} of ${canaries.length}  ${proof.canary.name}: ${outcomeOf(proof)}` });
  };
  const proofs = await proveCanaries(host, { kernel, kernelText: options.kernel, config, guest, scenes, canaries, issues, dir, every: options.every }, onProof)
    .finally(() => progress.end());
  const rows = proofs.map((proof) => ({
    canary: proof.canary.name, equivalent: proof.canary.equivalent, verdict: outcomeOf(proof), kills: proof.kills, played: proof.played, seconds: proof.ms / 1000,
    ...(proof.trouble === undefined ? {} : { trouble: proof.trouble }),
  }));
  await writeWhole(join(dir, 'prove.json'), `${JSON.stringify(rows, null, 2)}\n`);
  if (options.json) process.stdout.write(`${JSON.stringify(rows, null, 2)}\n`);
  else process.stdout.write(`${[...describe(proofs, colours), '', sentence(proofs, performance.now() - began), `evidence in ${shown(dir)}`].join('\n')}\n`);
  const wrong = proofs.filter((proof) => !asItMust(proof));
  return wrong.some((proof) => proof.kills.length > 0 || proof.trouble === undefined) ? 1 : wrong.length > 0 ? 69 : 0;
}

function asItMust(proof: Proof): boolean {
  return proof.canary.equivalent ? proof.kills.length === 0 && proof.trouble === undefined : proof.kills.length > 0;
}

function outcomeOf(proof: Proof): string {
  if (proof.kills.length > 0) return proof.canary.equivalent ? 'seen, and should not be' : 'seen';
  if (proof.trouble !== undefined) return `not judged: ${proof.trouble}`;
  return proof.canary.equivalent ? 'left alone' : 'SURVIVED';
}

function describe(proofs: readonly Proof[], colours: Colours): string[] {
  const header = ['canary', 'seen by', 'seconds', 'reason'].map((cell) => colours.dim(cell));
  const rows = proofs.map((proof) => {
    const [first] = proof.kills;
    const by = first ? first.scene : proof.canary.equivalent && proof.trouble === undefined ? 'nothing, as it must' : 'nothing';
    return [
      proof.canary.name, asItMust(proof) ? colours.good(by) : colours.bad(by), (proof.ms / 1000).toFixed(1),
      printable(first?.reason ?? proof.trouble ?? '', 200),
    ];
  });
  return alignColumns([header, ...rows], [2]);
}

function sentence(proofs: readonly Proof[], ms: number): string {
  const canaries = proofs.filter((proof) => !proof.canary.equivalent);
  const equivalents = proofs.filter((proof) => proof.canary.equivalent);
  return [
    `${canaries.filter(asItMust).length} of ${canaries.length} canaries seen`,
    `${equivalents.filter(asItMust).length} of ${equivalents.length} equivalent changes left alone`,
    formatDuration(ms),
  ].join(', ');
}
