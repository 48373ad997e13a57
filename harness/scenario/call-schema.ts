import { z } from 'zod';
import { explainIssue } from '../host/explain-issue.ts';
import type { CallWord } from './call-word.ts';
import { fileCalls } from './file-calls.ts';
import { memoryCalls } from './memory-calls.ts';
import { nameMissing } from './name-missing.ts';
import { transferCalls } from './transfer-calls.ts';
import type { Call } from './types.ts';

/** Every call by its word, which is its first key; each schema is strict, so a key that the call does not take is refused. */
export const callWords: Readonly<Record<string, CallWord>> = { ...fileCalls, ...transferCalls, ...memoryCalls };

/** Calls without an operand may stand alone, as `reap`. */
const alone: ReadonlySet<string> = new Set(['reap', 'exit']);

/** One call of an actor: `{pread: f, bytes: 4K}`, or `reap`. */
export const callSchema = z.preprocess(
  (given) => (typeof given === 'string' && alone.has(given) ? { [given]: null } : given),
  z.record(z.string(), z.unknown()).transform((given, context): Call => {
    const kind = Object.keys(given).find((key) => Object.hasOwn(callWords, key));
    const word = kind === undefined ? undefined : callWords[kind];
    if (!word) {
      context.issues.push({ code: 'custom', input: given, path: [], message: `expected a call: ${Object.keys(callWords).join(', ')}` });
      return z.NEVER;
    }
    const parsed = word.schema.safeParse(given, { error: explainIssue });
    if (parsed.success) return parsed.data;
    for (const issue of parsed.error.issues) context.issues.push(nameMissing(issue, given) as never);
    return z.NEVER;
  }),
);
