import { DioramaError } from '../errors.ts';
import type { Host } from '../host/host.ts';
import { obtainSource } from '../kernel/source/obtain-source.ts';
import { parseKernelSpec } from '../kernel/source/parse-kernel-spec.ts';
import { requireSource } from '../kernel/source/require-source.ts';
import { askRemote, fetchBranch, withoutSecrets } from './mirror.ts';
import { newestDebian } from './newest-debian.ts';
import type { Resolved } from './night-state.ts';
import type { WatchedKernel } from './nightly-config.ts';

/** Whether a kernel is still watched as it was when it was looked up; without passwords, since it is stored. */
export function watchKey(kernel: WatchedKernel): string {
  switch (kernel.kind) {
    case 'git':
      return `git ${withoutSecrets(kernel.remote)} ${kernel.branch}`;
    case 'debian':
      return `debian ${kernel.which}`;
    case 'spec':
      return kernel.spec;
  }
}

/**
 * Finds out what a watched kernel is at present and brings it into the cache. One that cannot be had is a result: the others go on.
 * @throws the signal's reason when it was aborted
 */
export async function resolveKernel(host: Host, kernel: WatchedKernel, fetchMs: number): Promise<Resolved> {
  const watch = watchKey(kernel);
  try {
    return { ...(await find(host, kernel, fetchMs)), watch };
  } catch (error) {
    host.signal.throwIfAborted();
    if (!(error instanceof DioramaError)) throw error;
    const { blame, code, message, details } = error;
    return { kind: 'trouble', watch, blame, code, message, details: [...details] };
  }
}

type Found = { kind: 'found'; identity: string; spec: string; label: string; commit?: string } | { kind: 'absent'; message: string };

async function find(host: Host, kernel: WatchedKernel, fetchMs: number): Promise<Found> {
  switch (kernel.kind) {
    case 'git': {
      const { remote, branch } = kernel;
      const { commit, path } = await fetchBranch(host, { remote, branch, commit: await askRemote(host, kernel), fetchMs });
      return { kind: 'found', identity: commit, commit, spec: `git:${path}@${commit}`, label: `${branch} ${commit.slice(0, 12)}` };
    }
    case 'debian': {
      const newest = await newestDebian(host, kernel.which);
      return newest === undefined ? { kind: 'absent', message: 'the archive has no release candidate at present' } : fromSpec(host, `debian:${newest.series}`);
    }
    case 'spec':
      return fromSpec(host, kernel.spec);
  }
}

async function fromSpec(host: Host, spec: string): Promise<Found> {
  const source = await obtainSource(host, requireSource(parseKernelSpec(spec), 'nightly'), spec);
  const [, commit] = /^commit ([0-9a-f]+)$/.exec(source.origin) ?? [];
  return { kind: 'found', identity: source.treeId, spec, label: `${source.version} (${source.origin})`, ...(commit === undefined ? {} : { commit }) };
}
