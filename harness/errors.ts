/** Whose fault an error is: the person at the keyboard, the series, the kernel, the scene, the machine, or nobody's. */
export type Blame = 'usage' | 'series' | 'kernel' | 'scene' | 'machine' | 'interrupt';

/** What `./diorama` exits with for an error, by blame. A failing scene or a regression is 1 and is no error. */
export const exitCodeOf: Readonly<Record<Blame, number>> = {
  usage: 2,
  scene: 2,
  series: 3,
  kernel: 3,
  machine: 69,
  interrupt: 130,
};

export type ErrorCode =
  | 'bad-usage'
  | 'bad-file'
  | 'bad-scene'
  | 'bad-kernel-spec'
  | 'bad-series'
  | 'series-does-not-apply'
  | 'no-such-kernel'
  | 'checksum-mismatch'
  | 'config-unmet'
  | 'build-failed'
  | 'boot-failed'
  | 'program-missing'
  | 'program-failed'
  | 'disk-full'
  | 'timed-out'
  | 'interrupted'
  | 'internal';

export interface ErrorDetails {
  readonly blame: Blame;
  readonly code: ErrorCode;
  /** One line: what happened, where, what was awaited and for how long. */
  readonly message: string;
  /** Further lines worth showing: compiler errors, a console tail, every mistake of a file. */
  readonly details?: readonly string[];
  /** Path of the file that proves it: a log, a console. */
  readonly evidence?: string;
  /** The next thing to try, as a sentence or a command line. */
  readonly next?: string;
  readonly cause?: unknown;
}

/** An expected failure: shown without a stack trace, and turned into the exit code of its blame. */
export class DioramaError extends Error {
  override readonly name = 'DioramaError';
  readonly blame: Blame;
  readonly code: ErrorCode;
  readonly details: readonly string[];
  readonly evidence: string | undefined;
  readonly next: string | undefined;

  constructor(given: ErrorDetails) {
    super(given.message, given.cause === undefined ? {} : { cause: given.cause });
    this.blame = given.blame;
    this.code = given.code;
    this.details = given.details ?? [];
    this.evidence = given.evidence;
    this.next = given.next;
  }
}
