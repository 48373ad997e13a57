/** One line of a trace (guests/common/trace.h), by its `e`. Times are nanoseconds of the guest's clock since the scene began. */
export type TraceEvent = { readonly n: number; readonly t: number } & (
  | { readonly e: 'hello'; readonly release: string }
  /** Where the sections of fuse.ko are in the guest, as hexadecimal addresses. */
  | { readonly e: 'module'; readonly text?: string; readonly rodata?: string; readonly data?: string; readonly bss?: string }
  /** A record of the kernel's log was written between `at` and `at` + `within`, and its own clock said `us` microseconds. */
  | { readonly e: 'log'; readonly at: number; readonly within: number; readonly us: number }
  | { readonly e: 'begin' | 'strike' }
  | { readonly e: 'step' | 'rest' | 'restless'; readonly step: number }
  | { readonly e: 'call'; readonly step: number; readonly who: string; readonly call: string; readonly off: number; readonly len: number }
  | {
      readonly e: 'return'; readonly step: number; readonly who: string; readonly call: string; readonly ret: number;
      /** How long the call took, in virtual nanoseconds; stages before November 2026 did not say. */
      readonly ns?: number;
      readonly errno?: string; readonly signal?: string; readonly data?: string;
    }
  | { readonly e: 'sleep' | 'died' | 'stuck'; readonly step: number; readonly who: string; readonly state?: string; readonly in: string; readonly stack: string }
  | {
      readonly e: 'arrive'; readonly req: number; readonly op: string; readonly by?: string; readonly ino: number; readonly fh?: number;
      readonly off?: number; readonly len?: number; readonly size?: number; readonly pflags?: number; readonly cached?: number; readonly kill?: number; readonly data?: string;
      readonly minor?: number; readonly offered?: string;
    }
  | { readonly e: 'opened'; readonly req: number; readonly by?: string; readonly ino: number; readonly fh: number; readonly flags: number }
  | { readonly e: 'reply'; readonly req: number; readonly error?: string; readonly flags?: string }
  | { readonly e: 'unanswered'; readonly req: number; readonly error: string }
  | { readonly e: 'released'; readonly step: number; readonly count: number }
  | { readonly e: 'born' | 'gone'; readonly step: number; readonly who: string }
  | { readonly e: 'killed'; readonly step: number; readonly who: string; readonly signal: string }
  | { readonly e: 'content'; readonly step: number; readonly data?: string }
  | { readonly e: 'backing' | 'invalidated'; readonly step: number; readonly ret: number; readonly errno?: string }
  | { readonly e: 'dropped' | 'aborted' | 'dead'; readonly step: number }
  | { readonly e: 'leftover'; readonly what: string; readonly error: string }
  | { readonly e: 'trouble'; readonly what: string; readonly error: string }
  | { readonly e: 'end'; readonly stuck: number }
);

export interface Trace {
  readonly events: readonly TraceEvent[];
  /** The first thing that is not as the stage writes it: a broken line, a number that is missing. Undefined for a sound trace. */
  readonly damage?: string;
}

const texts = new Set(['e', 'release', 'text', 'rodata', 'bss', 'who', 'call', 'errno', 'signal', 'data', 'state', 'in', 'stack', 'op', 'by', 'offered', 'error', 'flags', 'what']);
const numbers = new Set(['n', 't', 'step', 'off', 'len', 'ret', 'ns', 'req', 'ino', 'fh', 'size', 'pflags', 'cached', 'kill', 'minor', 'count', 'stuck', 'flags', 'at', 'within', 'us']);
const required: Readonly<Record<TraceEvent['e'], readonly string[]>> = {
  hello: ['release'], module: [], log: ['at', 'within', 'us'], begin: [], strike: [], step: ['step'], rest: ['step'], restless: ['step'],
  call: ['step', 'who', 'call', 'off', 'len'], return: ['step', 'who', 'call', 'ret'],
  sleep: ['step', 'who', 'in', 'stack'], died: ['step', 'who', 'in', 'stack'], stuck: ['step', 'who', 'in', 'stack'],
  arrive: ['req', 'op', 'ino'], opened: ['req', 'ino', 'fh', 'flags'], reply: ['req'], unanswered: ['req', 'error'],
  born: ['step', 'who'], gone: ['step', 'who'], killed: ['step', 'who', 'signal'], content: ['step'], backing: ['step', 'ret'],
  invalidated: ['step', 'ret'], dropped: ['step'], aborted: ['step'], dead: ['step'],
  released: ['step', 'count'], leftover: ['what', 'error'], trouble: ['what', 'error'], end: ['stuck'],
};
const longestShown = 80;

/** Reads a trace up to its first damage. A guest is not trusted: whatever its text, this returns and what it returns is well-formed. */
export function parseTrace(text: string): Trace {
  const events: TraceEvent[] = [];
  const lines = text.split('\n');
  const unfinished = lines.pop();
  for (const line of lines) {
    const event = parseLine(line);
    const last = events.at(-1);
    if (!event) return { events, damage: `line ${events.length + 1} is no event: ${line.slice(0, longestShown)}` };
    if (last && event.n !== last.n + 1) return { events, damage: `line ${event.n} follows line ${last.n}` };
    events.push(event);
  }
  if (unfinished !== '') return { events, damage: `line ${events.length + 1} ends in the middle: ${(unfinished ?? '').slice(0, longestShown)}` };
  return { events };
}

function parseLine(line: string): TraceEvent | undefined {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return undefined;
  }
  if (typeof value !== 'object' || value === null) return undefined;
  const fields = value as Readonly<Record<string, unknown>>;
  const kind = fields['e'];
  if (typeof kind !== 'string' || !Object.hasOwn(required, kind)) return undefined;
  const keys = required[kind as TraceEvent['e']];
  if (!['n', 't', ...keys].every((key) => key in fields)) return undefined;
  for (const [key, field] of Object.entries(fields)) {
    const text = key === 'flags' ? kind === 'reply' : texts.has(key);
    if (text ? typeof field !== 'string' : !numbers.has(key) || !Number.isSafeInteger(field)) return undefined;
  }
  return value as TraceEvent;
}
