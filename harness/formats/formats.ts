import { DioramaError } from '../errors.ts';
import type { RunFacts } from './run-facts.ts';
import { writeJunit } from './write-junit.ts';
import { writeKcidb } from './write-kcidb.ts';
import { writeKtap } from './write-ktap.ts';
import { writeMail } from './write-mail.ts';
import { writeTap } from './write-tap.ts';

/** What other machines, and a mailing list, are told of a run. Each is a function of the run's facts alone. */
export const formats = {
  tap: { title: 'TAP 14', write: writeTap },
  ktap: { title: 'KTAP 1', write: writeKtap },
  junit: { title: 'JUnit XML', write: writeJunit },
  kcidb: { title: 'KCIDB v5.3 JSON', write: writeKcidb },
  jsonl: { title: 'JSON Lines of events', write: writeEvents },
  mail: { title: 'plain text for a mailing list', write: writeMail },
} as const satisfies Readonly<Record<string, { readonly title: string; readonly write: (facts: RunFacts) => string }>>;

export type FormatName = keyof typeof formats;

export const formatNames = Object.keys(formats) as FormatName[];

/** @throws DioramaError `bad-file` for a run that kept no events: it was made before there were any */
function writeEvents({ events, record }: RunFacts): string {
  if (events.length === 0) throw new DioramaError({ blame: 'usage', code: 'bad-file', message: `run ${record.id} has no events.jsonl to show` });
  return `${events.join('\n')}\n`;
}
