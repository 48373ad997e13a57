import { closeSync, openSync, writeSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { EngineEvent } from '../events.ts';
import { jsonLine } from '../json-line.ts';
import type { RunRecord } from './run-record.ts';

/** What `events.jsonl` has: what the engine said, and how the run began and ended. */
export type LoggedEvent =
  | EngineEvent
  | { readonly kind: 'run-start'; readonly run: string; readonly command: readonly string[] }
  | { readonly kind: 'run-end'; readonly run: string; readonly status: RunRecord['status']; readonly summary?: string; readonly error?: RunRecord['error']; readonly exitCode?: number };

export interface EventLog {
  readonly emit: (event: EngineEvent) => void;
  /** The run has a directory now: what was said before goes there too. */
  began(run: { readonly dir: string; readonly record: RunRecord }): void;
  /** The last line; nothing is written after it. */
  ended(record: RunRecord): void;
}

const fileName = 'events.jsonl';

/**
 * Appends each event to `events.jsonl` of a run as it comes, one JSON document a line with the time of the host, and gives each line to `line`.
 * A file that cannot be written is left as it is: the record, which is written to the same disk, says so.
 */
export function makeEventLog(line?: (text: string) => void): EventLog {
  const early: string[] = [];
  let file: number | undefined;
  let begun = false;
  let over = false;
  const write = (text: string): void => {
    if (file !== undefined) file = append(file, text);
    else if (!begun) early.push(text);
  };
  const log = (event: LoggedEvent): void => {
    if (over) return;
    const text = `${jsonLine({ time: new Date().toISOString(), ...event })}\n`;
    line?.(text);
    write(text);
  };
  return {
    emit: log,
    began: ({ dir, record }) => {
      begun = true;
      try {
        file = openSync(join(dir, fileName), 'a');
      } catch {
        file = undefined;
      }
      for (const text of early.splice(0)) write(text);
      log({ kind: 'run-start', run: record.id, command: record.command });
    },
    ended: (record) => {
      const { id, status, summary, error, exitCode } = record;
      log({
        kind: 'run-end', run: id, status,
        ...(summary === undefined ? {} : { summary }), ...(error === undefined ? {} : { error }), ...(exitCode === undefined ? {} : { exitCode }),
      });
      over = true;
      if (file !== undefined) closeSync(file);
      file = undefined;
    },
  };
}

/** @returns the file, or nothing when it cannot be written any more */
function append(file: number, text: string): number | undefined {
  try {
    writeSync(file, text);
    return file;
  } catch {
    closeSync(file);
    return undefined;
  }
}

export interface StoredEvent {
  readonly time: string;
  readonly event: LoggedEvent;
  /** As it is in the file. */
  readonly line: string;
}

/** The events of a run, in their order. The last line of a run that was killed may be torn: what is no JSON is left out. */
export async function readEvents(dir: string): Promise<StoredEvent[]> {
  const text = await readFile(join(dir, fileName), 'utf8').catch(() => '');
  return text.split('\n').flatMap((line) => {
    const event = parse(line);
    return event ? [{ time: event.time, event, line: jsonLine(event) }] : [];
  });
}

function parse(line: string): (LoggedEvent & { readonly time: string }) | undefined {
  try {
    const found = JSON.parse(line) as unknown;
    if (typeof found !== 'object' || found === null || !('kind' in found) || !('time' in found)) return undefined;
    return typeof found.kind === 'string' && typeof found.time === 'string' ? (found as LoggedEvent & { time: string }) : undefined;
  } catch {
    return undefined;
  }
}
