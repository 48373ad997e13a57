import type { EngineEvent } from '../../events.ts';
import type { Verdict } from '../../judge/verdict.ts';
import type { Scenario } from '../../scenario/types.ts';
import type { Saved } from '../../watch/notice-saves.ts';
import type { WatchEvent } from '../../watch/watch-events.ts';

export interface Failure {
  readonly scene: Scenario;
  readonly verdict: Verdict;
  readonly trace: string;
  readonly dir: string;
}

/** What goes on, or went on last. */
export type Activity =
  | { readonly kind: 'snapshot' }
  | { readonly kind: 'building'; readonly detail: string; readonly sinceMs: number }
  | { readonly kind: 'playing'; readonly scene: string }
  | { readonly kind: 'verdict' }
  | { readonly kind: 'trouble' };

/** One pass, as far as it has come. */
export interface Shown {
  readonly activity: Activity;
  readonly saved?: Saved;
  readonly built?: Extract<WatchEvent, { kind: 'built' }>;
  readonly played: number;
  readonly counts: Readonly<Partial<Record<Verdict['kind'], number>>>;
  readonly failures: readonly Failure[];
  readonly verdict?: Extract<WatchEvent, { kind: 'verdict' }>;
  readonly trouble?: Extract<WatchEvent, { kind: 'trouble' }>;
}

/** Everything the screen shows. */
export interface ScreenState {
  /** The kernel as it was named. */
  readonly kernel: string;
  /** The directory that is watched. */
  readonly root: string;
  readonly watched: number;
  readonly polled: number;
  readonly chosen?: string;
  readonly pass: Shown;
  /** The last pass that came to its end, which a save that changes nothing brings back. */
  readonly settled?: Shown;
  /** A sentence for a moment: what was refused, or that nothing changed. */
  readonly word: string;
  /** Which failure is shown, from 0, and how far its trace is moved, in lines. */
  readonly at: number;
  readonly moved: number;
  /** What was typed after a slash. */
  readonly typed?: string;
}

export function firstState({ kernel, root }: Pick<ScreenState, 'kernel' | 'root'>): ScreenState {
  return { kernel, root, watched: 0, polled: 0, word: '', at: 0, moved: 0, pass: newPass };
}

/** The state after an event of the watch. `nowMs` is the host's clock. */
export function heard(state: ScreenState, event: WatchEvent, nowMs: number): ScreenState {
  switch (event.kind) {
    case 'watching':
      return { ...state, watched: event.watched, polled: event.polled };
    case 'chosen': {
      const { chosen: _, ...rest } = state;
      return { ...rest, word: '', ...(event.pattern === undefined ? {} : { chosen: event.pattern }) };
    }
    case 'refused':
      return { ...state, word: event.text };
    case 'pass': {
      return { ...state, word: '', at: 0, moved: 0, pass: { ...newPass, ...(event.cause.kind === 'save' && { saved: event.cause.saved }) } };
    }
    case 'unchanged':
      return { ...state, word: 'nothing changed', pass: state.settled ?? state.pass };
    case 'engine':
      return { ...state, pass: heardEngine(state.pass, event.event, nowMs) };
    case 'built':
      return { ...state, pass: { ...state.pass, built: event, activity: { kind: 'playing', scene: '' } } };
    case 'failure': {
      const { scene, verdict, trace, dir } = event;
      return { ...state, pass: { ...state.pass, failures: [...state.pass.failures, { scene, verdict, dir, trace: state.pass.failures.length < mostTraces ? trace : '' }] } };
    }
    case 'verdict': {
      const pass: Shown = { ...state.pass, verdict: event, activity: { kind: 'verdict' } };
      return { ...state, pass, settled: pass };
    }
    case 'trouble': {
      const pass: Shown = { ...state.pass, trouble: event, activity: { kind: 'trouble' } };
      return { ...state, pass, settled: pass };
    }
    case 'superseded':
      return { ...state, word: 'saved meanwhile: starting over' };
  }
}

/** More failures than can be picked by a digit are only named. */
const mostTraces = 9;

const newPass: Shown = { activity: { kind: 'snapshot' }, played: 0, counts: {}, failures: [] };

function heardEngine(pass: Shown, event: EngineEvent, nowMs: number): Shown {
  switch (event.kind) {
    case 'stage-start':
      if (event.stage === 'source' || event.stage === 'scene') return pass;
      return { ...pass, activity: { kind: 'building', detail: event.stage === 'build' ? '' : event.stage, sinceMs: pass.activity.kind === 'building' ? pass.activity.sinceMs : nowMs } };
    case 'stage-progress':
      return pass.activity.kind === 'building' ? { ...pass, activity: { ...pass.activity, detail: event.detail } } : pass;
    case 'scene-start':
      return { ...pass, activity: { kind: 'playing', scene: event.scene } };
    case 'scene-end':
      return { ...pass, played: pass.played + 1, counts: { ...pass.counts, [event.verdict.kind]: (pass.counts[event.verdict.kind] ?? 0) + 1 } };
    case 'stage-end':
    case 'note':
      return pass;
  }
}
