import { z } from 'zod';
import { readYaml } from '../host/read-yaml.ts';
import { size } from '../host/units.ts';
import { fileBytes, letter, name } from './call-schema.ts';
import { checkNames } from './check-names.ts';
import { checkTurns } from './check-turns.ts';
import { initFlagList, openFlagSet } from './flag-sets.ts';
import { capabilities } from './fuse-names.ts';
import { reservedWords, stepSchema, type RawStep } from './step-schema.ts';
import type { Outcome, Scenario, Step } from './types.ts';

/** What the stage has room for: MAX_FILES, MAX_ACTORS and MAX_STEPS in guests/stage/program.h. */
const most = { files: 16, actors: 24, steps: 512 } as const;
/** What the kernel raises a smaller max_write to (fs/fuse/inode.c, process_init_reply()), and the stage's MAX_IO_BYTES. */
const maxWrite = size.refine((bytes) => bytes >= 4096 && bytes <= 1024 * 1024, { error: 'expected 4K to 1M' });
const fewerThan = (kind: 'files' | 'actors'): ((map: object) => boolean) => (map) => Object.keys(map).length <= most[kind];
const actorName = name.refine((text) => !reservedWords.has(text), { error: (issue) => `an actor cannot be called ${String(issue.input)}, which means something else in a step` });
const need = z.enum(Object.keys(capabilities), { error: `expected a capability: ${Object.keys(capabilities).join(', ')}` });

const sceneSchema = z.strictObject({
  protects: z.string().min(10, { error: 'expected a sentence: what the kernel must do, and what goes wrong when it does not' }),
  source: z.string(),
  needs: z.array(need).default([]),
  server: z.strictObject({ init: initFlagList.default([]), max_write: maxWrite.default(1024 * 1024) }).prefault({}),
  files: z.record(name, z.strictObject({ size: fileBytes.default(65536), fill: letter.default('a'), open: openFlagSet.default(0) }))
    .refine(fewerThan('files'), { error: `expected at most ${most.files} files` }),
  actors: z.record(actorName, z.strictObject({ process: name.optional() }).nullable())
    .refine(fewerThan('actors'), { error: `expected at most ${most.actors} actors` }),
  steps: z.array(stepSchema).min(1).max(most.steps),
}).superRefine(checkNames).superRefine(checkTurns);

export type RawScene = z.infer<typeof sceneSchema>;

/**
 * Reads a scene. `file` is for messages; the scene's name is the file's without `.yaml`.
 * @throws DioramaError `bad-scene` with file:line:col of every mistake
 */
export function readScenario(text: string, file: string): Scenario {
  const raw = readYaml(text, { file, what: 'scenario', schema: sceneSchema });
  return {
    name: (file.split('/').at(-1) ?? file).replace(/\.ya?ml$/, ''),
    file,
    protects: raw.protects.trim(),
    source: raw.source,
    needs: raw.needs,
    server: { init: raw.server.init, maxWrite: raw.server.max_write },
    files: Object.entries(raw.files).map(([key, value]) => ({ name: key, ...value })),
    actors: Object.entries(raw.actors).map(([key, value]) => ({ name: key, process: value?.process ?? key })),
    steps: raw.steps.map(stepOf),
  };
}

/** An order's own outcome is one among those of its step; where the scene says none, the call returns as asked. */
function stepOf(raw: RawStep, index: number): Step {
  const number = index + 1;
  if (raw.actor !== undefined && raw.call !== undefined) {
    const own: Outcome = raw.expect ?? { kind: 'returns' };
    return { kind: 'order', number, actor: raw.actor, call: raw.call, expect: new Map([[raw.actor, own], ...raw.then]) };
  }
  if (raw.action === undefined) throw new Error('a step without an action passed its schema');
  return { kind: 'server', number, action: raw.action, expect: raw.then };
}
