import { parseTrace, type TraceEvent } from './parse-trace.ts';

/** The first line in which two traces, or two consoles, of one scene are not the same to the byte. */
export interface FirstDifference {
  /** From 1. */
  readonly line: number;
  /** The two lines; undefined where that text had ended. */
  readonly one: string | undefined;
  readonly other: string | undefined;
  /** The step that was under way, from 1; undefined before the first, and in a console. */
  readonly step: number | undefined;
  /** `time`: the same event, at another time or with another duration; `event`: another event; `end`: one has ended there. */
  readonly what: 'time' | 'event' | 'end';
}

/** Undefined when the two are the same to the byte. */
export function firstDifference(one: string, other: string): FirstDifference | undefined {
  if (one === other) return undefined;
  const [left, right] = [linesOf(one), linesOf(other)];
  const at = left.findIndex((line, index) => line !== right[index]);
  const index = at < 0 ? left.length : at;
  const [first, second] = [left[index], right[index]];
  const before = left.slice(0, index).findLast((line) => line.includes('"e":"step"'));
  const begun = before === undefined ? undefined : eventOf(before);
  return {
    line: index + 1, one: first, other: second,
    step: begun?.e === 'step' ? begun.step : undefined,
    what: first === undefined || second === undefined ? 'end' : sameButForTime(first, second) ? 'time' : 'event',
  };
}

/** The event that a line of a trace tells; undefined where it tells none. */
export function eventOf(line: string): TraceEvent | undefined {
  return parseTrace(`${line}\n`).events[0];
}

/** What a text ends with after its last line break is a line only when something is there. */
function linesOf(text: string): string[] {
  const lines = text.split('\n');
  if (lines.at(-1) === '') lines.pop();
  return lines;
}

function sameButForTime(one: string, other: string): boolean {
  const [first, second] = [eventOf(one), eventOf(other)];
  return first !== undefined && second !== undefined && JSON.stringify({ ...first, t: 0, ns: 0 }) === JSON.stringify({ ...second, t: 0, ns: 0 });
}
