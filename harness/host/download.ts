import { mkdir, open, rename, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { z } from 'zod';
import { DioramaError } from '../errors.ts';
import type { Host } from './host.ts';
import { readJson, writeJson } from './json-file.ts';
import { diskError } from './run-program.ts';

export interface Download {
  readonly url: string;
  /** Where it goes; `<to>.part` and `<to>.part.json` hold what has come so far, across runs. */
  readonly to: string;
  /** Without a byte for this long a connection counts as broken. */
  readonly idleMs?: number;
  readonly totalMs?: number;
  onProgress?(bytes: number, total: number | undefined): void;
}

/** Connections in a row that bring nothing before it is given up; one that brings bytes starts the count anew. */
const fruitless = 5;
const firstPauseMs = 250;

/** What the server says of a version of a file; undefined parts it did not say. */
const identityShape = z.object({ url: z.string(), etag: z.string().optional(), lastModified: z.string().optional(), length: z.number().optional() });
export type Identity = z.infer<typeof identityShape>;

/**
 * Downloads a file. A connection that breaks is resumed where it broke, in this run or a later one, as long as the server says that
 * the file is still the same (RFC 9110, If-Range); else it starts over.
 * @returns what the server called the version that was downloaded
 * @throws DioramaError `no-such-kernel` (usage) when the server does not have it, `program-failed`, `timed-out`, `disk-full` (machine)
 */
export async function download(host: Host, given: Download): Promise<Identity> {
  const totalMs = given.totalMs ?? 30 * 60 * 1000;
  const deadline = Date.now() + totalMs;
  await mkdir(dirname(given.to), { recursive: true });
  let failures = 0;
  for (;;) {
    const before = await sizeOf(`${given.to}.part`);
    try {
      const identity = await transfer(host, given);
      await rename(`${given.to}.part`, given.to);
      await rm(`${given.to}.part.json`, { force: true });
      return identity;
    } catch (error) {
      host.signal.throwIfAborted();
      if (error instanceof DioramaError) throw error;
      failures = (await sizeOf(`${given.to}.part`)) > before ? 1 : failures + 1;
      if (failures >= fruitless) throw broken(given, `broke ${String(fruitless)} times: ${reasonOf(error)}`, 'program-failed');
    }
    if (Date.now() > deadline) throw broken(given, `not finished after its limit of ${String(Math.round(totalMs / 1000))} s`, 'timed-out');
    await new Promise((done) => setTimeout(done, firstPauseMs * 2 ** failures));
  }
}

/**
 * A request that is over after `timeoutMs`, headers and body.
 * @throws an Error of fetch, or an abort
 */
export function request(host: Host, url: string, given: { readonly method?: string; readonly timeoutMs: number }): Promise<Response> {
  return fetch(url, {
    method: given.method ?? 'GET',
    headers: { 'accept-encoding': 'identity' },
    signal: AbortSignal.any([host.signal, AbortSignal.timeout(given.timeoutMs)]),
  });
}

/** What a response says of the version of its file. */
export function identityOf(url: string, response: Response): Identity {
  const etag = response.headers.get('etag');
  const lastModified = response.headers.get('last-modified');
  const length = lengthOf(response);
  return { url, ...(etag ? { etag } : {}), ...(lastModified ? { lastModified } : {}), ...(length === undefined ? {} : { length }) };
}

async function transfer(host: Host, given: Download): Promise<Identity> {
  const part = `${given.to}.part`;
  const known = await readJson(`${part}.json`, identityShape);
  const validator = known?.url === given.url ? strongValidator(known) : undefined;
  const have = validator === undefined ? 0 : await sizeOf(part);
  const idle = idleTimer(given.idleMs ?? 30_000);
  try {
    const response = await fetch(given.url, {
      headers: {
        'accept-encoding': 'identity',
        ...(have > 0 && validator !== undefined ? { range: `bytes=${String(have)}-`, 'if-range': validator } : {}),
      },
      signal: AbortSignal.any([host.signal, idle.signal]),
    });
    if (response.status === 416 && known !== undefined && known.length === have) return known;
    if (response.status === 416) await rm(part, { force: true });
    if (response.status >= 400 && response.status < 500 && response.status !== 416 && response.status !== 408 && response.status !== 429) {
      throw absent(given.url, response.status);
    }
    if (!response.ok || response.body === null) throw new Error(`the server answered ${String(response.status)}`);
    const resumed = response.status === 206 && known !== undefined && startOf(response) === have;
    if (response.status === 206 && !resumed) {
      await rm(part, { force: true });
      throw new Error('the server sent another range than was asked for');
    }
    const identity = resumed ? known : identityOf(given.url, response);
    if (!resumed) await writeJson(`${part}.json`, identity);
    await receive(given, { body: response.body, from: resumed ? have : 0, total: identity.length, onBytes: () => idle.reset() });
    const size = await sizeOf(part);
    if (identity.length !== undefined && size !== identity.length) throw new Error(`${String(size)} of ${String(identity.length)} bytes came`);
    return identity;
  } finally {
    idle.stop();
  }
}

async function receive(
  given: Download,
  from: { body: ReadableStream<Uint8Array>; from: number; total: number | undefined; onBytes(): void },
): Promise<void> {
  let bytes = from.from;
  let told = Date.now();
  // Each chunk is written before the next is taken, so that a broken connection costs nothing that came.
  const file = await open(`${given.to}.part`, from.from > 0 ? 'a' : 'w').catch(diskTrouble(given));
  try {
    for await (const chunk of from.body as unknown as AsyncIterable<Uint8Array>) {
      from.onBytes();
      await file.appendFile(chunk).catch(diskTrouble(given));
      bytes += chunk.length;
      if (Date.now() - told < 500) continue;
      told = Date.now();
      given.onProgress?.(bytes, from.total);
    }
  } finally {
    await file.close();
  }
}

function diskTrouble(given: Download): (error: unknown) => never {
  return (error) => {
    throw diskError(error as NodeJS.ErrnoException, given.to);
  };
}

/** A weak ETag may name two files that differ in bytes, so it cannot guard a range. */
function strongValidator(identity: Identity): string | undefined {
  if (identity.etag !== undefined && !identity.etag.startsWith('W/')) return identity.etag;
  return identity.lastModified;
}

function lengthOf(response: Response): number | undefined {
  const text = response.headers.get('content-length');
  return text === null || !/^\d+$/.test(text) ? undefined : Number(text);
}

function startOf(response: Response): number | undefined {
  const start = /^bytes (\d+)-/.exec(response.headers.get('content-range') ?? '')?.[1];
  return start === undefined ? undefined : Number(start);
}

async function sizeOf(path: string): Promise<number> {
  return stat(path).then(
    (found) => found.size,
    () => 0,
  );
}

function idleTimer(idleMs: number): { readonly signal: AbortSignal; reset(): void; stop(): void } {
  const control = new AbortController();
  const start = (): NodeJS.Timeout => setTimeout(() => control.abort(new Error(`nothing came for ${String(idleMs / 1000)} s`)), idleMs);
  let timer = start();
  return {
    signal: control.signal,
    reset: () => {
      clearTimeout(timer);
      timer = start();
    },
    stop: () => clearTimeout(timer),
  };
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? `${error.message}: ${error.cause.message}` : error.message;
}

function absent(url: string, status: number): DioramaError {
  return new DioramaError({
    blame: 'usage',
    code: 'no-such-kernel',
    message: `${url}: the server does not have it (HTTP ${String(status)})`,
    next: 'check the address',
  });
}

function broken(given: Download, why: string, code: 'program-failed' | 'timed-out'): DioramaError {
  const proxy = process.env['http_proxy'] ?? process.env['https_proxy'];
  return new DioramaError({
    blame: 'machine',
    code,
    message: `${given.url}: the download ${why}`,
    evidence: `${given.to}.part`,
    next: proxy ? 'this download does not go through http_proxy: fetch the file yourself and name it as tar:FILE' : 'run again; it goes on where it broke',
  });
}
