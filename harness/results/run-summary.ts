import { z } from 'zod';
import type { Side } from '../events.ts';
import { compareSides } from '../judge/compare-sides.ts';
import { runRecordSchema, type RunRecord } from './run-record.ts';

const counts = z.record(z.string(), z.number());
const asRecorded = {
  id: true, status: true, started: true, ended: true, config: true, configId: true, guest: true, guestId: true, model: true, baseline: true, process: true,
  summary: true, exitCode: true, bytes: true,
} as const;

/** What a list of runs shows of one, and what finding and pruning need to know: its record without the scenes. */
export const runSummarySchema = runRecordSchema.pick(asRecorded).extend({
  kernel: z.object({ spec: z.string(), version: z.string(), origin: z.string() }).optional(),
  series: z.object({ label: z.string(), patches: z.number() }).optional(),
  compiler: z.string().optional(),
  /** What it failed of, and in which words. */
  error: z.object({ code: z.string(), message: z.string() }).optional(),
  /** How many scenes came to each verdict (`pass`, `fail`, …), for each side that was played. */
  base: counts,
  patched: counts.optional(),
  /** How many scenes the series broke, mended or left as they were (`regression`, `fix`, `same`, …). */
  bySeries: counts.optional(),
});

export type RunSummary = z.infer<typeof runSummarySchema>;

/** A run's record in short. */
export function summariseRun(record: RunRecord): RunSummary {
  const { kernel, series, error } = record;
  const compiler = record.patched?.compiler ?? record.base?.compiler;
  return {
    ...pickRecorded(record),
    ...(kernel && { kernel: { spec: kernel.spec, version: kernel.version, origin: kernel.origin } }),
    ...(series && { series: { label: series.label, patches: series.patches.length } }),
    ...(compiler !== undefined && { compiler }),
    ...(error && { error: { code: error.code, message: error.message } }),
    base: verdictCounts(record, 'base'),
    ...(series && { patched: verdictCounts(record, 'patched'), bySeries: comparisonCounts(record) }),
  };
}

function pickRecorded(record: RunRecord): Pick<RunRecord, keyof typeof asRecorded> {
  const { id, status, started, ended, config, configId, guest, guestId, model, baseline, process, summary, exitCode, bytes } = record;
  return { id, status, started, ended, config, configId, guest, guestId, model, baseline, process, summary, exitCode, bytes };
}

function verdictCounts(record: RunRecord, side: Side): Record<string, number> {
  return countOf(record.scenes.filter((row) => row.side === side).map((row) => row.verdict.kind));
}

function comparisonCounts(record: RunRecord): Record<string, number> {
  const base = new Map(record.scenes.filter((row) => row.side === 'base').map((row) => [row.scene, row.verdict]));
  return countOf(record.scenes.flatMap((row) => {
    const one = row.side === 'patched' ? base.get(row.scene) : undefined;
    return one ? [compareSides(withoutUndefined(one), withoutUndefined(row.verdict))] : [];
  }));
}

type StoredVerdict = RunRecord['scenes'][number]['verdict'];

function withoutUndefined({ kind, reason }: StoredVerdict): Pick<StoredVerdict, 'kind' | 'reason'> {
  return { kind, reason };
}

function countOf(words: readonly string[]): Record<string, number> {
  const counted: Record<string, number> = {};
  for (const word of words) counted[word] = (counted[word] ?? 0) + 1;
  return counted;
}
