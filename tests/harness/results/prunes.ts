import { pruneRuns } from '../../../harness/results/prune-runs.ts';

// For the test that kills it: removes all runs but one.
await pruneRuns(process.argv[2] ?? '', { keep: { kind: 'newest', count: 1 }, force: false, dryRun: false, signal: new AbortController().signal });
