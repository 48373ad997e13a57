import { join } from 'node:path';
import type { StageName } from '../../events.ts';
import type { Host } from '../../host/host.ts';
import { withLock } from '../../host/lock.ts';
import { findMirrors } from './debian-mirror.ts';
import type { Mirrors } from './debian-mirror.ts';
import { listNames, listsAgeMs, listVersions, openArchive, refreshLists } from './private-apt.ts';
import type { Archive, OpenArchive } from './private-apt.ts';

export interface FoundPackage {
  readonly archive: OpenArchive;
  readonly name: string;
  readonly version: string;
}

export type Search =
  | { readonly kind: 'found'; readonly found: FoundPackage }
  /** Loaded everything there is and it is not there; `similar` are packages that are, `complaints` what apt could not load. */
  | { readonly kind: 'absent'; readonly similar: readonly string[]; readonly complaints: readonly string[] }
  /** There is no apt, or it knows no Debian archive. */
  | { readonly kind: 'no-archive' };

/** Lists older than this are loaded again: a Debian point release or backport shows up within a day. */
export const freshMs = 24 * 60 * 60 * 1000;

/** After an archive that did not answer, the cache stands for this long before it is asked again. */
export const retryMs = 60 * 60 * 1000;

/** A package of the lists. */
export interface Listed {
  readonly name: string;
  readonly version: string;
}

export interface Wanted {
  /** Its name; or what looks for it in the lists, where its name has a version in it that nobody knows yet. */
  readonly name: string | ((host: Host, archive: OpenArchive) => Promise<Listed | undefined>);
  readonly kind: Archive['kind'];
  /** Extended regular expression for the names that are worth mentioning when it is not there. */
  readonly similar: string;
  /** Whom it is for: its stage shows the progress. */
  readonly stage: StageName;
  accepts?(version: string): boolean;
}

/**
 * Looks for a package through private lists, the most stable suites first; further lists are only loaded when it is not there.
 * Release candidates lose against any release.
 */
export async function findPackage(host: Host, given: Wanted): Promise<Search> {
  const mirrors = await findMirrors(host);
  if (mirrors === undefined) return { kind: 'no-archive' };
  // Two apt on one directory of lists do not wait for each other: the second one fails.
  const file = join(host.cache, 'apt', 'lock');
  return withLock({ file, timeoutMs: lockBoundMs, signal: host.signal }, () => searchArchives(host, mirrors, given));
}

async function searchArchives(host: Host, mirrors: Mirrors, given: Wanted): Promise<Search> {
  const complaints: string[] = [];
  const similar: string[] = [];
  for (const archive of archives(mirrors, given.kind)) {
    const open = await openArchive(host, archive, given.stage);
    const known = (await listsAgeMs(open)) < freshMs ? await newest(host, open, given) : undefined;
    if (known !== undefined) return { kind: 'found', found: { archive: open, ...known } };
    const refreshed = (await listsAgeMs(open)) > justLoadedMs ? await refreshLists(host, open) : undefined;
    complaints.push(...(refreshed?.complaints ?? []));
    const loaded = await newest(host, open, given);
    if (loaded !== undefined) return { kind: 'found', found: { archive: open, ...loaded } };
    similar.push(...(await listNames(host, open, given.similar)));
    // Nobody answers: the other suites are on the same mirror, and every try costs seconds.
    if (refreshed?.offline) break;
  }
  return { kind: 'absent', similar: [...new Set(similar)], complaints };
}

export const lockBoundMs = 15 * 60 * 1000;

/** An absent package is looked for in fresh lists, but a typing mistake repeated within minutes need not load them again. */
const justLoadedMs = 10 * 60 * 1000;

async function newest(host: Host, archive: OpenArchive, given: Wanted): Promise<Listed | undefined> {
  const { name } = given;
  if (typeof name !== 'string') return name(host, archive);
  const versions = (await listVersions(host, archive, name)).filter((version) => given.accepts?.(version) ?? true);
  const version = versions.find((one) => !one.includes('~rc')) ?? versions[0];
  return version === undefined ? undefined : { name, version };
}

/** The suites that are asked, the most stable first. */
export function archives(mirrors: Mirrors, kind: Archive['kind']): readonly Archive[] {
  const { archive, security } = mirrors;
  const tail = kind === 'deb' ? '' : '-sources';
  return [
    { name: `stable${tail}`, kind, entries: [{ mirror: archive, suites: ['trixie', 'trixie-backports'] }] },
    { name: `unstable${tail}`, kind, entries: [{ mirror: archive, suites: ['sid', 'experimental'] }] },
    {
      name: `oldstable${tail}`,
      kind,
      entries: [
        { mirror: archive, suites: ['bookworm', 'bookworm-updates'] },
        ...(security?.suite === 'bookworm-security' ? [{ mirror: security, suites: [security.suite] }] : []),
      ],
    },
  ];
}
