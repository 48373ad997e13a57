import { join } from 'node:path';
import { DioramaError } from '../errors.ts';
import type { Host } from '../host/host.ts';
import { programFailure } from '../host/program-failure.ts';
import { runProgram } from '../host/run-program.ts';
import { runRecordSchema, type RunRecord } from '../results/run-record.ts';

export interface TimedRun {
  /** From the start of the launcher to its end, in milliseconds. */
  readonly ms: number;
  readonly record: RunRecord;
}

const boundMs = 2 * 60 * 60 * 1000;

/**
 * `./diorama run` as its user would start it, with `host.cache`, and without libraries to install. Scenes may fail; that they were played is what counts.
 * @throws DioramaError `program-failed` (machine) when it ends otherwise
 */
export async function timedRun(host: Host, given: { readonly args: readonly string[]; readonly log: string }): Promise<TimedRun> {
  const began = performance.now();
  const finished = await runProgram({
    file: join(host.root, 'diorama'), args: ['run', '--json', '--jobs', String(host.jobs), ...given.args], env: { DIORAMA_CACHE: host.cache },
    timeoutMs: boundMs, signal: host.signal, endsWithUs: true, log: given.log,
  });
  const ms = performance.now() - began;
  if (finished.exitCode !== 0 && finished.exitCode !== 1) {
    throw programFailure(finished, { blame: 'machine', code: 'program-failed', message: `./diorama run ${given.args.join(' ')} ended with ${finished.exitCode}`, evidence: given.log, phase: 'a run', timeoutMs: boundMs });
  }
  const parsed = runRecordSchema.safeParse(JSON.parse(finished.stdout.toString('utf8')));
  if (!parsed.success) throw new DioramaError({ blame: 'machine', code: 'program-failed', message: './diorama run printed no record', evidence: given.log });
  return { ms, record: parsed.data };
}

/** How long a stage of the run took; undefined when its result came from the cache. */
export function stageMs({ record }: TimedRun, stage: string): number | undefined {
  const made = record.stages.filter((one) => one.stage === stage && !one.reused);
  return made.length === 0 ? undefined : made.reduce((sum, { ms }) => sum + ms, 0);
}
