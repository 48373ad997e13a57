import { join } from 'node:path';
import { DioramaError } from '../errors.ts';
import type { Host } from '../host/host.ts';
import { withLock } from '../host/lock.ts';
import { gitFailure, outsideRepositories, runGit, tryGit } from '../kernel/git.ts';
import { lineageKey } from '../kernel/source/git-source.ts';
import { openLineage } from '../kernel/source/lineage.ts';
import { printable } from '../printable.ts';

export interface WatchedBranch {
  /** URL, or absolute path. */
  readonly remote: string;
  readonly branch: string;
}

export interface FetchedBranch {
  readonly commit: string;
  /** Bare repository of the cache that has the commit and what it is made of. */
  readonly path: string;
}

/** A server that does not answer within this is unreachable; all that is asked for is one line. */
const askMs = 60_000;

/** No helper that a URL could name, nobody to ask for a password, and no waiting for ever on a line that went dead. */
const transport: Readonly<Record<string, string>> = {
  GIT_ALLOW_PROTOCOL: 'file:git:http:https:ssh',
  GIT_SSH_COMMAND: 'ssh -o BatchMode=yes -o ConnectTimeout=20 -o ServerAliveInterval=20',
  GIT_HTTP_LOW_SPEED_LIMIT: '1000',
  GIT_HTTP_LOW_SPEED_TIME: '60',
};

/**
 * Which commit a branch of a remote is at. Nothing is fetched.
 * @throws DioramaError `timed-out`, `program-failed` (machine) when the remote cannot be reached, `no-such-kernel` (usage) when it has no
 * such branch
 */
export async function askRemote(host: Host, { remote, branch }: WatchedBranch): Promise<string> {
  const finished = await tryGit(host, {
    ...outsideRepositories(host.cache), args: ['ls-remote', '--quiet', '--', remote, `refs/heads/${branch}`],
    env: { ...transport, ...outsideRepositories(host.cache).env }, timeoutMs: askMs, phase: `asking ${withoutSecrets(remote)}`,
  });
  if (!finished.ok) throw unreachable(remote, finished.stderr);
  const [, commit] = /^([0-9a-f]{40}|[0-9a-f]{64})\t/.exec(finished.stdout.toString('utf8')) ?? [];
  if (commit !== undefined) return commit;
  throw new DioramaError({
    blame: 'usage', code: 'no-such-kernel', message: `${withoutSecrets(remote)}: has no branch '${branch}'`, next: `git ls-remote --heads ${withoutSecrets(remote)} lists them`,
  });
}

/**
 * Brings a branch into the mirror that the cache has of its remote, where it is not there yet. `commit` is what the remote was just asked
 * for; when the branch moved on and left it behind, the branch's commit is taken.
 * @throws DioramaError of the machine when it cannot be fetched within `fetchMs`
 */
export async function fetchBranch(host: Host, given: WatchedBranch & { readonly commit: string; readonly fetchMs: number }): Promise<FetchedBranch> {
  const { remote, branch, commit, fetchMs } = given;
  const lineage = await openLineage(host, { key: lineageKey('mirror', remote), objectFormat: commit.length === 64 ? 'sha256' : 'sha1' });
  const { gitDir } = lineage;
  const path = gitDir;
  const ref = `refs/nightly/${branch}`;
  return withLock({ file: join(lineage.dir, 'fetch.lock'), timeoutMs: fetchMs, signal: host.signal }, async () => {
    if (await hasCommit(host, gitDir, commit)) {
      await runGit(host, { gitDir, args: ['update-ref', ref, commit] });
      return { commit, path };
    }
    host.emit({ kind: 'stage-progress', stage: 'source', detail: `fetching ${branch} from ${withoutSecrets(remote)}` });
    const call = {
      gitDir, args: ['fetch', '--quiet', '--no-tags', '--no-write-fetch-head', '--no-recurse-submodules', '--', remote, `+refs/heads/${branch}:${ref}`],
      env: transport, timeoutMs: fetchMs, phase: `fetching ${branch} from ${withoutSecrets(remote)}`,
    };
    const finished = await tryGit(host, call);
    if (!finished.ok) throw isRemoteTrouble(finished.stderr) ? unreachable(remote, finished.stderr) : gitFailure(finished, call);
    if (await hasCommit(host, gitDir, commit)) return { commit, path };
    return { commit: (await runGit(host, { gitDir, args: ['rev-parse', '--verify', `${ref}^{commit}`] })).toString('utf8').trim(), path };
  });
}

/** A URL as it may be shown: it can have a password in it. */
export function withoutSecrets(remote: string): string {
  return printable(remote.replace(/^([\w+.-]+:\/\/)[^/@]*@/, '$1'), 200);
}

async function hasCommit(host: Host, gitDir: string, commit: string): Promise<boolean> {
  return (await tryGit(host, { gitDir, args: ['rev-list', '--quiet', '--max-count=1', commit] })).ok;
}

function isRemoteTrouble(stderr: string): boolean {
  return /Could not read from remote|unable to access|early EOF|hung up|does not appear to be a git repository/i.test(stderr);
}

function unreachable(remote: string, stderr: string): DioramaError {
  const lines = stderr.split('\n').map((line) => printable(line.replaceAll(remote, withoutSecrets(remote)), 200)).filter(Boolean);
  return new DioramaError({
    blame: 'machine', code: 'program-failed', message: `${withoutSecrets(remote)}: cannot be reached`, details: lines.slice(0, 4),
    next: 'check the URL and the network; the next night tries again',
  });
}
