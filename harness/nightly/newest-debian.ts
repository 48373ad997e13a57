import { join } from 'node:path';
import { DioramaError } from '../errors.ts';
import type { Host } from '../host/host.ts';
import { withLock } from '../host/lock.ts';
import { findMirrors } from '../kernel/source/debian-mirror.ts';
import { archives, freshMs, lockBoundMs } from '../kernel/source/debian-suites.ts';
import { listAllVersions, listNames, listsAgeMs, openArchive, refreshLists } from '../kernel/source/private-apt.ts';

/** A `linux-source-X.Y` of the archive. */
export interface ArchiveKernel {
  readonly series: string;
  readonly version: string;
}

/**
 * The newest kernel series of the Debian archive, or its newest release candidate. Lists that cannot be loaded anew stand as they are.
 * @returns undefined when there is no release candidate that is newer than every release
 * @throws DioramaError `program-failed` (machine) when no list has a kernel, `no-such-kernel` (usage) where there is no Debian archive
 */
export async function newestDebian(host: Host, which: 'newest' | 'rc'): Promise<ArchiveKernel | undefined> {
  const mirrors = await findMirrors(host);
  if (mirrors === undefined) {
    throw new DioramaError({ blame: 'usage', code: 'no-such-kernel', message: `debian: ${which}: there is no Debian archive here`, next: 'name a series, such as debian:6.12, which is then taken from kernel.org' });
  }
  const found: ArchiveKernel[] = [];
  await withLock({ file: join(host.cache, 'apt', 'lock'), timeoutMs: lockBoundMs, signal: host.signal }, async () => {
    for (const archive of archives(mirrors, 'deb')) {
      const open = await openArchive(host, archive, 'source');
      if ((await listsAgeMs(open)) >= freshMs) await refreshLists(host, open);
      // Every question has apt read the lists anew, which takes a second: one for all of them.
      const names = (await listNames(host, open, '^linux-source-[0-9]+[.][0-9]+$')).filter((name) => seriesOf(name) !== undefined);
      if (names.length > 0) found.push(...(await listAllVersions(host, open, names)).flatMap(({ name, version }) => kernelOf(name, version)));
    }
  });
  if (found.length > 0) return chooseKernel(found, which);
  throw new DioramaError({ blame: 'machine', code: 'program-failed', message: `debian: ${which}: the Debian archive could not be asked`, next: 'check the network, or name a mirror with DIORAMA_DEBIAN_MIRROR=URI' });
}

function seriesOf(name: string): string | undefined {
  return /^linux-source-(\d+\.\d+)$/.exec(name)?.[1];
}

function kernelOf(name: string, version: string): ArchiveKernel[] {
  const series = seriesOf(name);
  return series === undefined ? [] : [{ series, version }];
}

/** The highest series that was released; or the highest of which there are only release candidates, if that is a higher one. */
export function chooseKernel(kernels: readonly ArchiveKernel[], which: 'newest' | 'rc'): ArchiveKernel | undefined {
  const released = highest(kernels.filter(({ version }) => !version.includes('~rc')));
  if (which === 'newest') return released;
  const candidate = highest(kernels.filter(({ series }) => released === undefined || bySeries(series, released.series) > 0));
  return candidate;
}

function highest(kernels: readonly ArchiveKernel[]): ArchiveKernel | undefined {
  return kernels.reduce<ArchiveKernel | undefined>((best, one) => (best === undefined || bySeries(one.series, best.series) > 0 ? one : best), undefined);
}

function bySeries(a: string, b: string): number {
  const [[major = 0, minor = 0], [otherMajor = 0, otherMinor = 0]] = [a.split('.').map(Number), b.split('.').map(Number)];
  return major - otherMajor || minor - otherMinor;
}
