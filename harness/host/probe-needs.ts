import { constants } from 'node:fs';
import { access, open, readdir } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import picomatch from 'picomatch';
import type { Host } from './host.ts';
import type { Need } from './needs.ts';
import { runProgram } from './run-program.ts';

export interface ProbedNeed {
  readonly need: Need;
  /** Absent when nothing on this machine answers the need. */
  readonly found?: { readonly path: string; readonly version?: string };
}

/**
 * Looks for every need on this machine, all at once, and asks the programs among them for their versions. One that does not tell
 * its version within five seconds is still found.
 * @throws the signal's reason when it was aborted
 */
export async function probeNeeds(host: Host, needs: readonly Need[]): Promise<readonly ProbedNeed[]> {
  return Promise.all(needs.map((need) => probeNeed(host, need)));
}

const versionBoundMs = 5000;

async function probeNeed(host: Host, need: Need): Promise<ProbedNeed> {
  for (const probe of need.probes) {
    if (probe.startsWith('/')) {
      const path = await firstMatch(probe);
      if (path !== undefined) return { need, found: { path } };
      continue;
    }
    const [name, mustBeStatic] = probe.startsWith('static:') ? [probe.slice('static:'.length), true] : [probe, false];
    const path = await findCommand(name);
    if (path === undefined || (mustBeStatic && !(await isStatic(path)))) continue;
    const version = await versionOf(host, path, need.id);
    return { need, found: version === undefined ? { path } : { path, version } };
  }
  return { need };
}

/** A glob stands only for whole names of one directory level, which is all that needs.tsv uses. */
async function firstMatch(glob: string): Promise<string | undefined> {
  let paths = ['/'];
  for (const part of glob.split('/').filter((name) => name !== '')) {
    const matches = picomatch(part);
    const next = await Promise.all(
      paths.map(async (path) => {
        if (!part.includes('*')) return [join(path, part)];
        const names = await readdir(path).catch(() => [] as string[]);
        return names.filter((name) => matches(name)).map((name) => join(path, name));
      }),
    );
    paths = next.flat();
  }
  for (const path of paths) if (await may(path, constants.F_OK)) return path;
  return undefined;
}

async function findCommand(name: string): Promise<string | undefined> {
  for (const dir of (process.env['PATH'] ?? '').split(delimiter)) {
    const path = join(dir, name);
    if (dir !== '' && (await may(path, constants.X_OK))) return path;
  }
  return undefined;
}

async function may(path: string, mode: number): Promise<boolean> {
  return access(path, mode).then(
    () => true,
    () => false,
  );
}

/** A program that is linked dynamically names its loader in its first bytes. */
async function isStatic(path: string): Promise<boolean> {
  const file = await open(path).catch(() => undefined);
  if (!file) return false;
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(4096), 0, 4096, 0);
    return !buffer.subarray(0, bytesRead).includes('/ld-');
  } finally {
    await file.close();
  }
}

/** How to ask those that do not know --version. */
const versionArguments: Readonly<Record<string, readonly string[]>> = { dropbear: ['-V'], busybox: ['--help'] };

async function versionOf(host: Host, path: string, id: string): Promise<string | undefined> {
  const args = versionArguments[id] ?? ['--version'];
  try {
    const finished = await runProgram({ file: path, args, timeoutMs: versionBoundMs, signal: host.signal });
    const said = finished.stdout.toString('utf8') + finished.stderr;
    return (/\d+(\.\d+)+/.exec(said) ?? /(?<=version )\d+/.exec(said))?.[0];
  } catch (error) {
    host.signal.throwIfAborted();
    if (error instanceof Error) return undefined;
    throw error;
  }
}
