import { basename, join } from 'node:path';
import { play, type Watch } from '../cli/play.ts';
import { playSuites } from '../cli/play-suites.ts';
import { DioramaError } from '../errors.ts';
import type { Host } from '../host/host.ts';
import { printable } from '../printable.ts';
import type { RunDirectory } from '../results/run-directory.ts';
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
 * Plays an entry as `./diorama run`, or `suite`, does. Its runs are kept in a directory of its own below `results`; `run` is relative to that.
 * @throws the signal's reason when the host's was aborted; when `stop` was, that is a result
 */
export async function playEntry(
  host: Host,
  entry: Entry,
  given: { readonly kernel: string; readonly scenarios: readonly string[]; readonly fstests?: string; readonly slowerNs: number; readonly results: string; readonly stop: AbortSignal },
): Promise<EntryEnd> {
  let dir: string | undefined;
  const runOf = (path: string): string => join(entry.name, basename(path));
  const common = {
    kernel: given.kernel, series: entry.series ? [entry.series.path] : [], guest: entry.guest, config: entry.config, results: join(given.results, entry.name), json: false,
  };
  const stoppable: Host = { ...host, signal: AbortSignal.any([host.signal, given.stop]) };
  const watch = { began: (begun: RunDirectory): void => void (dir = begun.dir) };
  try {
    const { directory } = entry.suites
      ? await playSuites(stoppable, { ...common, suites: entry.suites, ...(given.fstests !== undefined && { fstests: given.fstests }) }, suiteCommand({ ...common, suites: entry.suites, fstests: given.fstests }), watch)
      : await playScenes(stoppable, { ...common, scenario: given.scenarios, failFast: false, latencyThreshold: given.slowerNs }, watch);
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

async function playScenes(host: Host, options: Common & { readonly scenario: readonly string[]; readonly failFast: boolean; readonly latencyThreshold: number }, watch: Watch): ReturnType<typeof play> {
  const played = await play(host, options, commandOf(options), watch);
  played.progress.end();
  return played;
}

interface Common {
  readonly kernel: string;
  readonly series: readonly string[];
  readonly guest: string;
  readonly config: readonly string[];
  readonly results: string;
  readonly json: boolean;
}

function each(option: string, values: readonly string[]): string[] {
  return values.flatMap((value) => [option, value]);
}

function suiteCommand(options: Common & { readonly suites: readonly string[]; readonly fstests: string | undefined }): string[] {
  return [
    'suite', '--kernel', options.kernel, ...each('--series', options.series), ...each('--config', options.config), '--results', options.results,
    ...(options.fstests === undefined ? [] : ['--fstests', options.fstests]), ...options.suites,
  ];
}

function commandOf(options: Common & { readonly scenario: readonly string[]; readonly latencyThreshold: number }): string[] {
  return [
    'run', '--kernel', options.kernel, ...each('--series', options.series), ...each('--scenario', options.scenario), '--guest', options.guest,
    ...each('--config', options.config), '--results', options.results, '--latency-threshold', `${String(options.latencyThreshold)}ns`,
  ];
}
