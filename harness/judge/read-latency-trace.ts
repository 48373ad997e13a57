import { z } from 'zod';

const count = z.number().int().nonnegative();

const cell = z.object({
  e: z.literal('latency'), mode: z.enum(['alone', 'mapped']), writers: count, delay_us: count, op: z.string().regex(/^[a-z]{1,16}$/), window_ns: z.number().int().positive(),
  done: count, counts: z.string(),
});

const line = z.discriminatedUnion('e', [
  z.object({ e: z.literal('hello'), release: z.string() }),
  z.object({ e: z.literal('trouble'), what: z.string(), error: z.string() }),
  z.object({ e: z.literal('missing'), what: z.string() }),
  z.object({ e: z.literal('more'), counts: z.string() }),
  z.object({ e: z.literal('end') }),
  cell,
]);

/** One operation under one load, as a boot measured it. */
export interface LatencyCell {
  readonly operation: string;
  /** `mapped`: somebody maps the file again and again meanwhile. */
  readonly mode: 'alone' | 'mapped';
  readonly writers: number;
  /** How long the server keeps each READ and WRITE, in microseconds. */
  readonly delayUs: number;
  readonly windowNs: number;
  /** How many ended within the window. */
  readonly done: number;
  /** Durations in nanoseconds and how often each came up, of all calls that the window saw. */
  readonly counts: readonly (readonly [number, number])[];
}

/** The trace of a boot that measured (guests/latency/init.c), as far as it goes. */
export interface LatencyTrace {
  readonly cells: readonly LatencyCell[];
  /** What the kernel lacks, for which nobody mapped. */
  readonly missing?: string;
  readonly trouble?: { readonly what: string; readonly error: string };
  /** Its last line has come. */
  readonly whole: boolean;
  /** The first line that no measurement writes. */
  readonly damage?: string;
}

const longestShown = 80;

/** Reads a trace up to its first damage. A guest is not trusted: whatever its text, this returns and what it returns is well-formed. */
export function readLatencyTrace(text: string): LatencyTrace {
  const cells: (LatencyCell & { counts: (readonly [number, number])[] })[] = [];
  let found: Omit<LatencyTrace, 'cells' | 'whole'> = {};
  let whole = false;
  for (const [index, raw] of text.split('\n').entries()) {
    if (raw === '') continue;
    const read = line.safeParse(parsed(raw));
    const counts = read.success && 'counts' in read.data ? readCounts(read.data.counts) : [];
    if (!read.success || !counts || (read.data.e === 'more' && cells.length === 0)) {
      found = { ...found, damage: `line ${index + 1} is no event: ${raw.slice(0, longestShown)}` };
      break;
    }
    const event = read.data;
    if (event.e === 'latency') {
      cells.push({ operation: event.op, mode: event.mode, writers: event.writers, delayUs: event.delay_us, windowNs: event.window_ns, done: event.done, counts });
    }
    if (event.e === 'more') cells.at(-1)?.counts.push(...counts);
    if (event.e === 'missing') found = { ...found, missing: event.what };
    if (event.e === 'trouble') found = { ...found, trouble: { what: event.what, error: event.error } };
    if (event.e === 'end') whole = true;
  }
  return { ...found, cells, whole };
}

/** `18432*3 18688*7`; undefined where it is not that. */
function readCounts(text: string): (readonly [number, number])[] | undefined {
  if (text === '') return [];
  const pairs = text.split(' ').map((pair) => /^(\d{1,12})\*([1-9]\d{0,9})$/.exec(pair));
  return pairs.every((pair) => pair !== null) ? pairs.map(([, ns, times]): readonly [number, number] => [Number(ns), Number(times)]) : undefined;
}

function parsed(raw: string): unknown {
  try {
    return JSON.parse(raw);
  } catch {
    return undefined;
  }
}
