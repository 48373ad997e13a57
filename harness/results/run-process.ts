import { readFile, readlink } from 'node:fs/promises';
import { hostname } from 'node:os';
import type { RunRecord } from './run-record.ts';

type RunProcess = NonNullable<RunRecord['process']>;

/** No run is silent for this long; only for those of other machines and PID namespaces, whose processes cannot be asked after. */
const silentMs = 24 * 60 * 60 * 1000;

/** This process, as a record names it: a PID alone is given to somebody else some day. */
export async function thisProcess(): Promise<RunProcess> {
  return { ...(await whereWeAre()), pid: process.pid, start: (await startOf(process.pid)) ?? '' };
}

/**
 * What became of a run: its own word, but `killed` for one that says `running` and whose process is gone. One whose process cannot be
 * asked after (of an older diorama, another machine or container) is `killed` when its record, which every scene changes, is a day old.
 */
export async function statusOf(
  record: Pick<RunRecord, 'status' | 'process'>,
  given: { readonly changedMs: number; readonly nowMs: number },
): Promise<RunRecord['status'] | 'killed'> {
  if (record.status !== 'running') return record.status;
  const alive = record.process && (await isAlive(record.process));
  return (alive ?? given.nowMs - given.changedMs < silentMs) ? 'running' : 'killed';
}

/** Undefined where that cannot be told from here. */
async function isAlive(given: RunProcess): Promise<boolean | undefined> {
  const here = await whereWeAre();
  if (given.host !== here.host) return undefined;
  if (given.boot !== here.boot) return false;
  if (given.namespace !== here.namespace) return undefined;
  const start = await startOf(given.pid);
  if (start !== undefined) return start === given.start;
  // /proc may hide the processes of others (hidepid).
  try {
    return process.kill(given.pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}

async function whereWeAre(): Promise<Pick<RunProcess, 'host' | 'boot' | 'namespace'>> {
  const boot = await readFile('/proc/sys/kernel/random/boot_id', 'utf8').catch(() => '');
  const namespace = await readlink('/proc/self/ns/pid').catch(() => '');
  return { host: hostname(), boot: boot.trim(), namespace: /\d+/.exec(namespace)?.[0] ?? '0' };
}

/** When it was started, in clock ticks since the boot: field 22 of proc_pid_stat(5), after a name that may hold anything. */
async function startOf(pid: number): Promise<string | undefined> {
  const stat = await readFile(`/proc/${pid}/stat`, 'latin1').catch(() => undefined);
  return stat?.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
}
