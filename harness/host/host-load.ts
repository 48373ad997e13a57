import { execa } from 'execa';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { DioramaError } from '../errors.ts';
import { printable } from '../printable.ts';
import type { Host } from './host.ts';
import { signalGroup } from './run-program.ts';
import { scratchDir } from './scratch-dir.ts';

/**
 * Does `work` while `processes` of the machine's load (load-machine.ts) go on beside it, and ends them with it, whatever becomes of it;
 * they end with this process too (PR_SET_PDEATHSIG). None for 0.
 * @throws DioramaError `program-failed` (machine) when one of them ended before the work, which then was not done under load
 */
export async function underLoad<T>(host: Host, given: { readonly processes: number; readonly seed: number }, work: (host: Host) => Promise<T>): Promise<T> {
  if (given.processes === 0) return work(host);
  const dir = await scratchDir(host.cache, 'load-');
  // The work is no use without its load, so the first process that goes ends it.
  const broken = new AbortController();
  const signal = AbortSignal.any([host.signal, broken.signal]);
  let over = false;
  const load = Array.from({ length: given.processes }, (_, index) => {
    const child = execa('setpriv', ['--pdeathsig', 'KILL', '--', join(host.root, 'diorama'), 'load', dir, String(given.seed + index)], {
      reject: false, stdin: 'ignore', stdout: 'ignore', stderr: 'pipe', maxBuffer: 65_536, detached: true,
    });
    const gone = child.then(({ exitCode, stderr, shortMessage }) => {
      if (over || host.signal.aborted) return;
      broken.abort(new DioramaError({
        blame: 'machine', code: 'program-failed',
        message: `the load beside the guests ended by itself (exit ${String(exitCode ?? '?')}): ${printable(stderr.trim().split('\n').at(-1) ?? shortMessage ?? '')}`,
        next: 'is the disk that holds the cache full? --load 0 plays without load',
      }));
    });
    return { pid: child.pid, gone };
  });
  try {
    return await work({ ...host, signal });
  } finally {
    over = true;
    for (const { pid } of load) signalGroup(pid, 'SIGKILL');
    await Promise.all(load.map(({ gone }) => gone));
    await rm(dir, { recursive: true, force: true });
  }
}
