import { z } from 'zod';

const count = z.number().int().nonnegative();

/** What a stress has counted so far; times in microseconds. */
const tally = z.object({
  e: z.enum(['tally', 'end']), t: z.number(), seed: z.number(), max_write: count,
  judged: count, unjudged: count, torn: count, brought_back: count, met: count, exclusive: count, waits: count, evicted: count, kills: count, quiets: count,
}).catchall(z.union([z.number(), z.string()]));

const last = z.object({
  e: z.literal('last'), who: z.string(), call: z.string(), mode: z.string().optional(), off: z.number(), len: z.number(), at: z.number(), took: z.number().optional(), ret: z.number().optional(),
});

const where = z.object({ e: z.literal('where'), who: z.string(), call: z.string(), state: z.string(), in: z.string(), stack: z.string() });

const line = z.discriminatedUnion('e', [
  z.object({ e: z.enum(['ready', 'begin']) }),
  z.object({ e: z.literal('hello'), release: z.string() }),
  z.object({ e: z.literal('trouble'), what: z.string(), error: z.string() }),
  z.object({ e: z.literal('fail'), reason: z.string() }),
  z.object({ e: z.literal('brought-back'), reason: z.string() }),
  z.object({ e: z.literal('skip'), missing: z.string() }),
  tally, last, where,
]);

export type StressTally = z.infer<typeof tally>;
export type StressEvent = z.infer<typeof last>;
export type StressPlace = z.infer<typeof where>;

/** The trace of a stress (guests/stress/report.c), as far as it goes. */
export interface StressTrace {
  /** The newest. */
  readonly tally?: StressTally;
  readonly failure?: string;
  /** What was read first that a write through the page cache had replaced whose pages were dropped meanwhile. */
  readonly broughtBack?: string;
  /** What the kernel lacks. */
  readonly missing?: string;
  readonly trouble?: { readonly what: string; readonly error: string };
  /** The last calls of every actor, where something failed, and where those are that have not returned. */
  readonly events: readonly StressEvent[];
  readonly places: readonly StressPlace[];
  /** Its last line has come. */
  readonly whole: boolean;
  /** The first line that no stress writes. */
  readonly damage?: string;
}

const longestShown = 80;

/** Reads a trace up to its first damage. A guest is not trusted: whatever its text, this returns and what it returns is well-formed. */
export function readStressTrace(text: string): StressTrace {
  const events: StressEvent[] = [];
  const places: StressPlace[] = [];
  let found: Omit<StressTrace, 'events' | 'places' | 'whole'> = {};
  let whole = false;
  for (const [index, raw] of text.split('\n').entries()) {
    if (raw === '') continue;
    const read = line.safeParse(parsed(raw));
    if (!read.success) {
      found = { ...found, damage: `line ${index + 1} is no event: ${raw.slice(0, longestShown)}` };
      break;
    }
    const event = read.data;
    if (event.e === 'tally' || event.e === 'end') found = { ...found, tally: event };
    if (event.e === 'end' || event.e === 'skip') whole = true;
    if (event.e === 'fail') found = { ...found, failure: event.reason };
    if (event.e === 'brought-back') found = { ...found, broughtBack: event.reason };
    if (event.e === 'skip') found = { ...found, missing: event.missing };
    if (event.e === 'trouble') found = { ...found, trouble: event };
    if (event.e === 'last') events.push(event);
    if (event.e === 'where') places.push(event);
  }
  return { ...found, events, places, whole };
}

function parsed(raw: string): unknown {
  try {
    return JSON.parse(raw);
  } catch {
    return undefined;
  }
}
