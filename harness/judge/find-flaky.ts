import type { Side } from '../events.ts';
import type { RunRecord } from '../results/run-record.ts';
import type { VerdictKind } from './verdict.ts';

/** One way in which a scene came out, and how often. */
export interface FlakyOutcome {
  readonly verdict: VerdictKind;
  readonly reason: string;
  /** SHA-256 of the trace; undefined where it was not kept. */
  readonly traceId: string | undefined;
  readonly count: number;
  readonly runs: readonly string[];
}

/** A scene that came out in more than one way, though everything that it depends on was the same. */
export interface FlakyScene {
  readonly scene: string;
  readonly release: string;
  readonly guest: string;
  readonly config: string;
  /** Content keys of what was the same. */
  readonly variantId: string;
  readonly template: string | undefined;
  readonly programId: string;
  readonly plays: number;
  readonly verdicts: Readonly<Partial<Record<VerdictKind, number>>>;
  /** How many different traces there are. */
  readonly traces: number;
  /** The most frequent first. */
  readonly outcomes: readonly FlakyOutcome[];
}

interface Play {
  readonly record: RunRecord;
  readonly side: Side;
  readonly row: RunRecord['scenes'][number];
}

/**
 * The scenes that gave different verdicts or different traces on the same variant, in the same guest and template (which holds stage and
 * QEMU), with the same libfuse, program, expectations and model. Every outcome is kept with its count; nothing is averaged. What was
 * interrupted did not come out at all, what was taken from an earlier play says nothing new, and a run that kept no program ids cannot be told to have played the same.
 */
export function findFlaky(records: readonly RunRecord[]): FlakyScene[] {
  const groups = new Map<string, Play[]>();
  for (const record of records) {
    for (const row of record.scenes) {
      const key = keyOf(record, row);
      if (key === undefined || row.reused === true || isInterrupted(record, row)) continue;
      const group = groups.get(key);
      const play = { record, side: row.side, row };
      if (group) group.push(play);
      else groups.set(key, [play]);
    }
  }
  const flaky = [...groups.values()].flatMap((plays) => describe(plays));
  return flaky.sort((a, b) => (a.scene === b.scene ? order(a.variantId, b.variantId) : order(a.scene, b.scene)));
}

function keyOf(record: RunRecord, row: Play['row']): string | undefined {
  const variant = record[row.side];
  if (!variant || row.programId === undefined) return undefined;
  return JSON.stringify([row.scene, variant.id, record.guest, record.guestId, variant.template, record.libfuse, record.qemu, record.model, row.programId, row.scenarioId]);
}

function isInterrupted(record: RunRecord, { verdict }: Play['row']): boolean {
  return verdict.kind === 'error' && record.status !== 'done';
}

function describe(plays: readonly Play[]): FlakyScene[] {
  const [first] = plays;
  const variant = first?.record[first.side];
  const verdicts: Partial<Record<VerdictKind, number>> = {};
  for (const { row } of plays) verdicts[row.verdict.kind] = (verdicts[row.verdict.kind] ?? 0) + 1;
  const traces = new Set(plays.flatMap(({ row }) => (row.traceId === undefined ? [] : [row.traceId]))).size;
  if (!first || !variant || (Object.keys(verdicts).length < 2 && traces < 2)) return [];
  return [{
    scene: first.row.scene, release: variant.release, guest: first.record.guest, config: first.record.config, variantId: variant.id, template: variant.template,
    programId: first.row.programId ?? '', plays: plays.length, verdicts, traces, outcomes: outcomesOf(plays),
  }];
}

function outcomesOf(plays: readonly Play[]): FlakyOutcome[] {
  const outcomes = new Map<string, FlakyOutcome>();
  for (const { record, row: { verdict, traceId } } of plays) {
    const key = JSON.stringify([verdict.kind, verdict.reason, traceId]);
    const before = outcomes.get(key);
    outcomes.set(key, { verdict: verdict.kind, reason: verdict.reason, traceId, count: (before?.count ?? 0) + 1, runs: [...(before?.runs ?? []), record.id] });
  }
  return [...outcomes.values()].sort((a, b) => b.count - a.count || order(a.verdict, b.verdict) || order(a.traceId ?? '', b.traceId ?? ''));
}

function order(a: string, b: string): number {
  return a === b ? 0 : a < b ? -1 : 1;
}
