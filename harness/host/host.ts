import type { Emit } from '../events.ts';

/** What every stage that touches the machine is given: where it may write, whom it tells, and when it must stop. */
export interface Host {
  /** Absolute path of the cache; the only place besides a run's directory that anything is written to. */
  readonly cache: string;
  /** Absolute path of diorama's tree. */
  readonly root: string;
  readonly emit: Emit;
  /** Aborted on Ctrl-C and when the run gives up; every child process and wait follows it. */
  readonly signal: AbortSignal;
  /** How many processes may work at once. */
  readonly jobs: number;
}
