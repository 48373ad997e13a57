import { firstInode } from '../scenario/program-names.ts';
import type { Scenario } from '../scenario/types.ts';
import type { TraceEvent } from './parse-trace.ts';

export type Event<E extends TraceEvent['e']> = Extract<TraceEvent, { readonly e: E }>;

/** How far a trace has come, and what is open in it. */
export interface Progress {
  phase: 'before' | 'play' | 'strike' | 'end';
  /** The last step that began. */
  step: number;
  /** The steps since the last rest. */
  readonly block: Set<number>;
  /** What the steps have said of their own, as `released 5`. */
  readonly said: Set<string>;
  /** Answers since the last rest. */
  answers: number;
  /** What releases since the last rest say that they answered. */
  released: number;
  trouble: boolean;
  stuck: number;
  init: boolean;
  /** The connection or the server is gone: nobody answers any more. */
  severed: boolean;
  readonly called: Set<number>;
  readonly calls: Map<string, { readonly step: number; readonly call: string }>;
  /** Requests by actor that were submitted and not reaped. */
  readonly unreaped: Map<string, number>;
  readonly born: Set<string>;
  readonly gone: Set<string>;
  /** Processes that an exit or a signal ends. */
  readonly ended: Set<string>;
  readonly seen: Set<number>;
  /** What is at the server, by request; `opened` once the flags of an OPEN were said. */
  readonly held: Map<number, { readonly op: string; readonly by: string | undefined; readonly opened: boolean }>;
  /** FOPEN flags that the next open of an inode may be given: more than one while they change. */
  readonly openFlags: Map<number, readonly number[]>;
}

export function newProgress(scene: Scenario): Progress {
  return {
    phase: 'before', step: 0, block: new Set(), said: new Set(), answers: 0, released: 0, trouble: false, stuck: 0, init: false, severed: false,
    called: new Set(), calls: new Map(), unreaped: new Map(), born: new Set(), gone: new Set(), ended: new Set(), seen: new Set(), held: new Map(),
    openFlags: new Map(scene.files.map((file, index) => [firstInode + index, [file.open]])),
  };
}

export function processOf(scene: Scenario, name: string): string {
  return scene.actors.find((actor) => actor.name === name)?.process ?? name;
}
