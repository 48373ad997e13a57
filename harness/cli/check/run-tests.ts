import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Host } from '../../host/host.ts';
import { withLock } from '../../host/lock.ts';
import { runProgram } from '../../host/run-program.ts';
import type { CheckedUnit } from './outcome.ts';
import { readTap } from './read-tap.ts';

export interface TestRun {
  /** Relative to the tree's root. */
  readonly files: readonly string[];
  readonly failFast: boolean;
  /** Path of the log, which gets all that the tests write. */
  readonly log: string;
  /** Told of each file when it ends. */
  readonly onFile: (line: string) => void;
}

/** .taprc bounds each file; this bounds them all, below the 90 minutes that a CI gives. */
const boundMs = 80 * 60 * 1000;
/** tap keeps its fixtures at one place of the tree, so another check of the same tree is waited for. */
const lockBoundMs = 30 * 60 * 1000;

/**
 * Runs test files with tap, two at once, and counts their results. Leaves nothing behind but the log.
 * @throws DioramaError `timed-out` when another check of this tree does not end
 * @throws the signal's reason when it was aborted
 */
export async function runTests(host: Host, given: TestRun): Promise<readonly CheckedUnit[]> {
  const lock = join(host.root, 'node_modules/.cache/diorama/check.lock');
  const onWait = (): void => given.onFile('waiting for another check of this tree to end');
  return withLock({ file: lock, timeoutMs: lockBoundMs, signal: host.signal, onWait }, async () => {
    try {
      const finished = await runProgram({
        file: process.execPath,
        args: [
          ...[join(host.root, 'node_modules/tap/dist/esm/run.mjs'), 'run', '--reporter=tap', '--jobs=2'],
          ...(given.failFast ? ['--bail'] : []),
          ...given.files,
        ],
        cwd: host.root,
        env: testEnvironment(host),
        timeoutMs: boundMs,
        signal: host.signal,
        log: given.log,
        onLine: (line) => {
          const ended = /^(ok|not ok) \d+ - (\S+\.test\.ts)(?: # (?:time=([\d.]+)ms)?)?/.exec(line);
          if (ended) given.onFile(`${(ended[1] ?? '').padEnd(6)}  ${ended[2] ?? ''}`);
        },
      });
      const units = readTap(finished.stdout.toString('utf8'));
      const late = finished.timedOut ? [`the tests were ended after ${String(boundMs / 60_000)} min`] : [];
      return [...units, ...(given.failFast ? [] : neverRun(given.files, units, late))];
    } finally {
      await rm(join(host.root, '.tap'), { recursive: true, force: true });
    }
  });
}

/** A file that tap lost is a failure: it does so after another one ran out of time. */
export function neverRun(files: readonly string[], units: readonly CheckedUnit[], why: readonly string[]): CheckedUnit[] {
  return files
    .filter((file) => !units.some(({ name }) => name === file))
    .map((name) => ({ name, ms: 0, cases: [{ name: 'the file itself', outcome: 'failed', evidence: ['it was never run', ...why] }] }));
}

/** The tests see the caller's own environment, except for what would point them at another tree or cache. */
function testEnvironment(host: Host): Record<string, string> {
  const environment: Record<string, string> = {};
  for (const [name, value] of Object.entries(process.env)) {
    if (value !== undefined && name !== 'DIORAMA_ROOT') environment[name] = value;
  }
  return { ...environment, DIORAMA_CACHE: host.cache };
}
