import { mkdir, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { StageName } from '../../events.ts';
import type { Host } from '../../host/host.ts';
import { runProgram } from '../../host/run-program.ts';
import type { Finished } from '../../host/run-program.ts';
import type { Mirror } from './debian-mirror.ts';

/** Package lists of our own: some suites of one kind, loaded and asked together. */
export interface Archive {
  /** Names its directory, `<cache>/apt/<name>`. */
  readonly name: string;
  readonly kind: 'deb' | 'deb-src';
  readonly entries: readonly { readonly mirror: Mirror; readonly suites: readonly string[] }[];
}

export interface OpenArchive {
  readonly dir: string;
  /** apt.conf(5) read after the system's own, whose proxies and certificates stay in force. */
  readonly config: string;
  /** Whom what is loaded is for: its stage shows the progress. */
  readonly stage: StageName;
}

const updateTimeoutMs = 5 * 60 * 1000;
export const downloadTimeoutMs = 20 * 60 * 1000;

/** The archive's private apt directory, configuration written, lists as they are. The system's lists are neither read nor changed. */
export async function openArchive(host: Host, archive: Archive, stage: StageName): Promise<OpenArchive> {
  const dir = join(host.cache, 'apt', archive.name);
  const config = join(dir, 'apt.conf');
  await mkdir(join(dir, 'lists/partial'), { recursive: true });
  await mkdir(join(dir, 'cache/archives/partial'), { recursive: true });
  await writeFile(join(dir, 'archive.sources'), archive.entries.map((entry) => stanza(archive.kind, entry)).join('\n'));
  await writeFile(join(dir, 'status'), '');
  await writeFile(config, configuration(dir));
  return { dir, config, stage };
}

/** When the lists were last loaded, in milliseconds of age; Infinity when never. */
export async function listsAgeMs(archive: OpenArchive): Promise<number> {
  const found = await stat(join(archive.dir, 'loaded')).catch(() => undefined);
  return found === undefined ? Infinity : Date.now() - found.mtimeMs;
}

/**
 * Loads the lists anew. A suite that the mirror lacks, or a machine that is offline, is no error here: what counts is whether
 * the package is found afterwards.
 * @returns apt's complaints, none when everything was loaded, and whether it reached anybody
 */
export async function refreshLists(host: Host, archive: OpenArchive): Promise<{ readonly complaints: readonly string[]; readonly offline: boolean }> {
  host.emit({ kind: 'stage-progress', stage: archive.stage, detail: 'loading package lists' });
  const finished = await apt(host, archive, { file: 'apt-get', args: ['update'], timeoutMs: updateTimeoutMs });
  const complaints = finished.stderr.split('\n').filter((line) => /^[EW]:/.test(line));
  if (finished.timedOut) complaints.push(`apt-get update: not finished after ${String(updateTimeoutMs / 1000)} s`);
  const reached = /^(?:Get|Hit):\d+ /m.test(finished.stdout.toString('utf8'));
  if (reached) {
    const now = new Date();
    await writeFile(join(archive.dir, 'loaded'), '');
    await utimes(join(archive.dir, 'loaded'), now, now);
  }
  return { complaints, offline: !reached };
}

/** Versions of a package (or source package) in the lists, newest first by Debian's order. */
export async function listVersions(host: Host, archive: OpenArchive, name: string): Promise<readonly string[]> {
  const listed = await listAllVersions(host, archive, [name]);
  // madison lists the binary's source package as well when both lists are loaded.
  return [...new Set(listed.flatMap(({ name: found, version }) => (found === name ? [version] : [])))];
}

/** The same for several packages in one question, each with its versions. */
export async function listAllVersions(host: Host, archive: OpenArchive, names: readonly string[]): Promise<readonly { readonly name: string; readonly version: string }[]> {
  const finished = await apt(host, archive, { file: 'apt-cache', args: ['madison', ...names], timeoutMs: updateTimeoutMs });
  const rows = finished.stdout.toString('utf8').split('\n').map((line) => line.split('|').map((part) => part.trim()));
  return rows.flatMap(([name, version]) => (name && version ? [{ name, version }] : []));
}

/** Names of packages in the lists that match an extended regular expression. */
export async function listNames(host: Host, archive: OpenArchive, pattern: string): Promise<readonly string[]> {
  const finished = await apt(host, archive, { file: 'apt-cache', args: ['search', '--names-only', pattern], timeoutMs: updateTimeoutMs });
  return finished.stdout.toString('utf8').split('\n').flatMap((line) => /^\S+/.exec(line)?.[0] ?? []);
}

/** What a package of that version depends on exactly, `(= VERSION)`, which is how a source parts what belongs together. */
export async function listExactDependencies(host: Host, archive: OpenArchive, given: { readonly name: string; readonly version: string }): Promise<readonly { readonly name: string; readonly version: string }[]> {
  const finished = await apt(host, archive, { file: 'apt-cache', args: ['show', `${given.name}=${given.version}`], timeoutMs: updateTimeoutMs });
  const depends = /^Depends: (.*)$/m.exec(finished.stdout.toString('utf8'))?.[1] ?? '';
  return [...depends.matchAll(/(?:^|, )([a-z0-9][a-z0-9.+-]*) \(= ([^)\s]+)\)/g)].map(([, name = '', version = '']) => ({ name, version }));
}

/** Runs apt-get or apt-cache on the archive's lists only. */
export function apt(
  host: Host,
  archive: OpenArchive,
  given: { readonly file: 'apt-get' | 'apt-cache'; readonly args: readonly string[]; readonly cwd?: string; readonly timeoutMs: number },
): Promise<Finished> {
  return runProgram({
    ...given,
    args: [`--config-file=${archive.config}`, ...given.args],
    signal: host.signal,
    onLine: (line) => {
      const transfer = /^Get:\d+ (.*)$/.exec(line)?.[1];
      if (transfer !== undefined) host.emit({ kind: 'stage-progress', stage: archive.stage, detail: `apt: ${transfer}` });
    },
  });
}

function stanza(kind: Archive['kind'], entry: Archive['entries'][number]): string {
  return [
    `Types: ${kind}`,
    `URIs: ${entry.mirror.uri}`,
    `Suites: ${entry.suites.join(' ')}`,
    'Components: main',
    `Targets: ${kind === 'deb' ? 'Packages' : 'Sources'}`,
    ...(entry.mirror.signedBy === undefined ? [] : [`Signed-By: ${entry.mirror.signedBy}`]),
    ...(entry.mirror.trusted ? ['Trusted: yes'] : []),
    '',
  ].join('\n');
}

/** Only Packages or Sources are loaded, no hook of the system runs, and root does not step down to a user who cannot read the cache. */
function configuration(dir: string): string {
  return `#clear APT::Update::Pre-Invoke;
#clear APT::Update::Post-Invoke;
#clear APT::Update::Post-Invoke-Success;
Dir::Etc::sourcelist "${dir}/archive.sources";
Dir::Etc::sourceparts "/dev/null";
Dir::Etc::preferences "/dev/null";
Dir::Etc::preferencesparts "/dev/null";
Dir::State::status "${dir}/status";
Dir::State::lists "${dir}/lists";
Dir::Cache "${dir}/cache";
APT::Sandbox::User "root";
APT::Default-Release "";
Acquire::Languages "none";
Acquire::Retries "2";
Acquire::http::Timeout "30";
Acquire::https::Timeout "30";
`;
}
