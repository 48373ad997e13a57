import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { RunRecord } from '../../../harness/results/run-record.ts';
import { record, row } from '../judge/records.ts';

/** The id of the nth run, a minute after the one before. */
export function idOf(nth: number): string {
  return `${startOf(nth).slice(0, 19).replaceAll(':', '')}-${nth.toString(16).padStart(4, '0')}`;
}

export function startOf(nth: number): string {
  return new Date(Date.UTC(2026, 0, 1) + nth * 60_000).toISOString();
}

/** Writes a run as diorama leaves it: `run.json` and a file of evidence. */
export function store(results: string, nth: number, given: Partial<RunRecord> = {}): string {
  const id = idOf(nth);
  const dir = join(results, id);
  mkdirSync(join(dir, 'base/s'), { recursive: true });
  writeFileSync(join(dir, 'base/s/trace'), 'x'.repeat(5000));
  writeFileSync(join(dir, 'run.json'), JSON.stringify(record([row('s', 'pass')], { id, started: startOf(nth), ...given }), null, 2));
  return id;
}
