import type { RunRecord } from '../results/run-record.ts';

/** How long a stage took in either run: wall time of the host, which says nothing about the kernel. */
export interface StageTiming {
  readonly stage: string;
  readonly label: string;
  readonly before?: { readonly ms: number; readonly reused: boolean };
  readonly after?: { readonly ms: number; readonly reused: boolean };
}

/** Stage by stage; one that a run has several times, such as a build for each side, is paired in its order. */
export function compareStages(before: RunRecord, after: RunRecord): StageTiming[] {
  const [ones, others] = [numbered(before.stages), numbered(after.stages)];
  return [...new Set([...others.keys(), ...ones.keys()])].map((key) => {
    const [one, other] = [ones.get(key), others.get(key)];
    return {
      stage: (other ?? one)?.stage ?? '', label: (other ?? one)?.label ?? '',
      ...(one && { before: { ms: one.ms, reused: one.reused } }), ...(other && { after: { ms: other.ms, reused: other.reused } }),
    };
  });
}

type Stage = RunRecord['stages'][number];

function numbered(stages: readonly Stage[]): Map<string, Stage> {
  const seen = new Map<string, number>();
  return new Map(stages.map((stage) => {
    const nth = (seen.get(stage.stage) ?? 0) + 1;
    seen.set(stage.stage, nth);
    return [`${stage.stage} ${nth}`, stage];
  }));
}
