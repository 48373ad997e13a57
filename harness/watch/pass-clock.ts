import type { EngineEvent } from '../events.ts';
import type { Cause, PassTimes } from './watch-events.ts';

/** Tells the parts of a pass's time; each is told what happens when it happens. */
export interface PassClock {
  heard(event: EngineEvent): void;
  built(): void;
  /** The pass is over. */
  times(): PassTimes;
}

export function makePassClock(cause: Cause, now: () => number = Date.now): PassClock {
  const started = now();
  const [saved, noticed] = cause.kind === 'save' ? [cause.saved.savedMs, cause.saved.noticedMs] : [cause.kind === 'asked' ? cause.atMs : started, started];
  let [snapshot, builtAt, firstAt, lastAt] = [0, started, 0, 0];
  return {
    heard: (event) => {
      if (event.kind === 'stage-end' && event.stage === 'source') snapshot = event.ms;
      if (event.kind !== 'scene-end') return;
      lastAt = now();
      firstAt ||= lastAt;
    },
    built: () => {
      builtAt = now();
    },
    times: () => {
      const whole = now() - saved;
      const parts = { noticed: noticed - saved, snapshot, build: Math.max(0, builtAt - started - snapshot), play: lastAt === 0 ? 0 : lastAt - builtAt };
      return { from: cause.kind, ...parts, rest: Math.max(0, whole - parts.noticed - parts.snapshot - parts.build - parts.play), firstVerdict: firstAt === 0 ? undefined : firstAt - saved, whole };
    },
  };
}
