import type { Side } from '../events.ts';
import type { RunRecord } from '../results/run-record.ts';
import type { Verdict } from './verdict.ts';

/** What a scene came to in one run, on one side. */
export interface SceneMoment {
  readonly run: string;
  /** When the run began, ISO 8601. */
  readonly started: string;
  readonly side: Side;
  readonly verdict: Verdict;
  readonly kernel: { readonly spec: string; readonly version: string } | undefined;
  readonly series: string | undefined;
  readonly guest: string;
  readonly config: string;
  readonly variantId: string | undefined;
  readonly traceId: string | undefined;
}

/** The history of a scene over stored runs, oldest first, base before patched; runs that did not play it are left out. */
export function sceneHistory(records: readonly RunRecord[], scene: string): SceneMoment[] {
  const moments = records.flatMap((record) => record.scenes.filter((row) => row.scene === scene).map((row): SceneMoment => {
    const { kind, reason, step, issue } = row.verdict;
    return {
      run: record.id, started: record.started, side: row.side,
      verdict: { kind, reason, ...(step === undefined ? {} : { step }), ...(issue === undefined ? {} : { issue }) },
      kernel: record.kernel && { spec: record.kernel.spec, version: record.kernel.version },
      series: row.side === 'patched' ? record.series?.label : undefined,
      guest: record.guest, config: record.config, variantId: record[row.side]?.id, traceId: row.traceId,
    };
  }));
  const rank = ({ started, run, side }: SceneMoment): string => [started, run, side].join('\n');
  return moments.sort((a, b) => (rank(a) < rank(b) ? -1 : rank(a) > rank(b) ? 1 : 0));
}
