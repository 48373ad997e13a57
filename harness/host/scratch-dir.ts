import { mkdir, mkdtemp, readdir, readlink, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { diskError } from './run-program.ts';

/** Longer than any diorama works on one thing; only for those of other PID namespaces, whose processes cannot be asked after. */
const foreignMs = 24 * 60 * 60 * 1000;

/**
 * Makes the directory `<home>/<prefix><pid>.<namespace>-XXXXXX`, which the caller removes when it is done. One that its maker could
 * not remove, because it was killed, is removed by the next call with the same `home` and `prefix`: its name says whose it was.
 * @returns its path
 * @throws DioramaError `disk-full` or `program-failed` (machine) when `home` cannot be written
 */
export async function scratchDir(home: string, prefix: string): Promise<string> {
  const namespace = await pidNamespace();
  try {
    await mkdir(home, { recursive: true });
    await removeStale({ home, prefix, namespace });
    return await mkdtemp(join(home, `${prefix}${String(process.pid)}.${namespace}-`));
  } catch (error) {
    throw diskError(error as NodeJS.ErrnoException, home);
  }
}

/** A PID means something only within its namespace (pid_namespaces(7)); containers may share a cache. */
async function pidNamespace(): Promise<string> {
  const link = await readlink('/proc/self/ns/pid').catch(() => '');
  return /\d+/.exec(link)?.[0] ?? '0';
}

async function removeStale(given: { readonly home: string; readonly prefix: string; readonly namespace: string }): Promise<void> {
  for (const name of await readdir(given.home)) {
    const [, pid, namespace] = (name.startsWith(given.prefix) && /^(\d+)\.(\d+)-\w{6}$/.exec(name.slice(given.prefix.length))) || [];
    if (pid === undefined) continue;
    const path = join(given.home, name);
    const stale = namespace === given.namespace ? !isAlive(Number(pid)) : await isOld(path);
    // Somebody else's in a shared directory stays: it is in nobody's way.
    if (stale) await rm(path, { recursive: true, force: true }).catch(() => undefined);
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}

async function isOld(path: string): Promise<boolean> {
  return stat(path).then(
    ({ mtimeMs }) => Date.now() - mtimeMs > foreignMs,
    () => false,
  );
}
