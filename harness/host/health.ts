import { constants } from 'node:fs';
import { access, mkdir, readFile, statfs } from 'node:fs/promises';
import { totalmem } from 'node:os';
import { probeAccelerator, type AcceleratorProbe } from './accelerator.ts';
import { type Distribution, packageLine, readDistribution } from './distribution.ts';
import type { Host } from './host.ts';
import { readNeeds } from './needs.ts';
import { type ProbedNeed, probeNeeds } from './probe-needs.ts';

/** All that diorama can tell about the machine it is on. */
export interface Health {
  readonly distribution: Distribution;
  readonly needs: readonly ProbedNeed[];
  /** What to copy into a terminal; absent when nothing is missing or the packages' names are not known. */
  readonly packageLine?: string;
  readonly accelerators: readonly AcceleratorProbe[];
  readonly memory: { readonly totalBytes: number; readonly availableBytes: number };
  readonly cache: { readonly path: string; readonly writable: boolean; readonly freeBytes: number };
  /** Whether runs are possible: every need but those of `check` is there, TCG works, and the cache can be written. */
  readonly ok: boolean;
}

/**
 * Looks at the machine; starts two small guests for it and changes nothing but to make the cache's directory.
 * @throws DioramaError `bad-file` when needs.tsv has a mistake
 */
export async function examineMachine(host: Host): Promise<Health> {
  const distribution = await readDistribution();
  const needs = await probeNeeds(host, await readNeeds(host.root));
  const accelerators = [await probeAccelerator(host, 'kvm'), await probeAccelerator(host, 'tcg')];
  const cache = await examineCache(host.cache);
  const missing = needs.filter(({ found }) => found === undefined).map(({ need }) => need);
  const { family } = distribution;
  return {
    distribution,
    needs,
    ...(family === undefined || missing.length === 0
      ? {}
      : { packageLine: packageLine(family, missing.map((need) => need.packages[family])) }),
    accelerators,
    memory: { totalBytes: totalmem(), availableBytes: await availableBytes() },
    cache,
    ok:
      missing.every(({ group }) => group === 'check') &&
      accelerators.some(({ accelerator, works }) => accelerator === 'tcg' && works) &&
      cache.writable,
  };
}

async function examineCache(path: string): Promise<Health['cache']> {
  try {
    await mkdir(path, { recursive: true });
    await access(path, constants.W_OK);
    const { bavail, bsize } = await statfs(path);
    return { path, writable: true, freeBytes: bavail * bsize };
  } catch {
    return { path, writable: false, freeBytes: 0 };
  }
}

/** proc_meminfo(5): what can be given to new programs without swapping. */
async function availableBytes(): Promise<number> {
  const kib = /^MemAvailable:\s+(\d+) kB$/m.exec(await readFile('/proc/meminfo', 'utf8'))?.[1];
  return Number(kib ?? 0) * 1024;
}
