import type { DioramaError } from '../errors.ts';
import type { EngineEvent } from '../events.ts';
import type { Outcome } from '../judge/run-outcome.ts';
import type { PlayReason } from '../judge/play-order.ts';
import type { Verdict } from '../judge/verdict.ts';
import type { ModuleChange } from '../kernel/module/changed-functions.ts';
import type { Scenario } from '../scenario/types.ts';
import type { CompilerError } from './compiler-errors.ts';
import type { Saved } from './notice-saves.ts';

/** Why there is a pass. */
export type Cause = { readonly kind: 'start' } | { readonly kind: 'save'; readonly saved: Saved } | { readonly kind: 'asked'; readonly atMs: number };

/** Where the time of a pass went, in milliseconds of the host, from its cause to the last verdict. */
export interface PassTimes {
  readonly from: Cause['kind'];
  /** From the write to the word of it: the editor's steps and the wait for the last of them. */
  readonly noticed: number;
  readonly snapshot: number;
  readonly build: number;
  readonly play: number;
  /** Everything else: records, the order, starting over. */
  readonly rest: number;
  /** When the first scene was judged, counted from the save. */
  readonly firstVerdict: number | undefined;
  readonly whole: number;
}

/** Everything that a watch says while it goes on; whoever shows it only consumes this. */
export type WatchEvent =
  | { readonly kind: 'watching'; readonly watched: number; readonly polled: number }
  | { readonly kind: 'chosen'; readonly pattern: string | undefined }
  | { readonly kind: 'refused'; readonly text: string }
  | { readonly kind: 'pass'; readonly cause: Cause }
  | { readonly kind: 'unchanged' }
  | { readonly kind: 'engine'; readonly event: EngineEvent }
  /** `change` is undefined when there is nothing to compare with. */
  | { readonly kind: 'built'; readonly change: ModuleChange | undefined; readonly scenes: number; readonly because: Readonly<Record<PlayReason, number>> }
  /** A scene came to something bad. The trace is a guest's word. */
  | { readonly kind: 'failure'; readonly scene: Scenario; readonly verdict: Verdict; readonly trace: string; readonly dir: string }
  | { readonly kind: 'verdict'; readonly outcome: Outcome; readonly times: PassTimes; readonly dir: string }
  | { readonly kind: 'trouble'; readonly error: DioramaError; readonly compiler: readonly CompilerError[] }
  /** A save made what went on old: it was ended. */
  | { readonly kind: 'superseded' };
