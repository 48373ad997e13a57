import { readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { DioramaError } from '../../errors.ts';
import type { Host } from '../../host/host.ts';
import { readJson, writeJson } from '../../host/json-file.ts';
import { withLock } from '../../host/lock.ts';
import { programFailure } from '../../host/program-failure.ts';
import { scratchDir } from '../../host/scratch-dir.ts';
import { findPackage, freshMs, retryMs, type FoundPackage, type Listed, type Search } from '../source/debian-suites.ts';
import { apt, downloadTimeoutMs, listAllVersions, listExactDependencies, listNames, type OpenArchive } from '../source/private-apt.ts';
import type { KernelImage } from '../types.ts';
import { comparePackageVersions } from './compare-package-versions.ts';
import { keptImage, takeImage } from './take-image.ts';
import { kernelsIn, onlyKernel, unpackDeb } from './unpack-deb.ts';

const lockBoundMs = 60 * 60 * 1000;

const recordShape = z.object({ package: z.object({ name: z.string(), version: z.string() }), key: z.string(), checkedAt: z.number() });

interface Wanted {
  readonly series: string;
  readonly spec: string;
}

/**
 * The archive's own build of a series: the newest `linux-image-<series>…-amd64` of the most stable suite that has one, without the cloud and
 * real-time flavours, unpacked once. The archive is asked once a day; what is in the cache stands when it cannot be reached.
 * @throws DioramaError `no-such-kernel` (usage), `program-failed`, `timed-out`, `disk-full` (machine)
 */
export async function debianImage(host: Host, given: Wanted): Promise<KernelImage> {
  const file = join(host.cache, 'debian', `image-${given.series}.json`);
  const known = await readKept(host, file, given);
  if (known?.fresh) return known.image;
  return withLock({ file: `${file}.lock`, timeoutMs: lockBoundMs, signal: host.signal }, async () => {
    const kept = await readKept(host, file, given);
    if (kept?.fresh) return kept.image;
    const search = await findPackage(host, { name: (_, archive) => newestImage(host, archive, given.series), kind: 'deb', similar: '^linux-image-[0-9][^-]*(-[0-9]+)?-amd64$', stage: 'source' });
    if (search.kind === 'found') {
      const { name, version } = search.found;
      const same = kept?.image.package?.name === name && kept.image.package.version === version ? kept.image : undefined;
      const image = same ?? (await download(host, search.found, given));
      await writeJson(file, { package: { name, version }, key: image.id, checkedAt: Date.now() } satisfies z.infer<typeof recordShape>);
      return image;
    }
    if (kept === undefined) throw noSuchImage(given, search);
    host.emit({ kind: 'note', text: `${given.spec}: the archive could not be asked; taking ${kept.image.origin} from the cache` });
    await writeJson(file, { ...kept.record, checkedAt: Date.now() - freshMs + retryMs });
    return kept.image;
  });
}

async function readKept(host: Host, file: string, given: Wanted): Promise<{ readonly image: KernelImage; readonly record: z.infer<typeof recordShape>; readonly fresh: boolean } | undefined> {
  const record = await readJson(file, recordShape);
  const image = record && (await keptImage(host, { spec: given.spec, key: record.key, file: '', package: record.package }));
  return record && image && { image, record, fresh: Date.now() - record.checkedAt < freshMs };
}

/** Debian signs a kernel some days after it has built it; the two are the same kernel, and the newer one counts. */
async function newestImage(host: Host, archive: OpenArchive, series: string): Promise<Listed | undefined> {
  const mine = new RegExp(`^linux-image-${series.replace('.', '[.]')}(?:[.]\\d+)?(?:[+~][\\w.+~]+)?(?:-\\d+)?-amd64(?:-unsigned)?$`);
  const names = (await listNames(host, archive, `^linux-image-${series.replace('.', '[.]')}[.+~-].*amd64(-unsigned)?$`)).filter((name) => mine.test(name));
  const listed = names.length === 0 ? [] : (await listAllVersions(host, archive, names)).filter(({ name }) => mine.test(name));
  const [newest] = [...listed].sort((a, b) => comparePackageVersions(b.version, a.version) || a.name.length - b.name.length);
  return newest;
}

async function download(host: Host, found: FoundPackage, given: Wanted): Promise<KernelImage> {
  const dir = await scratchDir(join(host.cache, 'debian'), '.image-');
  try {
    const { archive } = found;
    const content = join(dir, 'content');
    const fetched = await parts(host, found);
    for (const part of fetched.kernel) await fetchAndUnpack(host, { archive, part, dir, content, spec: given.spec });
    if (fetched.modules !== undefined && (await fuseIsModule(content))) await fetchAndUnpack(host, { archive, part: fetched.modules, dir, content, spec: given.spec });
    const file = onlyKernel(await kernelsIn(content), given.spec);
    return await takeImage(host, { spec: given.spec, file, package: fetched.named, system: content });
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}

/** What to load: up to 6.19 one package has all; later its parts are packages, and most of it is modules that nobody needs. A metapackage names another. */
async function parts(host: Host, found: FoundPackage): Promise<{ readonly named: Listed; readonly kernel: readonly Listed[]; readonly modules?: Listed }> {
  const named = { name: found.name, version: found.version };
  const depends = await listExactDependencies(host, found.archive, named);
  const image = depends.find(({ name }) => name.startsWith('linux-image-'));
  if (image) return parts(host, { ...found, ...image });
  const one = (kind: RegExp): Listed[] => depends.filter(({ name }) => kind.test(name));
  const binary = one(/^linux-binary-/);
  if (binary.length === 0) return { named, kernel: [named] };
  const [modules] = one(/^linux-modules-/);
  return { named, kernel: [...binary, ...one(/^linux-base-/)], ...(modules && { modules }) };
}

/** Without a configuration in the packages nobody knows before the kernel is unpacked: then the modules come along. */
async function fuseIsModule(content: string): Promise<boolean> {
  const entries = await readdir(content, { recursive: true, withFileTypes: true });
  const config = entries.find((entry) => entry.isFile() && /^config(-|$)/.test(entry.name));
  return config === undefined || !/^CONFIG_FUSE_FS=y$/m.test(await readFile(join(config.parentPath, config.name), 'latin1'));
}

async function fetchAndUnpack(host: Host, given: { readonly archive: OpenArchive; readonly part: Listed; readonly dir: string; readonly content: string; readonly spec: string }): Promise<void> {
  const { part, dir, archive, content, spec } = given;
  const phase = `downloading ${part.name} ${part.version}`;
  host.emit({ kind: 'stage-progress', stage: 'source', detail: phase });
  const finished = await apt(host, archive, { file: 'apt-get', args: ['download', `${part.name}=${part.version}`], cwd: dir, timeoutMs: downloadTimeoutMs });
  if (!finished.ok) {
    throw programFailure(finished, {
      blame: 'machine', code: 'program-failed', message: `${phase}: failed`, next: 'check the network, or name another mirror with DIORAMA_DEBIAN_MIRROR=URI', phase, timeoutMs: downloadTimeoutMs,
    });
  }
  const deb = join(dir, (await readdir(dir)).find((name) => name.endsWith('.deb')) ?? 'no .deb');
  host.emit({ kind: 'stage-progress', stage: 'source', detail: `unpacking ${part.name}` });
  await unpackDeb(host, { deb, dir: content, spec });
  await rm(deb);
}

function noSuchImage(given: Wanted, search: Exclude<Search, { kind: 'found' }>): DioramaError {
  const { spec } = given;
  if (search.kind === 'no-archive') {
    return new DioramaError({ blame: 'usage', code: 'no-such-kernel', message: `${spec}: there is no Debian archive here`, next: `take the kernel of this machine (image:host), a file (image:FILE), or build one: debian:${given.series}` });
  }
  const series = [...new Set(search.similar.map((name) => /^linux-image-(\d+\.\d+)/.exec(name)?.[1] ?? ''))].filter(Boolean).sort((a, b) => comparePackageVersions(a, b));
  const offline = series.length === 0 && search.complaints.length > 0;
  return new DioramaError({
    blame: offline ? 'machine' : 'usage',
    code: offline ? 'program-failed' : 'no-such-kernel',
    message: offline ? `${spec}: the Debian archive could not be asked` : `${spec}: the Debian archive has no such kernel`,
    details: search.complaints,
    next: series.length > 0 ? `take one of ${series.map((one) => `image:debian:${one}`).join(', ')}` : 'check the network, or name a mirror with DIORAMA_DEBIAN_MIRROR=URI',
  });
}
