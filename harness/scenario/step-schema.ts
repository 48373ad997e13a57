import { z } from 'zod';
import { explainIssue } from '../host/explain-issue.ts';
import { actionWords } from './action-schema.ts';
import { callSchema } from './call-schema.ts';
import { notes, opcodes } from './fuse-names.ts';
import { nameMissing } from './name-missing.ts';
import { choicesOf, outcome } from './outcome-schema.ts';
import type { Call, Outcome, ServerAction } from './types.ts';

/** A step before the scene's own names are known: whoever acts, what, and what must come of that itself. */
export interface RawStep {
  readonly actor?: string;
  readonly call?: Call;
  readonly action?: ServerAction;
  readonly expect?: Outcome;
}

/** An entry of `steps`: one step, or those of a `parallel` block, and what must have come of others when nothing moves any more. */
export interface RawEntry {
  readonly parallel: boolean;
  readonly steps: readonly RawStep[];
  readonly then: ReadonlyMap<string, Outcome>;
  readonly arrives?: ReadonlyMap<string, number>;
}

const ofEntry: readonly string[] = ['then', 'arrives'];
const besides = new Set(['expect', ...ofEntry, 'note']);

/** What may stand beside the subject of a step, for the reference. */
export const besideForms: readonly (readonly [string, string, string])[] = [
  ['expect', 'outcome', "what the actor's own call came to when nothing moves any more (default: `returns`), or what an action came to itself"],
  ['then', 'map of actor to outcome', 'what came of others; whoever is not named must stand as before'],
  ['arrives', 'map of opcode to number', 'so many requests came to the server since the last rest; an opcode that is not named is not counted'],
  ['note', 'text', 'for who reads the scene'],
];

/** What a step may say beside an actor's name, so that no actor can have it for its own. */
export const reservedWords: ReadonlySet<string> = new Set([...besides, 'parallel', ...Object.keys(actionWords)]);

const countable = [...Object.keys(opcodes), ...notes];
const opcodeToCount = z.string().refine((text) => countable.includes(text), { error: `expected an opcode: ${countable.join(', ')}` });
const counts = z.record(opcodeToCount, z.number().int().min(0));

/**
 * One entry: `{w1: {pwrite: f, bytes: 4K, fill: A}, expect: held, then: {m: returns}}`, `{release: w1, then: {…}}`, or
 * `{parallel: [STEP, …], then: {…}}`. Beside `expect`, `then`, `arrives` and `note` there is one key: an action's word, an actor's
 * name, or `parallel`.
 */
export const entrySchema = z.record(z.string(), z.unknown()).transform((given, context): RawEntry => {
  const sub = partReader(context);
  const subject = subjectOf(given, context, ['parallel', ...Object.keys(actionWords)]);
  if (subject === undefined) return z.NEVER;
  const then = new Map(Object.entries(sub(z.record(z.string(), outcome), given['then'] ?? {}, 'then') ?? {}));
  const arrives = given['arrives'] === undefined ? undefined : sub(counts, given['arrives'], 'arrives');
  if (given['note'] !== undefined) sub(z.string(), given['note'], 'note');
  const rest = { then, ...(arrives === undefined ? {} : { arrives: new Map(Object.entries(arrives)) }) };
  if (subject !== 'parallel') return { parallel: false, steps: [stepOf(given, subject, context)], ...rest };
  if (given['expect'] !== undefined) wrongKey(context, given, { key: 'expect', message: "a parallel block has 'then', and its steps have 'expect'" });
  const steps = sub(z.array(innerSchema).min(2), given['parallel'], 'parallel') ?? [];
  return { parallel: true, steps, ...rest };
});

const innerSchema = z.record(z.string(), z.unknown()).transform((given, context): RawStep => {
  const misplaced = ofEntry.find((key) => Object.hasOwn(given, key));
  if (misplaced !== undefined) wrongKey(context, given, { key: misplaced, message: `'${misplaced}' stands beside 'parallel', since nothing is at rest before the block is` });
  const subject = subjectOf(given, context, Object.keys(actionWords));
  if (subject === 'parallel') wrongKey(context, given, { key: subject, message: 'a parallel block has no block in it' });
  return subject === undefined || subject === 'parallel' ? z.NEVER : stepOf(given, subject, context);
});

type Given = Readonly<Record<string, unknown>>;
type Context = z.core.$RefinementCtx<unknown>;

/** Reads parts of a step, each with its own schema; what is wrong with a part is told with its place in the step. */
function partReader(context: Context): <T>(schema: z.ZodType<T>, value: unknown, ...path: string[]) => T | undefined {
  return (schema, value, ...path) => {
    const parsed = schema.safeParse(value, { error: explainIssue });
    if (parsed.success) return parsed.data;
    for (const issue of parsed.error.issues.map((one) => nameMissing(one, value))) context.issues.push({ ...issue, path: [...path, ...issue.path] } as never);
    return undefined;
  };
}

function wrongKey(context: Context, given: Given, what: { readonly key?: string; readonly message: string }): void {
  context.issues.push({ code: 'custom', input: given, path: [], message: what.message, ...(what.key === undefined ? {} : { params: { key: what.key } }) });
}

/** The one key of a step that is not beside it. */
function subjectOf(given: Given, context: Context, words: readonly string[]): string | undefined {
  const subjects = Object.keys(given).filter((key) => !besides.has(key));
  const [subject, second] = subjects;
  if (subject !== undefined && second === undefined) return subject;
  wrongKey(context, given, {
    message: `expected one of ${words.join(', ')} or one actor, beside expect, then, arrives and note; found ${subjects.join(', ') || 'none'}`,
    ...(second === undefined ? {} : { key: second }),
  });
  return undefined;
}

function stepOf(given: Given, subject: string, context: Context): RawStep {
  const sub = partReader(context);
  const word = Object.hasOwn(actionWords, subject) ? actionWords[subject] : undefined;
  const says = given['expect'] !== undefined;
  if (!word) {
    const call = sub(callSchema, given[subject], subject);
    const expect = says ? sub(outcome, given['expect'], 'expect') : undefined;
    return { actor: subject, ...(call === undefined ? {} : { call }), ...(expect === undefined ? {} : { expect }) };
  }
  const action = sub(word.schema, given[subject], subject);
  if (says && !word.results) wrongKey(context, given, { key: 'expect', message: "a step of the server has 'then', which names who it frees, and no 'expect'" });
  if (!says && subject === 'content') wrongKey(context, given, { key: subject, message: "content looks at bytes, so it has an 'expect', such as {sees: A}" });
  const expect = says && word.results ? sub(resultSchema(subject, word.results), given['expect'], 'expect') : undefined;
  return { ...(action === undefined ? {} : { action }), ...(expect === undefined ? {} : { expect }) };
}

/** What an action itself may come to; only `content` sees bytes, and none waits at a place. */
function resultSchema(subject: string, kinds: readonly Outcome['kind'][]): z.ZodType<Outcome> {
  const fits = (one: Outcome): boolean => {
    if (one.kind === 'returns') return kinds.includes('returns') && (subject === 'content' || (one.sees === undefined && one.value === undefined));
    return kinds.includes(one.kind) && !(one.kind === 'waits' && one.where !== undefined);
  };
  const words = kinds.map((kind) => (kind === 'fails' ? '{fails: ERRNO}' : subject === 'content' ? '{sees: A} or {returns: 0}' : kind));
  return outcome.refine((given) => choicesOf(given).every(fits), { error: `expected what ${subject} comes to: ${words.join(', ')}` });
}
