import { access, cp, mkdir, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { DioramaError } from '../errors.ts';
import { cachedDir } from '../host/cached-dir.ts';
import { contentKey } from '../host/content-key.ts';
import type { Host } from '../host/host.ts';
import { runProgram } from '../host/run-program.ts';
import { fetchFuseSource } from './fuse-source.ts';

/** libfuse to link the stage with: compiler and linker arguments. */
export interface Libfuse {
  readonly version: string;
  readonly cflags: readonly string[];
  readonly libs: readonly string[];
}

/** 3.17 is the first with DIRECT_IO_ALLOW_MMAP, passthrough and the 64-bit INIT flags (libfuse ChangeLog.rst). */
const oldest = '3.17';
const boundMs = 10 * 60 * 1000;

/**
 * The static libfuse of the host when it is new enough and has one, else one built from the archive's `fuse3` source with meson.
 * @throws DioramaError `program-missing` or `build-failed` (blame: the machine) with the log's path
 */
export async function buildLibfuse(host: Host): Promise<Libfuse> {
  return (await hostLibfuse(host)) ?? (await ownLibfuse(host));
}

async function hostLibfuse(host: Host): Promise<Libfuse | undefined> {
  const ask = async (...args: string[]): Promise<string | undefined> => {
    const result = await runProgram({ file: 'pkg-config', args, timeoutMs: 10_000, signal: host.signal }).catch((error: unknown) => {
      if (error instanceof DioramaError && error.code === 'program-missing') return undefined;
      throw error;
    });
    return result?.ok === true ? result.stdout.toString().trim() : undefined;
  };
  const version = await ask('--atleast-version', oldest, 'fuse3').then((ok) => (ok === undefined ? undefined : ask('--modversion', 'fuse3')));
  const dir = version === undefined ? undefined : await ask('--variable=libdir', 'fuse3');
  if (version === undefined || dir === undefined) return undefined;
  const archive = join(dir, 'libfuse3.a');
  const found = await access(archive).then(() => true, () => false);
  if (!found) return undefined;
  const cflags = (await ask('--cflags', 'fuse3')) ?? '';
  return { version, cflags: cflags.split(/\s+/).filter(Boolean), libs: [archive, '-ldl'] };
}

async function ownLibfuse(host: Host): Promise<Libfuse> {
  const began = performance.now();
  host.emit({ kind: 'stage-start', stage: 'libfuse', label: `${oldest} or newer` });
  const source = await fetchFuseSource(host);
  const key = contentKey(['libfuse 1', source.version, process.arch]);
  const { dir, reused } = await cachedDir(host, { kind: 'libfuse', key }, async (part) => {
    const build = join(part, 'build');
    const log = join(host.cache, 'libfuse.log');
    await rm(log, { force: true });
    await step(host, log, ['meson', 'setup', build, source.dir, '--default-library=static', '--buildtype=release', '-Dexamples=false', '-Dutils=false', '-Dtests=false', '-Duseroot=false']);
    await step(host, log, ['ninja', '-C', build]);
    await mkdir(join(part, 'include'));
    await rename(join(build, 'lib/libfuse3.a'), join(part, 'libfuse3.a'));
    await copyHeaders(host, { source: source.dir, build, to: join(part, 'include') });
    await rm(build, { recursive: true });
  });
  host.emit({ kind: 'stage-end', stage: 'libfuse', label: source.version, ms: performance.now() - began, reused: reused && source.reused });
  return { version: source.version, cflags: [`-I${join(dir, 'include')}`], libs: [join(dir, 'libfuse3.a'), '-ldl'] };
}

async function step(host: Host, log: string, [file = '', ...args]: readonly string[]): Promise<void> {
  const result = await runProgram({
    file, args, log, timeoutMs: boundMs, signal: host.signal,
    onLine: (line) => host.emit({ kind: 'stage-progress', stage: 'libfuse', detail: line }),
  });
  if (result.ok) return;
  throw new DioramaError({
    blame: 'machine',
    code: result.timedOut ? 'timed-out' : 'build-failed',
    message: `libfuse: ${file} ${result.timedOut ? `did not end within ${boundMs / 60_000} min` : `exited with ${result.exitCode}`}`,
    evidence: log,
    details: result.stderr.trim().split('\n').slice(-5),
    next: './diorama doctor',
  });
}

async function copyHeaders(host: Host, given: { source: string; build: string; to: string }): Promise<void> {
  const include = join(given.source, 'include');
  for (const name of await readdir(include)) {
    if (name.endsWith('.h')) await cp(join(include, name), join(given.to, name));
  }
  await cp(join(given.build, 'libfuse_config.h'), join(given.to, 'libfuse_config.h'));
  host.signal.throwIfAborted();
}
