import { mkdir, readFile, readdir, utimes, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { gzipSync } from 'node:zlib';
import { DioramaError } from '../errors.ts';
import { cachedDir } from '../host/cached-dir.ts';
import { contentKey } from '../host/content-key.ts';
import type { Host } from '../host/host.ts';
import { programFailure } from '../host/program-failure.ts';
import { runProgram } from '../host/run-program.ts';
import { buildLibfuse } from './build-libfuse.ts';

/** A guest's whole user space. */
export interface Stage {
  /** Paths of the initramfs, and of the one program in it. */
  readonly initrd: string;
  readonly init: string;
  /** The same program with its symbols. */
  readonly symbols: string;
  /** Content key: equal for equal bytes. */
  readonly id: string;
  readonly libfuse: string;
}

const boundMs = 5 * 60 * 1000;
const recipe = 'stage 4';
const flags = ['-std=gnu11', '-D_GNU_SOURCE', '-DFUSE_USE_VERSION=317', '-O2', '-Wall', '-Wextra', '-Werror', '-static', '-pthread'];

/**
 * The initramfs that plays scenes: guests/stage.
 * @throws DioramaError `build-failed` (blame: the machine) with the compiler's words
 */
export function buildStage(host: Host): Promise<Stage> {
  return buildInit(host, { folders: ['guests/stage'], label: 'init, server and actors' });
}

/**
 * The initramfs of `stress`: guests/stress.
 * @throws DioramaError `build-failed` (blame: the machine) with the compiler's words
 */
export function buildStress(host: Host): Promise<Stage> {
  return buildInit(host, { folders: ['guests/session', 'guests/stress'], label: 'init and actors of stress' });
}

/**
 * The initramfs that measures on the wall clock: guests/latency.
 * @throws DioramaError `build-failed` (blame: the machine) with the compiler's words
 */
export function buildLatency(host: Host): Promise<Stage> {
  return buildInit(host, { folders: ['guests/session', 'guests/latency'], label: 'init and actors of latency' });
}

/** Compiles folders and guests/common into one static /init and packs it as an initramfs (newc cpio, gzip; every timestamp 0, owner root). */
async function buildInit(host: Host, { folders: own, label }: { readonly folders: readonly string[]; readonly label: string }): Promise<Stage> {
  const libfuse = await buildLibfuse(host);
  const folders = ['guests/common', ...own].map((name) => join(host.root, name));
  const files = (await Promise.all(folders.map(sourcesIn))).flat();
  const texts = await Promise.all(files.map((file) => readFile(file)));
  const key = contentKey([recipe, libfuse.version, ...flags, ...files.map((file) => relative(host.root, file)), ...texts]);
  const began = performance.now();
  host.emit({ kind: 'stage-start', stage: 'stage', label });
  const { dir, reused } = await cachedDir(host, { kind: 'stage', key }, async (part) => {
    const root = join(part, 'root');
    await mkdir(root);
    const whole = join(part, 'init.symbols');
    const includes = folders.map((path) => `-I${path}`);
    await compile(host, ['-o', whole, ...flags, ...libfuse.cflags, ...includes, ...files.filter((file) => file.endsWith('.c')), ...libfuse.libs]);
    await strip(host, whole, join(root, 'init'));
    await packInitramfs(host, { root, to: join(part, 'initrd.gz') });
  });
  host.emit({ kind: 'stage-end', stage: 'stage', label, ms: performance.now() - began, reused });
  return { initrd: join(dir, 'initrd.gz'), init: join(dir, 'root/init'), symbols: join(dir, 'init.symbols'), id: key, libfuse: libfuse.version };
}

async function sourcesIn(folder: string): Promise<string[]> {
  const names = (await readdir(folder)).filter((name) => /\.[ch]$/.test(name)).sort();
  return names.map((name) => join(folder, name));
}

async function compile(host: Host, args: readonly string[]): Promise<void> {
  const result = await runProgram({ file: 'gcc', args, timeoutMs: boundMs, signal: host.signal });
  if (result.ok) return;
  throw new DioramaError({
    blame: 'machine',
    code: 'build-failed',
    message: 'guests: gcc could not compile the stage',
    details: result.stderr.split('\n').filter((line) => /error|undefined reference|cannot find/.test(line)).slice(0, 10),
    next: './diorama doctor; a static C library (libc6-dev, glibc-static) must be installed',
  });
}

async function strip(host: Host, from: string, to: string): Promise<void> {
  const result = await runProgram({ file: 'objcopy', args: ['--strip-all', from, to], timeoutMs: boundMs, signal: host.signal });
  if (result.ok) return;
  throw programFailure(result, { blame: 'machine', code: 'program-failed', message: 'guests: objcopy failed', phase: 'stripping the stage', timeoutMs: boundMs });
}

/** Packs the folder `root` as an initramfs with the mount points that the stage wants: the same files give the same bytes. */
export async function packInitramfs(host: Host, given: { readonly root: string; readonly to: string }): Promise<void> {
  for (const name of ['dev', 'proc', 'sys', 'tmp', 'mnt']) await mkdir(join(given.root, name), { recursive: true });
  const names = ['.', ...(await readdir(given.root, { recursive: true })).sort()];
  for (const name of names) await utimes(join(given.root, name), 0, 0);
  const result = await runProgram({
    file: 'cpio',
    args: ['--create', '--format=newc', '--reproducible', '--owner=+0:+0', '--quiet'],
    cwd: given.root,
    input: `${names.join('\n')}\n`,
    timeoutMs: boundMs,
    signal: host.signal,
  });
  if (!result.ok) {
    throw new DioramaError({ blame: 'machine', code: 'program-failed', message: `cpio: ${result.stderr.trim()}`, next: './diorama doctor' });
  }
  await writeFile(given.to, gzipSync(result.stdout, { level: 6 }));
}
