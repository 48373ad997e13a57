import { readdir, readFile, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { Host } from '../host/host.ts';
import { requireSource } from '../kernel/source/require-source.ts';
import type { KernelSpec } from '../kernel/types.ts';
import { printable } from '../printable.ts';
import type { Place } from './mail-subject.ts';
import { readPatchFile, type ReadPatches } from './read-patch-file.ts';
import { readQuilt } from './read-quilt.ts';
import { readRange } from './read-range.ts';
import { badSeries } from './series-error.ts';
import { looksLikeMail } from './split-mbox.ts';
import type { Series } from './types.ts';
import { holdsDiff } from './why-no-diff.ts';

/** A list of patch names; Debian's and SUSE's longest have some 100 KiB. */
const longestListBytes = 1024 * 1024;
const patchName = /\.(?:patch|diff|mbox|mbx|eml)(?:\.gz)?$/i;

/**
 * Reads everything given with `--series`, in that order, to one series: a patch or diff, a mailbox, a directory of patches in name
 * order, a quilt `series` file, or `REV..REV` of a `git:` kernel. What was chosen or left out is told as note events. Nothing but
 * temporary files in the cache is written.
 * @throws DioramaError `bad-usage` for a kernel that is built already; `bad-series` (exit code 2) that names every file, mail or path that may not or cannot be applied
 */
export async function readSeries(host: Host, paths: readonly string[], kernel: KernelSpec): Promise<Series> {
  requireSource(kernel, 'a series');
  const reads: ReadPatches[] = [];
  for (const path of paths) reads.push(await readOne(host, path, kernel));
  refuse(reads.flatMap(({ problems }) => problems));
  const places = reads.flatMap((read) => read.places ?? []);
  for (const text of [...reads.flatMap(({ notes }) => notes), ...oddPlaces(places)]) host.emit({ kind: 'note', text });
  const baseCommit = reads.find((read) => read.baseCommit !== undefined)?.baseCommit;
  return {
    label: paths.map((path) => printable(path)).join(' '),
    patches: reads.flatMap(({ patches }) => patches),
    ...(baseCommit === undefined ? {} : { baseCommit }),
  };
}

/** Single mails may be part of a series on purpose; that some are missing, or not in the order they were posted, is worth a word. */
function oddPlaces(places: readonly Place[]): string[] {
  const totals = new Set(places.map(({ of }) => of));
  const [of = 0] = totals;
  if (totals.size !== 1) return [];
  const order = places.map(({ n }) => n);
  const missing = Array.from({ length: of }, (_, at) => at + 1).filter((n) => !order.includes(n));
  const sorted = order.every((n, at) => at === 0 || n > (order[at - 1] ?? 0));
  const shown = (numbers: readonly number[]): string => numbers.slice(0, 20).map((n) => `${n}/${of}`).join(', ') + (numbers.length > 20 ? ', …' : '');
  return [
    ...(missing.length === 0 ? [] : [`only ${order.length} of the ${of} patches of this series; missing: ${shown(missing)}`]),
    ...(sorted ? [] : [`the files put the patches in the order ${shown(order)}`]),
  ];
}

function refuse(problems: readonly string[]): void {
  const [first] = problems;
  if (first === undefined) return;
  if (problems.length === 1) throw badSeries({ message: first });
  throw badSeries({ message: `--series: ${problems.length} mistakes, nothing was applied`, details: problems });
}

async function readOne(host: Host, path: string, kernel: KernelSpec): Promise<ReadPatches> {
  const status = await stat(path).catch(() => undefined);
  if (status?.isDirectory() === true) return readDirectory(host, path);
  if (status?.isFile() === true && status.size <= longestListBytes && (await isQuilt(path))) return readQuiltFile(host, path);
  if (status) return readPatchFile(host, { path });
  if (!/\S\.\.\S/.test(path) || path.startsWith('../')) return failed(`${printable(path)}: no such file or directory`);
  const [from = '', to = '', ...more] = path.split('..');
  if (more.length > 0 || from === '' || to === '' || to.startsWith('.')) return failed(`${printable(path)}: no such file, and no range REV..REV`);
  if (kernel.kind !== 'git') return failed(`${printable(path)}: no such file; a range of commits needs --kernel git:PATH@REV`);
  return readRange(host, { repository: kernel.path, range: path });
}

/** A directory that has a quilt series file is what that file says; else its patches go by name. */
async function readDirectory(host: Host, path: string): Promise<ReadPatches> {
  const names = (await readdir(path)).sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
  if (names.includes('series') && (await isFile(join(path, 'series')))) return readQuiltFile(host, join(path, 'series'));
  const chosen = names.filter((name) => patchName.test(name) && !name.startsWith('.'));
  if (chosen.length === 0) return failed(`${printable(path)}: a directory without a patch (*.patch, *.diff, *.mbox)`);
  const reads: ReadPatches[] = [];
  for (const name of chosen) reads.push(await readMember(host, { path: join(path, name) }));
  return joined(reads);
}

/** A cover letter beside its patches (0000-cover-letter.patch) is no mistake. */
async function readMember(host: Host, file: { readonly path: string; readonly strip?: number }): Promise<ReadPatches> {
  const read = await readPatchFile(host, file);
  return read.cover === true ? { ...read, problems: [] } : read;
}

/** By its name, or by being a list of files that are there. */
async function isQuilt(path: string): Promise<boolean> {
  if (patchName.test(path)) return false;
  if (basename(path) === 'series') return true;
  const text = await readFile(path, 'utf8').catch(() => '');
  if (text.includes('\0') || looksLikeMail(Buffer.from(text)) || holdsDiff(Buffer.from(text))) return false;
  const first = readQuilt(text).entries[0];
  return first !== undefined && (await isFile(join(dirname(path), first.name)));
}

async function isFile(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined))?.isFile() === true;
}

async function readQuiltFile(host: Host, path: string): Promise<ReadPatches> {
  const { entries, mistakes } = readQuilt(await readFile(path, 'utf8'));
  const problems = mistakes.map((mistake) => `${printable(path)}:${mistake}`);
  if (entries.length === 0 && problems.length === 0) problems.push(`${printable(path)}: names no patch`);
  const reads: ReadPatches[] = [{ patches: [], notes: [], problems }];
  for (const { line, name, strip } of entries) {
    const file = join(dirname(path), name);
    if (await isFile(file)) reads.push(await readMember(host, { path: file, strip }));
    else reads.push(failed(`${printable(path)}:${line}: "${printable(name)}" is not there`));
  }
  return joined(reads);
}

function joined(reads: readonly ReadPatches[]): ReadPatches {
  const baseCommit = reads.find((read) => read.baseCommit !== undefined)?.baseCommit;
  return {
    patches: reads.flatMap(({ patches }) => patches),
    notes: reads.flatMap(({ notes }) => notes),
    problems: reads.flatMap(({ problems }) => problems),
    places: reads.flatMap((read) => read.places ?? []),
    ...(baseCommit === undefined ? {} : { baseCommit }),
  };
}

function failed(problem: string): ReadPatches {
  return { patches: [], notes: [], problems: [problem] };
}
