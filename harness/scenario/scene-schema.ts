import { z } from 'zod';
import { size } from '../host/units.ts';
import { checkMeasure } from './check-measure.ts';
import { checkNames } from './check-names.ts';
import { checkSessions } from './check-sessions.ts';
import { checkTurns } from './check-turns.ts';
import { fileBytes, letter, name, noted } from './field-schemas.ts';
import { initFlagList, openFlagSet } from './flag-sets.ts';
import { capabilities } from './fuse-names.ts';
import { entrySchema, reservedWords } from './step-schema.ts';

/** What the stage has room for: MAX_FILES, MAX_ACTORS and MAX_STEPS in guests/stage/program.h. */
const most = { files: 16, actors: 24, steps: 512 } as const;
/** What the kernel raises a smaller max_write to (fs/fuse/inode.c, process_init_reply()), and the stage's MAX_IO_BYTES. */
const maxWrite = size.refine((bytes) => bytes >= 4096 && bytes <= 1024 * 1024, { error: 'expected 4K to 1M' });
const fewerThan = (kind: 'files' | 'actors'): ((map: object) => boolean) => (map) => Object.keys(map).length <= most[kind];
const actorName = name.refine((text) => !reservedWords.has(text), { error: (issue) => `an actor cannot be called ${String(issue.input)}, which means something else in a step` });
const need = z.enum(Object.keys(capabilities), { error: `expected a capability: ${Object.keys(capabilities).join(', ')}` });
const ruleId = z.string().regex(/^[a-z0-9-]+(\.[a-z0-9-]+)*$/, { error: 'expected the id of a rule, such as mmap.allow' });
const yes = z.literal(true, { error: 'expected true, or no such key' });

/** The fields of a file; a directory has neither size nor fill, and what is absent is empty when it is made. */
export const fileShape = {
  size: noted(fileBytes, 'size, at most 4M', 'its size (default: 64K)').optional(),
  fill: noted(letter, 'letter', 'what it is full of (default: a)').optional(),
  open: noted(openFlagSet, 'list of FOPEN flags or bit masks', "what each open is answered").default(0),
  directory: noted(yes, 'true', 'it is a directory, without size and fill').optional(),
  absent: noted(yes, 'true', 'not there until somebody opens it with CREAT; empty then').optional(),
};

/** The fields of an actor. */
export const actorShape = {
  process: noted(name, 'name', 'actors of one process are its threads, and share its open files and mappings (default: one of its own)').optional(),
  forked: noted(yes, 'true', "it begins to live when a `fork` makes it, with the parent's open files and mappings").optional(),
};

/** The fields of `server`. */
export const serverShape = {
  init: noted(initFlagList, 'list of INIT flags', 'what to negotiate; where the kernel does not offer one, the scene is skipped').default([]),
  max_write: noted(maxWrite, 'size, 4K to 1M', 'the largest WRITE').default(1024 * 1024),
  max_pages: noted(z.number().int().min(1).max(256), 'number, 1 to 256', 'the most pages of one request (default: as many as `max_write` needs)').optional(),
  delay_us: noted(z.number().int().min(0).max(100_000), 'number, 0 to 100000', 'microseconds of virtual time that a READ or WRITE is at the server at least before it is answered; up to the next tick, of 4 ms').default(0),
  stack_depth: noted(z.number().int().min(0).max(15), 'number, 0 to 15', 'max_stack_depth of the INIT answer, which passthrough needs (default: 1)').default(1),
  extended: noted(z.boolean(), 'true or false', 'whether INIT is answered with FUSE_INIT_EXT; without it flags from bit 32 on do not count').default(true),
};

const file = z.strictObject(fileShape)
  .refine((given) => given.directory !== true || (given.size === undefined && given.fill === undefined && given.absent === undefined), { error: 'a directory has no size, no fill, and is never absent' })
  .refine((given) => given.absent !== true || given.size === undefined, { error: 'an absent file has no size: it is empty when it is made' });
const actor = z.strictObject(actorShape)
  .refine((given) => given.forked === undefined || given.process === undefined, { error: "a forked actor is the only thread of a process of its own, so it has no 'process'" });

/** The fields of `measure`. */
export const measureShape = {
  modes: noted(
    z.record(name, openFlagSet).refine((modes) => Object.keys(modes).length > 0, { error: 'expected one mode at least' }),
    'map of name to list of FOPEN flags', 'the io modes to play the steps in: what opens of the files are answered',
  ),
  writers: noted(
    z.array(z.number().int().min(1).max(8)).min(1), 'list of numbers, 1 to 8',
    'how many actors do at once what the actor `w` does, each at a place of its own; the time is from the first call to the last return',
  ).optional(),
  repeat: noted(z.number().int().min(1).max(20), 'number, 1 to 20', 'how often the steps are played in each mode').default(5),
};

/** The keys of a scene's file. */
export const sceneShape = {
  protects: noted(z.string().min(10, { error: 'expected a sentence: what the kernel must do, and what goes wrong when it does not' }), 'text', 'a sentence: what the kernel must do, and what goes wrong when it does not'),
  source: noted(z.string(), 'text', 'where that is said: kernel function, commit, man page'),
  covers: noted(z.array(ruleId), 'list of rule ids', 'the rules of harness/model/rules.ts that it protects').default([]),
  needs: noted(z.array(need), `list of ${Object.keys(capabilities).join(' ')}`, 'capabilities without which it is skipped').default([]),
  server: noted(z.strictObject(serverShape).prefault({}), 'map', 'what the server negotiates').prefault({}),
  files: noted(z.record(name, file).refine(fewerThan('files'), { error: `expected at most ${most.files} files` }), 'map of name to map, at most 16', 'what is below the mount point'),
  actors: noted(z.record(actorName, actor.nullable()).refine(fewerThan('actors'), { error: `expected at most ${most.actors} actors` }), 'map of name to nothing or map, at most 24', 'who acts'),
  steps: noted(
    z.array(entrySchema).min(1).max(most.steps)
      .refine((entries) => entries.reduce((sum, entry) => sum + entry.steps.length, 0) <= most.steps, { error: `expected at most ${most.steps} steps, those of parallel blocks among them` }),
    'list of steps, at most 512', 'what happens, one after the other',
  ),
  sessions: noted(
    z.record(name, z.array(entrySchema).min(1).max(most.steps)), 'map of name to list of steps',
    'steps that follow in every order that makes a difference: the order inside a session stays, each order has fresh files and comes after all of `steps`, and the model says what every step comes to',
  ).optional(),
  measure: noted(
    z.strictObject(measureShape), 'map', 'the steps are timed: played again and again on files of their own in each mode; the model says what every step comes to',
  ).optional(),
};

export const sceneSchema = z.strictObject(sceneShape).superRefine(checkNames).superRefine(checkTurns).superRefine(checkSessions).superRefine(checkMeasure);

export type RawScene = z.infer<typeof sceneSchema>;
