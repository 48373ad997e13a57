import type { Outcome } from '../scenario/types.ts';

/** A request as the server sees it. */
export interface PredictedRequest {
  readonly opcode: string;
  /** Undefined where the kernel does not say, or a worker of the kernel's sent it. */
  readonly by?: string;
  readonly file?: string;
  /** The server's own number of the open: 1 is the first. */
  readonly handle?: number;
  readonly at?: number;
  readonly bytes?: number;
  /** FUSE_WRITE_CACHE is set. */
  readonly cached?: boolean;
}

/** How an inode stands in its io modes. */
export interface ModeOf {
  readonly counter: number;
  readonly cacheBit: boolean;
  readonly waiters: readonly string[];
  readonly backing: string | undefined;
}

/** What a right kernel makes of one step. */
export interface StepPrediction {
  /** For a parallel block: its last step's number. */
  readonly step: number;
  /** In the meaning of Step.expect: the own actor always, others when their standing changes. */
  readonly changes: ReadonlyMap<string, Outcome>;
  /** Actors that the model cannot decide; the scene's own word stands, and the model went on from it. */
  readonly undecided: ReadonlySet<string>;
  /** Why, in words: the rule that decided. */
  readonly reasons: ReadonlyMap<string, string>;
  readonly requests: readonly PredictedRequest[];
  /** Of content, backing, invalidate and backing-close. */
  readonly result?: Outcome;
  /** How many parked requests its releases found; a release that finds none fails the scene (judge/check-steps.ts). */
  readonly released?: number;
  readonly modes: ReadonlyMap<string, ModeOf>;
}
