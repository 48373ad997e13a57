import { basename, join } from 'node:path';
import { play } from '../cli/play.ts';
import { DioramaError } from '../errors.ts';
import type { Host } from '../host/host.ts';
import { printable } from '../printable.ts';
import type { RunRecord } from '../results/run-record.ts';
import type { Entry } from './list-entries.ts';
import type { FailedCell } from './night-state.ts';

/** What came of an entry: a run that played everything, a failure, or nothing because the time was over. */
export type EntryEnd =
  | { readonly kind: 'played'; readonly run: string; readonly record: RunRecord }
  | { readonly kind: 'failed'; readonly run?: string; readonly failure: Failure }
  | { readonly kind: 'stopped' };

export type Failure = Pick<FailedCell, 'why' | 'blame' | 'message' | 'details'>;

/**
 * Plays an entry as `./diorama run` does. Its runs are kept in a directory of its own below `results`; `run` is relative to that.
 * @throws the signal's reason when the host's was aborted; when `stop` was, that is a result
 */
export async function playEntry(
  host: Host,
  entry: Entry,
  given: { readonly kernel: string; readonly scenarios: readonly string[]; readonly slowerNs: number; readonly results: string; readonly stop: AbortSignal },
): Promise<EntryEnd> {
  let dir: string | undefined;
  const runOf = (path: string): string => join(entry.name, basename(path));
  const options = {
    kernel: given.kernel, series: entry.series ? [entry.series.path] : [], scenario: given.scenarios, guest: entry.guest, config: entry.config,
    results: join(given.results, entry.name), json: false, failFast: false, latencyThreshold: given.slowerNs,
  };
  try {
    const { directory, progress } = await play({ ...host, signal: AbortSignal.any([host.signal, given.stop]) }, options, commandOf(options), { began: (begun) => (dir = begun.dir) });
    progress.end();
    return { kind: 'played', run: runOf(directory.dir), record: directory.record };
  } catch (error) {
    host.signal.throwIfAborted();
    if (given.stop.aborted) return { kind: 'stopped' };
    if (!(error instanceof DioramaError)) throw error;
    return { kind: 'failed', failure: failureOf(error), ...(dir === undefined ? {} : { run: runOf(dir) }) };
  }
}

/** In a few words what an entry that was not played is shown as, and everything that the error says. */
export function failureOf({ blame, code, message, details }: Pick<DioramaError, 'blame' | 'code' | 'message' | 'details'>): Failure {
  const why = wordOf(blame, code);
  return { why, blame, message: printable(message, 400), details: details.slice(0, 8).map((line) => printable(line, 300)) };
}

function wordOf(blame: DioramaError['blame'], code: string): string {
  switch (code) {
    case 'build-failed':
    case 'config-unmet':
      return blame === 'series' ? 'series does not build' : 'does not build';
    case 'boot-failed':
      return 'does not boot';
    case 'series-does-not-apply':
      return 'series does not apply';
    case 'bad-series':
      return 'series cannot be read';
    case 'no-such-kernel':
    case 'bad-kernel-spec':
      return blame === 'usage' ? 'no such kernel' : 'machine trouble';
    default:
      return blame === 'machine' ? 'machine trouble' : 'cannot be played';
  }
}

function commandOf(options: { readonly kernel: string; readonly series: readonly string[]; readonly scenario: readonly string[]; readonly guest: string; readonly config: readonly string[]; readonly results: string; readonly latencyThreshold: number }): string[] {
  const each = (option: string, values: readonly string[]): string[] => values.flatMap((value) => [option, value]);
  return [
    'run', '--kernel', options.kernel, ...each('--series', options.series), ...each('--scenario', options.scenario), '--guest', options.guest,
    ...each('--config', options.config), '--results', options.results, '--latency-threshold', `${String(options.latencyThreshold)}ns`,
  ];
}
