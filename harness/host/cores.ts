import { readFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { dirname, join } from 'node:path';

/**
 * How many processes may work at once: the CPUs that this process may run on (sched_getaffinity(2), which cpusets narrow too), or as many as its
 * control groups give it time for, when those are fewer. Node 20 does not ask the groups.
 * @param root where / is, for tests
 */
export async function usableCores(root = '/'): Promise<number> {
  const quotas = await cpuQuotas(root);
  return Math.max(1, Math.min(availableParallelism(), ...quotas.map(Math.ceil)));
}

/** CPUs of each group on the way up that has a limit: cpu.max of cgroup v2, cpu.cfs_quota_us of v1 (Documentation/admin-guide/cgroup-v2.rst). */
async function cpuQuotas(root: string): Promise<number[]> {
  const groups = await readFile(join(root, 'proc/self/cgroup'), 'utf8').catch(() => '');
  const quotas: number[] = [];
  for (const line of groups.split('\n')) {
    const [, controllers, path] = /^\d+:([^:]*):(\/.*)$/.exec(line) ?? [];
    if (controllers === undefined || path === undefined) continue;
    if (controllers !== '' && !controllers.split(',').includes('cpu')) continue;
    const home = join(root, 'sys/fs/cgroup', controllers);
    // A container may see its group as the root, and a path that does not exist there: what is not there has no limit.
    for (let group = path; ; group = dirname(group)) {
      const cpus = await (controllers === '' ? quotaV2(join(home, group)) : quotaV1(join(home, group)));
      if (cpus !== undefined) quotas.push(cpus);
      if (group === '/') break;
    }
  }
  return quotas;
}

async function quotaV2(dir: string): Promise<number | undefined> {
  const [, quota, period] = /^(\d+) (\d+)$/.exec(await readLine(join(dir, 'cpu.max'))) ?? [];
  return share(quota, period);
}

async function quotaV1(dir: string): Promise<number | undefined> {
  return share(await readLine(join(dir, 'cpu.cfs_quota_us')), await readLine(join(dir, 'cpu.cfs_period_us')));
}

/** `max`, or -1 in v1, is no limit. */
function share(quota: string | undefined, period: string | undefined): number | undefined {
  const cpus = Number(quota) / Number(period);
  return Number.isFinite(cpus) && cpus > 0 ? cpus : undefined;
}

function readLine(file: string): Promise<string> {
  return readFile(file, 'utf8').then((text) => text.trim(), () => '');
}
