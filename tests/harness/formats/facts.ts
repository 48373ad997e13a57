import { resolve } from 'node:path';
import { readRunFacts } from '../../../harness/formats/read-run-facts.ts';
import type { RunFacts } from '../../../harness/formats/run-facts.ts';
import type { RunRecord } from '../../../harness/results/run-record.ts';
import { storeRun, type Evidence } from './run-fixture.ts';

export const root = resolve(import.meta.dirname, '../../..');
/** Data that others wrote; a user's clone has none. */
export const sharedData = resolve(root, '../shared/data');

/** Stores a run below `dir` and reads it back as the formats do. Whoever runs the test is not told. */
export async function factsOf(dir: string, record: RunRecord, evidence: Evidence = {}): Promise<RunFacts> {
  const run = { dir: storeRun(dir, record, evidence), record };
  const { tester: _, ...facts } = await readRunFacts({ root, cache: dir, emit: () => undefined, signal: new AbortController().signal, jobs: 1 }, run);
  return facts;
}
