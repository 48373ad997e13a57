import { join } from 'node:path';
import { cachedDir } from '../../../harness/host/cached-dir.ts';
import { withLock } from '../../../harness/host/lock.ts';

// For tests that kill it: holds a lock, or is in the middle of making a cached directory, and says so.
const [what, cache = ''] = process.argv.slice(2);
const signal = new AbortController().signal;
const forEver = (): Promise<never> => {
  console.log('there');
  return new Promise(() => setInterval(() => undefined, 1000));
};
if (what === 'lock') await withLock({ file: join(cache, 'lock'), timeoutMs: 10_000, signal }, forEver);
else await cachedDir({ cache, root: '/', emit: () => undefined, signal, jobs: 1 }, { kind: 'k', key: 'a' }, forEver);
