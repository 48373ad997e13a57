import { DioramaError } from '../errors.ts';
import type { Host } from '../host/host.ts';
import { type GitCall, tryGit } from '../kernel/git.ts';
import type { Source } from '../kernel/types.ts';
import { printable } from '../printable.ts';
import { blobsOfSeries } from './blobs-of-series.ts';
import { differingLine } from './differing-line.ts';
import { type Hunk, parseDiff, withoutPrefix } from './parse-diff.ts';
import type { Patch, Series } from './types.ts';

export interface FailedApply {
  readonly source: Source;
  readonly series: Series;
  /** Position of the patch that failed, from 0; those before it are in the index. */
  readonly at: number;
  readonly stderr: string;
  /** Repository and index the patches are applied in. */
  readonly scratch: Omit<GitCall, 'args'>;
}

/**
 * Turns what git apply said into what a person wants to know: which patch, file and hunk, which line is different, whether the
 * series was made for another base, whether it is in the tree already, whether a mail program ate its tabs.
 */
export async function explainFailure(host: Host, failed: FailedApply): Promise<DioramaError> {
  const { series, at, stderr } = failed;
  const patch = series.patches[at];
  if (!patch) throw new RangeError('no such patch');
  const place = placeOf(stderr, patch);
  const name = `patch ${at + 1}/${series.patches.length} "${patch.subject}"`;
  const base = await blobsOfSeries(host, failed);
  const already = await wouldApply(host, failed, ['--reverse']);
  const onlySpace = !already && (await wouldApply(host, failed, ['--ignore-whitespace']));
  const details = [
    `from ${patch.from}`,
    ...(await differenceOf(host, failed, place)),
    ...(already ? ['the tree already has this change: the patch applies in reverse'] : []),
    ...(onlySpace ? ['only white space differs: a mail program, or a copy from a web page, has changed tabs or spaces'] : []),
    ...(already ? [] : base.lines),
    ...[...stderr.matchAll(/^error: (.*)$/gm)].map((said) => `git apply: ${printable(said[1] ?? '')}`),
  ];
  return new DioramaError({
    blame: 'series',
    code: 'series-does-not-apply',
    message: `${name} does not apply: ${shown(place)}`,
    details,
    next: nextStep({ already, onlySpace, series, foreign: base.foreign }),
  });
}

interface Place {
  readonly path?: string;
  readonly hunk?: { readonly number: number; readonly of: number; readonly hunk: Hunk };
  /** For a file as a whole: `does not exist in index`. */
  readonly reason?: string;
}

/** git names the file, and the line of the old side that the hunk starts at. */
function placeOf(stderr: string, patch: Patch): Place {
  const hunkAt = /^error: patch failed: (.*):(\d+)$/m.exec(stderr);
  if (hunkAt) {
    const path = hunkAt[1] ?? '';
    const hunks = hunksOf(patch, path);
    const index = hunks.findIndex(({ oldStart }) => oldStart === Number(hunkAt[2]));
    const hunk = hunks[index];
    return { path, ...(hunk ? { hunk: { number: index + 1, of: hunks.length, hunk } } : {}) };
  }
  const whole = /^error: (.*?): (does not exist in index|already exists in .*|No such file.*|wrong type|.*does not match.*)$/m.exec(stderr);
  if (whole) return { path: whole[1] ?? '', reason: whole[2] ?? '' };
  return { reason: printable(/^(?:error|fatal): (.*)$/m.exec(stderr)?.[1] ?? 'git apply refused it') };
}

function hunksOf(patch: Patch, path: string): Hunk[] {
  const files = parseDiff(patch.diff).filter(({ oldName, newName, movedFrom, movedTo }) =>
    [oldName, newName].some((name) => name !== undefined && withoutPrefix(name, patch.strip) === path) || movedFrom === path || movedTo === path,
  );
  return files.flatMap(({ hunks }) => hunks);
}

function shown({ path, hunk, reason }: Place): string {
  const file = path === undefined ? [] : [printable(path)];
  if (hunk) return [...file, `hunk ${hunk.number} of ${hunk.of} (${printable(hunk.hunk.header, 120)})`].join(', ');
  return [...file, reason ?? 'one of its hunks'].join(', ').replace('does not exist in index', 'there is no such file in this tree');
}

async function differenceOf(host: Host, { scratch }: FailedApply, { path, hunk }: Place): Promise<string[]> {
  if (path === undefined || !hunk) return [];
  const now = await tryGit(host, { ...scratch, args: ['cat-file', 'blob', `:${path}`] });
  if (!now.ok) return [];
  const found = differingLine(hunk.hunk, now.stdout.toString('utf8'));
  if (!found) return [];
  const where = found.line < 1 ? 'it wants lines before the first' : `line ${found.line} differs`;
  return [`the hunk fits best at line ${found.start}, but ${where}:`, `  patch: ${quoted(found.wanted)}`, `  tree:  ${quoted(found.found)}`];
}

function quoted(line: string | undefined): string {
  return line === undefined ? '(outside the file)' : `"${printable(line.replaceAll('\t', '→'), 160)}"`;
}

async function wouldApply(host: Host, { scratch, series, at }: FailedApply, options: readonly string[]): Promise<boolean> {
  const patch = series.patches[at];
  if (!patch) return false;
  const args = ['apply', '--cached', '--check', '--whitespace=nowarn', ...options, `-p${patch.strip}`, '-'];
  return (await tryGit(host, { ...scratch, args, input: patch.diff })).ok;
}

function nextStep(given: { readonly already: boolean; readonly onlySpace: boolean; readonly series: Series; readonly foreign: boolean }): string {
  const { baseCommit } = given.series;
  if (given.already) return 'leave the patch out, or take an older kernel with --kernel';
  if (given.onlySpace) return 'get the raw patch: lore has it under /raw or /t.mbox.gz, patchwork under /mbox/';
  if (baseCommit !== undefined) return `the series names its base: --kernel git:PATH@${baseCommit}`;
  if (given.foreign) return 'give the kernel that the series was made on: --kernel git:PATH@REV';
  return 'rebase the series on this tree, or give the kernel that it was made on: --kernel git:PATH@REV';
}
