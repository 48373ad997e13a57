import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { DioramaError } from '../../errors.ts';
import type { Host } from '../../host/host.ts';
import { readJson, writeJson } from '../../host/json-file.ts';
import { withLock } from '../../host/lock.ts';
import { programFailure } from '../../host/program-failure.ts';
import { runProgram } from '../../host/run-program.ts';
import { scratchDir } from '../../host/scratch-dir.ts';
import type { Source } from '../types.ts';
import { findPackage, freshMs, retryMs } from './debian-suites.ts';
import type { FoundPackage } from './debian-suites.ts';
import { versionOfTree } from './kernel-version.ts';
import { lineageAt, openLineage } from './lineage.ts';
import { apt, downloadTimeoutMs } from './private-apt.ts';
import { tarSource } from './tar-source.ts';
import { unpackTree } from './unpack-tree.ts';

const lockBoundMs = 60 * 60 * 1000;
const unpackTimeoutMs = 5 * 60 * 1000;

const recordShape = z.object({
  packageVersion: z.string(),
  treeId: z.string(),
  version: z.string(),
  lineageDir: z.string(),
  checkedAt: z.number(),
});
type SourceRecord = z.infer<typeof recordShape>;

/**
 * The archive's `linux-source-<series>`: the newest version of the most stable suite that has it, unpacked once. The archive is
 * asked once a day; what is in the cache stands when it cannot be reached. Where there is no Debian archive, kernel.org's release
 * of that series is taken instead.
 * @throws DioramaError `no-such-kernel` (usage), `program-failed`, `timed-out`, `disk-full` (machine)
 */
export async function debianSource(host: Host, given: { readonly series: string; readonly spec: string }): Promise<Source> {
  const file = join(host.cache, 'debian', `${given.series}.json`);
  const known = await readRecord(file);
  if (known !== undefined && Date.now() - known.checkedAt < freshMs) return sourceOf(known, given.spec);
  return withLock({ file: `${file}.lock`, timeoutMs: lockBoundMs, signal: host.signal }, async () => {
    const record = await readRecord(file);
    if (record !== undefined && Date.now() - record.checkedAt < freshMs) return sourceOf(record, given.spec);
    const search = await findPackage(host, { name: `linux-source-${given.series}`, kind: 'deb', similar: '^linux-source-[0-9]', stage: 'source' });
    switch (search.kind) {
      case 'found': {
        const name = `linux-source-${given.series} ${search.found.version}`;
        const same = record?.packageVersion === name ? record : undefined;
        const fresh = same ?? (await download(host, search.found, given));
        await writeJson(file, { ...fresh, checkedAt: Date.now() } satisfies SourceRecord);
        return sourceOf(fresh, given.spec);
      }
      case 'absent':
        if (record === undefined) throw noSuchKernel(given.spec, search);
        host.emit({ kind: 'note', text: `${given.spec}: the archive could not be asked; taking ${record.packageVersion} from the cache` });
        await writeJson(file, { ...record, checkedAt: Date.now() - freshMs + retryMs } satisfies SourceRecord);
        return sourceOf(record, given.spec);
      case 'no-archive':
        host.emit({ kind: 'note', text: `${given.spec}: no Debian archive here; taking kernel.org's ${given.series}` });
        return tarSource(host, { location: kernelOrg(given.series), spec: given.spec });
    }
  });
}

async function readRecord(file: string): Promise<SourceRecord | undefined> {
  const record = await readJson(file, recordShape);
  const there = record === undefined ? undefined : await stat(lineageAt(record.lineageDir).gitDir).catch(() => undefined);
  return there === undefined ? undefined : record;
}

function sourceOf(record: SourceRecord, spec: string): Source {
  const { version, treeId, packageVersion } = record;
  return { spec, version, origin: packageVersion, treeId, lineage: lineageAt(record.lineageDir) };
}

async function download(
  host: Host,
  found: FoundPackage,
  given: { readonly series: string; readonly spec: string },
): Promise<SourceRecord> {
  const lineage = await openLineage(host, { key: `debian-${given.series}` });
  const dir = await scratchDir(join(host.cache, 'debian'), '.part-');
  try {
    const name = `linux-source-${given.series}`;
    await checked(host, `downloading ${name} ${found.version}`, downloadTimeoutMs, () =>
      apt(host, found.archive, { file: 'apt-get', args: ['download', `${name}=${found.version}`], cwd: dir, timeoutMs: downloadTimeoutMs }),
    );
    const deb = (await readdir(dir)).find((file) => file.endsWith('.deb')) ?? 'no .deb';
    await checked(host, `opening ${deb}`, unpackTimeoutMs, () =>
      runProgram({ file: 'dpkg-deb', args: ['--extract', deb, 'content'], cwd: dir, timeoutMs: unpackTimeoutMs, signal: host.signal }),
    );
    await rm(join(dir, deb));
    const sources = join(dir, 'content/usr/src');
    const tarball = (await readdir(sources)).find((file) => /^linux-source-.*\.tar\.\w+$/.test(file)) ?? 'no tarball';
    const treeId = await unpackTree(host, { lineage, tarball: join(sources, tarball), spec: given.spec });
    const version = await versionOfTree(host, { lineage, treeId, spec: given.spec });
    return { packageVersion: `${name} ${found.version}`, treeId, version, lineageDir: lineage.dir, checkedAt: Date.now() };
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}

async function checked(host: Host, phase: string, timeoutMs: number, run: () => ReturnType<typeof runProgram>): Promise<void> {
  host.emit({ kind: 'stage-progress', stage: 'source', detail: phase });
  const finished = await run();
  if (finished.ok) return;
  throw programFailure(finished, {
    blame: 'machine',
    code: 'program-failed',
    message: `${phase}: failed`,
    next: 'check the network, or name another mirror with DIORAMA_DEBIAN_MIRROR=URI',
    phase,
    timeoutMs,
  });
}

function noSuchKernel(spec: string, search: { similar: readonly string[]; complaints: readonly string[] }): DioramaError {
  const there = search.similar.map((name) => name.replace('linux-source-', 'debian:')).sort();
  const offline = there.length === 0 && search.complaints.length > 0;
  return new DioramaError({
    blame: offline ? 'machine' : 'usage',
    code: offline ? 'program-failed' : 'no-such-kernel',
    message: offline ? `${spec}: the Debian archive could not be asked` : `${spec}: the Debian archive has no such kernel`,
    details: search.complaints,
    next: there.length > 0 ? `take one of ${there.join(', ')}` : 'check the network, or name a mirror with DIORAMA_DEBIAN_MIRROR=URI',
  });
}

function kernelOrg(series: string): string {
  const base = process.env['DIORAMA_KERNEL_MIRROR'] ?? 'https://cdn.kernel.org/pub/linux/kernel';
  return `${base}/v${series.split('.')[0] ?? ''}.x/linux-${series}.tar.xz`;
}
