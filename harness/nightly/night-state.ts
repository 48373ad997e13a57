import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { DioramaError } from '../errors.ts';
import { writeWhole } from '../results/run-directory.ts';

const blame = z.enum(['usage', 'series', 'kernel', 'scene', 'machine', 'interrupt']);

/** What a watched kernel was found to be when the night began. */
const resolved = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('found'),
    /** How it is watched; when that was edited during a night, the kernel is looked up again. */
    watch: z.string(),
    /** Changes whenever the kernel does: a commit or a tree. */
    identity: z.string(),
    /** For the run, e.g. `git:PATH@COMMIT`. */
    spec: z.string(),
    label: z.string(),
    commit: z.string().optional(),
  }),
  /** `absent`: there is no such kernel at present, which is nobody's fault. */
  z.object({ kind: z.literal('absent'), watch: z.string(), message: z.string() }),
  z.object({ kind: z.literal('trouble'), watch: z.string(), blame, code: z.string(), message: z.string(), details: z.array(z.string()) }),
]);

const sceneNote = z.object({ scene: z.string(), was: z.string().optional(), is: z.string(), reason: z.string() });

/** What became of an entry since the last night that played it. */
const change = z.object({
  /** Run of the night that it was compared with; without one there was none. */
  baseline: z.string().optional(),
  scenes: z.number(),
  regressions: z.array(sceneNote),
  fixed: z.array(sceneNote),
  still: z.array(sceneNote),
  unjudged: z.array(sceneNote),
});

const commitNote = z.object({ id: z.string(), subject: z.string(), author: z.string() });

/** The commits that came since the last night that played an entry. */
const commitRange = z.object({
  from: z.string(), to: z.string(),
  /** `rebased`: the older is no ancestor of the newer, and what is listed came since they parted. */
  relation: z.enum(['ahead', 'rebased', 'unknown']),
  count: z.number(),
  /** How many of them touch FUSE. */
  fuse: z.number(),
  /** Those that touch FUSE first; not more than fit on a screen. */
  commits: z.array(commitNote),
  /** What bisect said, scene by scene. */
  bisected: z.array(z.object({ scene: z.string(), commit: commitNote.optional(), said: z.string() })).optional(),
});

const played = z.object({
  kind: z.literal('played'),
  at: z.string(), ms: z.number(),
  /** The run's directory, and its report where there is one, below the results. */
  run: z.string(), report: z.string().optional(),
  change, commits: commitRange.optional(),
  /** Why it could not be played the last time, where that is over. */
  mended: z.string().optional(),
});

const failed = z.object({
  kind: z.literal('failed'),
  at: z.string(), ms: z.number(),
  why: z.string(), blame, message: z.string(), details: z.array(z.string()),
  /** That it was so the last night too. */
  again: z.boolean(),
  run: z.string().optional(), report: z.string().optional(), commits: commitRange.optional(),
});

const cell = z.discriminatedUnion('kind', [
  played, failed,
  z.object({ kind: z.literal('unplayed'), why: z.enum(['budget', 'absent']), message: z.string() }),
  /** Nothing that it depends on has changed since the night `since`. */
  z.object({ kind: z.literal('unchanged'), since: z.string(), last: z.discriminatedUnion('kind', [played, failed]) }),
]);

const night = z.object({
  id: z.string(), status: z.enum(['running', 'done']), started: z.string(), ended: z.string().optional(),
  budgetMs: z.number(),
  /** Wall time that its entries took, whatever lay between. */
  spentMs: z.number(),
  columns: z.array(z.string()),
  kernels: z.record(z.string(), resolved),
  cells: z.record(z.string(), cell),
});

/** What is remembered of an entry from night to night. */
const memory = z.object({
  /** The night that last came to an end with it, what it then depended on, and what it came to. */
  night: z.string().optional(), fingerprint: z.string().optional(), last: z.discriminatedUnion('kind', [played, failed]).optional(),
  /** The last run that played everything: what the next one is compared with. */
  baseline: z.object({ run: z.string(), commit: z.string().optional() }).optional(),
  lastMs: z.number().optional(),
  /** The budget ended before its turn: it is first the next night. */
  carried: z.boolean().optional(),
});

const stateSchema = z.object({ format: z.literal('diorama nightly 1'), nights: z.array(night), entries: z.record(z.string(), memory) });

export type Resolved = z.infer<typeof resolved>;
export type SceneNote = z.infer<typeof sceneNote>;
export type NightChange = z.infer<typeof change>;
export type CommitRange = z.infer<typeof commitRange>;
export type PlayedCell = z.infer<typeof played>;
export type FailedCell = z.infer<typeof failed>;
export type Cell = z.infer<typeof cell>;
export type Night = z.infer<typeof night>;
export type Memory = z.infer<typeof memory>;
export type NightlyState = z.infer<typeof stateSchema>;

export const firstState: NightlyState = { format: 'diorama nightly 1', nights: [], entries: {} };

/**
 * Reads `state.json` of a nightly's results; none is the beginning.
 * @throws DioramaError `bad-file` (usage) when it is not one: to begin anew would forget every baseline
 */
export async function readNightlyState(results: string): Promise<NightlyState> {
  const file = join(results, 'state.json');
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw new DioramaError({ blame: 'machine', code: 'program-failed', message: `${file}: cannot be read: ${error.message}` });
  });
  if (text === undefined) return firstState;
  try {
    return stateSchema.parse(JSON.parse(text));
  } catch (error) {
    throw new DioramaError({
      blame: 'usage', code: 'bad-file', message: `${file}: not the state of this diorama's nightly`, cause: error,
      next: 'move the directory away to begin anew, without a night to compare with',
    });
  }
}

/** Writes it whole or not at all. */
export function writeNightlyState(results: string, state: NightlyState): Promise<void> {
  return writeWhole(join(results, 'state.json'), `${JSON.stringify(state, null, 1)}\n`);
}
