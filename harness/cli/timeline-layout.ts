import type { Moments } from '../timeline/moments.ts';

/** Where everything stands, in columns. */
export interface Layout {
  readonly columns: number;
  /** The step and the time, with the space after them. */
  readonly margin: number;
  /** Lanes from left to right; a lane's width includes the space after it. */
  readonly actors: readonly { readonly name: string; readonly width: number }[];
  /** The server's column where lanes have words, else 0. */
  readonly server: number;
  /** The column for everybody's words where lanes are too narrow for them, else 0. */
  readonly text: number;
}

const margin = 17;
const narrowest = 60;
const widest = 200;
/** A lane with words has room for `┌ pwrite of 4K at 64K`. */
const leastLane = 22;
const mostLane = 48;
const leastServer = 28;
const mostServer = 46;

/**
 * Lanes with their own words where the terminal has room for that; else lanes of a bar each, and one column for the words of all.
 */
export function fitLanes({ actors, moments }: Pick<Moments, 'actors' | 'moments'>, terminal: number): Layout {
  const columns = Math.min(widest, Math.max(narrowest, terminal));
  const wanted = new Map(actors.map((name) => [name, Math.max(name.length + 2, 8)]));
  let server = 8;
  for (const moment of moments) {
    if (moment.kind === 'actor') wanted.set(moment.who, Math.max(wanted.get(moment.who) ?? 0, moment.text.length + 4));
    if (moment.kind === 'server' || moment.kind === 'order') server = Math.max(server, moment.text.length);
  }
  const lanes = actors.map((name) => ({ name, width: Math.min(mostLane, wanted.get(name) ?? 0) }));
  server = Math.min(mostServer, server);
  const room = columns - margin;
  const least = lanes.reduce((sum, { width }) => sum + Math.min(width, leastLane), 0) + Math.min(server, leastServer);
  if (least > room) return narrow(actors, columns);
  // What is missing is taken from the widest, a column at a time.
  let over = lanes.reduce((sum, { width }) => sum + width, 0) + server - room;
  for (; over > 0; over -= 1) {
    const largest = lanes.reduce((most, lane) => (lane.width > most.width ? lane : most), { name: '', width: 0 });
    if (server > leastServer && server >= largest.width) server -= 1;
    else largest.width -= 1;
  }
  return { columns, margin, actors: lanes, server, text: 0 };
}

function narrow(actors: readonly string[], columns: number): Layout {
  const widest = Math.max(2, Math.floor((columns - margin) / 3 / Math.max(1, actors.length)));
  const lanes = actors.map((name) => ({ name, width: Math.max(2, Math.min(widest, name.length + 1)) }));
  const used = lanes.reduce((sum, { width }) => sum + width, 0);
  return { columns, margin, actors: lanes, server: 0, text: Math.max(16, columns - margin - used - 10) };
}
