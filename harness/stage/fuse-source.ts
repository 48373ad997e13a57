import { mkdir, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { DioramaError } from '../errors.ts';
import { cachedDir } from '../host/cached-dir.ts';
import type { Host } from '../host/host.ts';
import { readJson, writeJson } from '../host/json-file.ts';
import { programFailure } from '../host/program-failure.ts';
import { findPackage } from '../kernel/source/debian-suites.ts';
import type { FoundPackage } from '../kernel/source/debian-suites.ts';
import { apt, downloadTimeoutMs } from '../kernel/source/private-apt.ts';
import { untar } from '../kernel/source/unpack-tree.ts';

/** A libfuse tree as its authors released it, in the cache. */
export interface FuseSource {
  readonly dir: string;
  /** `3.17.2` */
  readonly version: string;
  readonly reused: boolean;
}

/** DIRECT_IO_ALLOW_MMAP, passthrough and the 64 bit INIT flags came with it (libfuse ChangeLog.rst). */
const oldest = { major: 3, minor: 17 };

const recordShape = z.object({ version: z.string() });

/**
 * libfuse 3.17 or newer: the orig tarball of the archive's source package `fuse3`, whose checksum apt has verified. Debian's
 * patches are left out and dpkg-dev is not needed. One that is in the cache is taken without asking again.
 * @throws DioramaError `program-missing`, `program-failed`, `timed-out`, `disk-full` (machine)
 */
export async function fetchFuseSource(host: Host): Promise<FuseSource> {
  const { dir, reused } = await cachedDir(host, { kind: 'fuse3-source', key: `from-${String(oldest.major)}.${String(oldest.minor)}` }, (part) =>
    download(host, part),
  );
  const record = await readJson(join(dir, 'version.json'), recordShape);
  if (record !== undefined) return { dir: join(dir, 'source'), version: record.version, reused };
  await rm(dir, { recursive: true, force: true });
  return fetchFuseSource(host);
}

async function download(host: Host, dir: string): Promise<void> {
  const found = await newestFuse(host);
  const phase = `downloading the source of fuse3 ${found.version}`;
  host.emit({ kind: 'stage-progress', stage: 'libfuse', detail: phase });
  const finished = await apt(host, found.archive, {
    file: 'apt-get',
    args: ['source', '--download-only', '--tar-only', `fuse3=${found.version}`],
    cwd: dir,
    timeoutMs: downloadTimeoutMs,
  });
  if (!finished.ok) {
    const next = 'check the network, or name another mirror with DIORAMA_DEBIAN_MIRROR=URI';
    throw programFailure(finished, { blame: 'machine', code: 'program-failed', message: `${phase}: failed`, next, phase, timeoutMs: downloadTimeoutMs });
  }
  const tarball = (await readdir(dir)).find((name) => /\.orig\.tar\.\w+$/.test(name)) ?? 'no tarball';
  const unpacked = join(dir, 'unpacked');
  await mkdir(unpacked);
  await rename(await untar(host, { tarball: join(dir, tarball), dir: unpacked, what: tarball }), join(dir, 'source'));
  await rm(unpacked, { recursive: true, force: true });
  await rm(join(dir, tarball));
  await writeJson(join(dir, 'version.json'), { version: upstreamOf(found.version) });
}

async function newestFuse(host: Host): Promise<FoundPackage> {
  const search = await findPackage(host, { name: 'fuse3', kind: 'deb-src', similar: '^fuse3$', stage: 'libfuse', accepts: isNewEnough });
  if (search.kind === 'found') return search.found;
  throw new DioramaError({
    blame: 'machine',
    code: 'program-missing',
    message: `libfuse ${String(oldest.major)}.${String(oldest.minor)} or newer: neither installed nor to be had from a Debian archive`,
    details: search.kind === 'absent' ? search.complaints : [],
    next: "install your distribution's static libfuse3, or name a Debian archive with DIORAMA_DEBIAN_MIRROR=URI",
  });
}

function isNewEnough(version: string): boolean {
  const [major = 0, minor = 0] = upstreamOf(version).split('.').map(Number);
  return major === oldest.major && minor >= oldest.minor;
}

/** `3.17.2` of `1:3.17.2-3`. */
function upstreamOf(version: string): string {
  return version.replace(/^\d+:/, '').replace(/-[^-]*$/, '');
}
