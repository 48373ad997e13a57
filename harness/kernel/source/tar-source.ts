import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readFile, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { z } from 'zod';
import { DioramaError } from '../../errors.ts';
import { download, identityOf, request } from '../../host/download.ts';
import type { Host } from '../../host/host.ts';
import { readJson, writeJson } from '../../host/json-file.ts';
import { withLock } from '../../host/lock.ts';
import type { Source } from '../types.ts';
import { lineageKey } from './git-source.ts';
import { versionOfTree } from './kernel-version.ts';
import { lineageAt, openLineage } from './lineage.ts';
import { publishedChecksum } from './published-checksum.ts';
import { unpackTree } from './unpack-tree.ts';

const lockBoundMs = 60 * 60 * 1000;
const smallRequestMs = 30_000;
/** A URL is asked whether its file changed once a day. */
const freshMs = 24 * 60 * 60 * 1000;
/** After a server that did not answer, the cache stands for this long. */
const retryMs = 60 * 60 * 1000;

interface TarRequest {
  /** Absolute path or http(s) URL. */
  readonly location: string;
  readonly spec: string;
}

const recordShape = z.object({
  /** What tells one version of the file from another without reading it: stat data, or what the server says. */
  stamp: z.string(),
  sha256: z.string(),
  treeId: z.string(),
  version: z.string(),
  lineageDir: z.string(),
  checkedAt: z.number(),
});
type TarRecord = z.infer<typeof recordShape>;

/**
 * A kernel tarball, compressed in any way GNU tar knows, from a file or a URL. A checksum published beside it is verified; without
 * one a note says so. Unpacked once.
 * @throws DioramaError `bad-kernel-spec`, `no-such-kernel`, `checksum-mismatch` (usage: the input is at fault, exit code 2),
 *   `program-failed`, `timed-out`, `disk-full` (machine)
 */
export async function tarSource(host: Host, given: TarRequest): Promise<Source> {
  const record = join(host.cache, 'tar', `${lineageKey('tar', given.location)}.json`);
  const isUrl = /^https?:\/\//.test(given.location);
  const known = await readRecord(record);
  if (known !== undefined && isUrl && Date.now() - known.checkedAt < freshMs) return sourceOf(known, given);
  if (known !== undefined && !isUrl && known.stamp === (await fileStamp(given))) return sourceOf(known, given);
  return withLock({ file: `${record}.lock`, timeoutMs: lockBoundMs, signal: host.signal }, async () => {
    const fresh = await (isUrl ? fromUrl(host, given, await readRecord(record)) : fromFile(host, given));
    await writeJson(record, fresh);
    return sourceOf(fresh, given);
  });
}

async function readRecord(file: string): Promise<TarRecord | undefined> {
  const record = await readJson(file, recordShape);
  const there = record === undefined ? undefined : await stat(lineageAt(record.lineageDir).gitDir).catch(() => undefined);
  return there === undefined ? undefined : record;
}

function sourceOf(record: TarRecord, given: TarRequest): Source {
  const { version, treeId, sha256 } = record;
  return { spec: given.spec, version, origin: `${basename(given.location)} sha256:${sha256}`, treeId, lineage: lineageAt(record.lineageDir) };
}

async function fileStamp(given: TarRequest): Promise<string> {
  const found = await stat(given.location).catch(() => undefined);
  if (found?.isFile() !== true) {
    const why = found === undefined ? `there is no ${given.location}` : `${given.location} is not a file`;
    const next = 'write tar:FILE-or-URL with a kernel tarball';
    throw new DioramaError({ blame: 'usage', code: 'bad-kernel-spec', message: `kernel "${given.spec}": ${why}`, next });
  }
  return `${String(found.size)} ${String(found.mtimeMs)} ${String(found.ino)}`;
}

async function fromFile(host: Host, given: TarRequest): Promise<TarRecord> {
  const stamp = await fileStamp(given);
  host.emit({ kind: 'stage-progress', stage: 'source', detail: `reading ${given.location}` });
  const read = (name: string): Promise<string | undefined> => readFile(join(dirname(given.location), name), 'utf8').catch(() => undefined);
  const sha256 = await verify(host, given, { file: given.location, read });
  return take(host, given, { tarball: given.location, stamp, sha256 });
}

async function fromUrl(host: Host, given: TarRequest, known: TarRecord | undefined): Promise<TarRecord> {
  if (known !== undefined) {
    const now = await stampOfUrl(host, given.location);
    if (now === undefined) host.emit({ kind: 'note', text: `${given.spec}: the server could not be asked; taking ${known.version} from the cache` });
    if (now === undefined || now === known.stamp) return { ...known, checkedAt: now === undefined ? Date.now() - freshMs + retryMs : Date.now() };
  }
  const tarball = join(host.cache, 'tar', lineageKey('download', given.location));
  try {
    const identity = await download(host, {
      url: given.location,
      to: tarball,
      onProgress: (bytes, total) => {
        const detail = `downloading ${basename(given.location)}: ${megabytes(bytes)}${total === undefined ? '' : ` of ${megabytes(total)}`} MB`;
        host.emit({ kind: 'stage-progress', stage: 'source', detail });
      },
    });
    const sha256 = await verify(host, given, { file: tarball, read: (name) => fetchNeighbour(host, given.location, name) });
    return await take(host, given, { tarball, stamp: stampFrom(identity), sha256 });
  } finally {
    // The tree is in the cache, or the tarball is bad; what is left of a broken download is in its `.part`.
    await rm(tarball, { force: true });
  }
}

/** undefined when the server cannot be reached or does not answer well. */
async function stampOfUrl(host: Host, url: string): Promise<string | undefined> {
  try {
    const response = await request(host, url, { method: 'HEAD', timeoutMs: smallRequestMs });
    return response.ok ? stampFrom(identityOf(url, response)) : undefined;
  } catch {
    host.signal.throwIfAborted();
    return undefined;
  }
}

function stampFrom(identity: ReturnType<typeof identityOf>): string {
  return [identity.etag ?? '', identity.lastModified ?? '', String(identity.length ?? '')].join(' ');
}

/**
 * @returns the text of the file `name` beside `url`; undefined when the server has none
 * @throws DioramaError `program-failed` (machine) when it cannot tell: a checksum that could not be read is not an absent one
 */
async function fetchNeighbour(host: Host, url: string, name: string): Promise<string | undefined> {
  const neighbour = new URL(encodeURIComponent(name), url);
  try {
    const response = await request(host, neighbour.href, { timeoutMs: smallRequestMs });
    if (response.ok) return await response.text();
    if (response.status < 500) return undefined;
    throw new Error(`the server answered ${String(response.status)}`);
  } catch (error) {
    host.signal.throwIfAborted();
    throw new DioramaError({
      blame: 'machine',
      code: 'program-failed',
      message: `${neighbour.href}: could not be asked for a checksum`,
      cause: error,
      next: 'run again',
    });
  }
}

async function verify(
  host: Host,
  given: TarRequest,
  at: { readonly file: string; readonly read: (name: string) => Promise<string | undefined> },
): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(at.file), hash);
  const sha256 = hash.digest('hex');
  const name = decodeURIComponent(basename(given.location.replace(/[?#].*$/, '')));
  const published = await publishedChecksum(name, at.read);
  if (published === undefined) {
    host.emit({ kind: 'note', text: `${given.spec}: no checksum is published beside it, so ${name} is unverified (sha256 ${sha256})` });
  } else if (published.sha256 !== sha256) {
    throw new DioramaError({
      blame: 'usage',
      code: 'checksum-mismatch',
      message: `kernel "${given.spec}": ${name} is not the file that ${published.from} is about`,
      details: [`${published.from}: ${published.sha256}`, `${name}: ${sha256}`],
      next: 'download it again',
    });
  }
  return sha256;
}

async function take(host: Host, given: TarRequest, found: { tarball: string; stamp: string; sha256: string }): Promise<TarRecord> {
  const lineage = await openLineage(host, { key: lineageKey('tar', given.location) });
  const treeId = await unpackTree(host, { lineage, tarball: found.tarball, spec: given.spec });
  const version = await versionOfTree(host, { lineage, treeId, spec: given.spec });
  return { stamp: found.stamp, sha256: found.sha256, treeId, version, lineageDir: lineage.dir, checkedAt: Date.now() };
}

function megabytes(bytes: number): string {
  return (bytes / 1e6).toFixed(0);
}
