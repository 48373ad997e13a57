import type { Verdict } from './judge/verdict.ts';

/** The stages on the way from a kernel spec to a verdict, in order. */
export type StageName = 'source' | 'series' | 'config' | 'build' | 'libfuse' | 'stage' | 'template' | 'set' | 'scene';

export type Side = 'base' | 'patched';

/**
 * Everything the engine says while it works. Terminal, JSON and reports only consume these; none of them asks the engine anything.
 * Times are wall time of the host in milliseconds.
 */
export type EngineEvent =
  | { readonly kind: 'stage-start'; readonly stage: StageName; readonly label: string }
  /** `detail` is one line for the progress line of a terminal, e.g. the last thing make said. */
  | { readonly kind: 'stage-progress'; readonly stage: StageName; readonly detail: string }
  /** `reused` says the result came whole from the cache; `why` what was made of it, and what decided that. */
  | { readonly kind: 'stage-end'; readonly stage: StageName; readonly label: string; readonly ms: number; readonly reused: boolean; readonly why?: string }
  /** `patch` n says that the side has only the first n patches of the series (`run --each-patch`). */
  | { readonly kind: 'scene-start'; readonly side: Side; readonly scene: string; readonly patch?: number }
  /** `reused` says that an earlier play already had it. */
  | { readonly kind: 'scene-end'; readonly side: Side; readonly scene: string; readonly verdict: Verdict; readonly ms: number; readonly patch?: number; readonly reused?: boolean }
  /** Something a person should read that is not an error. */
  | { readonly kind: 'note'; readonly text: string };

export type Emit = (event: EngineEvent) => void;
