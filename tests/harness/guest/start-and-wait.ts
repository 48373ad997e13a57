import { startQemu } from '../../../harness/guest/qemu-process.ts';

// For the test that kills its parent: a QEMU with nothing to end it.
await startQemu({ args: [], signal: new AbortController().signal, limitMs: 600_000, teardownMs: 1000, watched: [], mostBytes: 1000 }).ended;
