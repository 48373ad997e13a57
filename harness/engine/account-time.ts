import type { EngineEvent } from '../events.ts';
import { childSpans, timeWithChildren, type ChildSpan } from '../host/child-time.ts';

/** Where the wall time of one stage went, in milliseconds. */
export interface StageTime {
  /** A stage; `start`: node and reading the input; `rest`: everything else that is not within a stage, such as writing the record. */
  readonly stage: string;
  readonly ms: number;
  readonly compilersMs: number;
  readonly guestsMs: number;
  /** Diorama itself, and programs such as git, tar and apt that it waits for. */
  readonly harnessMs: number;
}

export interface RunTime {
  readonly stages: readonly StageTime[];
  /** From the start of the process on. */
  readonly ms: number;
  readonly harnessMs: number;
  /** CPU time of diorama itself, without its children. */
  readonly cpuMs: number;
  /** The most memory that diorama itself had resident. */
  readonly peakRssBytes: number;
}

/** What of the engine's events tells time; times are of performance.now(). */
export interface Clocked {
  /** When the first stage began. */
  readonly began: number;
  readonly stages: readonly { readonly stage: string; readonly from: number; readonly to: number }[];
  readonly plays: readonly { readonly from: number; readonly to: number }[];
}

/** Listens to the engine; `now()` says where the time went up to then. `lanes` is how many scenes are played at once. */
export function keepTime(lanes: number): { emit(event: EngineEvent): void; now(): RunTime } {
  const stages: { stage: string; from: number; to: number }[] = [];
  const plays: { from: number; to: number }[] = [];
  let began: number | undefined;
  return {
    emit: (event) => {
      const at = performance.now();
      began ??= at;
      if (event.kind === 'stage-end') stages.push({ stage: event.stage, from: at - event.ms, to: at });
      if (event.kind === 'scene-end' && event.reused !== true) plays.push({ from: at - event.ms, to: at });
    },
    now: () => {
      const ms = performance.now();
      const rows = accountTime({ began: began ?? ms, stages, plays }, { spans: childSpans(), lanes, ms });
      const cpu = process.cpuUsage();
      return { stages: rows, ms, harnessMs: rows.reduce((sum, row) => sum + row.harnessMs, 0), cpuMs: (cpu.user + cpu.system) / 1000, peakRssBytes: process.resourceUsage().maxRSS * 1024 };
    },
  };
}

/**
 * A stage's time is a compiler's, or a guest's, while one of them runs, and the harness's else. Scenes are played on several lanes; there what
 * counts is how much longer the plays were than their guests, shared among the lanes.
 */
export function accountTime(clocked: Clocked, given: { readonly spans: readonly ChildSpan[]; readonly lanes: number; readonly ms: number }): StageTime[] {
  const rows: StageTime[] = [{ stage: 'start', ms: clocked.began, compilersMs: 0, guestsMs: 0, harnessMs: clocked.began }];
  for (const name of new Set(clocked.stages.map(({ stage }) => stage))) {
    const row = { stage: name, ms: 0, compilersMs: 0, guestsMs: 0, harnessMs: 0 };
    for (const { from, to } of clocked.stages.filter(({ stage }) => stage === name)) {
      const inCompilers = timeWithChildren(given.spans, { kinds: ['compiler'], from, to });
      const inBoth = timeWithChildren(given.spans, { kinds: ['compiler', 'guest'], from, to });
      row.ms += to - from;
      row.compilersMs += inCompilers;
      row.guestsMs += inBoth - inCompilers;
      row.harnessMs += to - from - inBoth;
    }
    rows.push(row);
  }
  if (clocked.plays.length > 0) rows.push(sceneTime(clocked.plays, given));
  const told = rows.reduce((sum, row) => sum + row.ms, 0);
  const rest = Math.max(0, given.ms - told);
  return [...rows, { stage: 'rest', ms: rest, compilersMs: 0, guestsMs: 0, harnessMs: rest }];
}

function sceneTime(plays: Clocked['plays'], given: { readonly spans: readonly ChildSpan[]; readonly lanes: number }): StageTime {
  const from = Math.min(...plays.map((play) => play.from));
  const to = Math.max(...plays.map((play) => play.to));
  const lanes = Math.min(given.lanes, plays.length);
  const played = plays.reduce((sum, play) => sum + play.to - play.from, 0);
  const inGuests = given.spans.filter((span) => span.kind === 'guest' && span.from >= from && span.to <= to).reduce((sum, span) => sum + span.to - span.from, 0);
  const harnessMs = Math.max(0, played - inGuests) / lanes;
  return { stage: 'scene', ms: to - from, compilersMs: 0, guestsMs: to - from - harnessMs, harnessMs };
}
