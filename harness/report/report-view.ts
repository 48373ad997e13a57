import type { CostChange } from '../judge/compare-measures.ts';
import type { Comparison } from '../judge/compare-sides.ts';
import type { Verdict } from '../judge/verdict.ts';
import type { Side } from '../events.ts';
import type { RunRecord } from '../results/run-record.ts';
import type { Scenario } from '../scenario/types.ts';

/** Everything that a report shows: values, no files. The first run is the one that it is about; more make the matrix wider. */
export interface ReportView {
  /** When it was written, ISO 8601. */
  readonly written: string;
  readonly runs: readonly RunView[];
}

export interface RunView {
  readonly record: RunRecord;
  /** Its directory, as a person would type it. */
  readonly where: string;
  /** In name order. */
  readonly scenes: readonly SceneView[];
  /** By scene, newest run first, this one among them. */
  readonly history: ReadonlyMap<string, readonly SceneHistoryRow[]>;
  /** Runs of the same directory that could not be read. */
  readonly unreadRuns: number;
  readonly issues: readonly IssueView[];
}

export interface IssueView {
  readonly id: string;
  readonly summary: string;
  readonly page: string;
}

export interface SceneView {
  readonly name: string;
  /** What its file says; empty where the file is gone or this diorama does not read it. */
  readonly protects: string;
  readonly covers: readonly string[];
  readonly played: Readonly<Partial<Record<Side, PlayedView>>>;
  /** What the series did to it; without a series undefined. */
  readonly comparison: Comparison | undefined;
  /** What the series made slower or faster. */
  readonly costs: readonly CostChange[];
}

export interface PlayedView {
  readonly side: Side;
  readonly verdict: Verdict;
  /** Wall time of the host. */
  readonly ms: number;
  readonly measures: readonly MeasureRow[];
  /** Of a scene that is told in full. */
  readonly evidence?: EvidenceView;
}

export interface EvidenceView {
  /** Its directory, as a person would type it. */
  readonly where: string;
  /** The scene as it was played, with its orders written out; undefined where its file cannot be read. */
  readonly scene: Scenario | undefined;
  readonly trace: string;
  /** UTF-8 where it is; bytes that are none stand as \xNN. */
  readonly console: string;
  /** Bytes that were not read, of a console larger than any report. */
  readonly consoleUnread: number;
  readonly hasRepro: boolean;
  /** The command line that plays it again, as words. */
  readonly replay: readonly string[];
}

/** One operation that a scene repeated, in one io mode and beside so many writers. */
export interface MeasureRow {
  /** A call, with its number where it is not the only one of its kind: `load 2`. */
  readonly operation: string;
  readonly mode: string;
  readonly writers: number;
  /** Exact, of the guest's clock. */
  readonly ns: readonly number[];
  /** What all of them together move. */
  readonly bytes?: number;
}

/** What a scene came to in one stored run. */
export interface SceneHistoryRow {
  readonly run: string;
  readonly started: string;
  /** The kernel's version, and the series on it where there was one. */
  readonly kernel: string;
  readonly verdict: Verdict['kind'];
  readonly reason: string;
}
