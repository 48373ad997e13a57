import type { KnownIssue } from '../judge/known-issues.ts';
import type { PlayedScene, RunRecord } from '../results/run-record.ts';

/** Everything that a machine format says is a function of this: a run's record, and what it needs of the run's evidence. */
export interface RunFacts {
  readonly record: RunRecord;
  /** By the directory of a played scene; scenes that passed have none. */
  readonly evidence: ReadonlyMap<string, SceneEvidence>;
  /** sha256 of each patch as the run keeps it, in order. */
  readonly patchHashes: readonly string[];
  readonly issues: readonly KnownIssue[];
  /** When each scene began, by `startKey`; a run of before there were events has none. */
  readonly starts: ReadonlyMap<string, string>;
  /** The end of the log or console of what did not build or boot. */
  readonly failureLog: readonly string[];
  /** What the events' file has, one JSON document a line. */
  readonly events: readonly string[];
  /** Who ran it, by git's configuration. */
  readonly tester?: { readonly name: string; readonly email: string };
}

export interface SceneEvidence {
  /** The telling lines of its console: harmless, of bounded length and number. */
  readonly console: readonly string[];
}

export function startKey(played: Pick<PlayedScene, 'scene' | 'side'>): string {
  return `${played.side}/${played.scene}`;
}
