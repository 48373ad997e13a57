import { readYaml } from '../host/read-yaml.ts';
import { blocksOf, type Block } from './flatten-steps.ts';
import { ownOutcome } from './own-outcome.ts';
import { sceneSchema, type RawScene } from './scene-schema.ts';
import type { Measure, Outcome, Scenario, SceneFile, Step } from './types.ts';

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
    covers: raw.covers,
    needs: raw.needs,
    server: { init: raw.server.init, maxWrite: raw.server.max_write, maxPages: raw.server.max_pages ?? Math.ceil(raw.server.max_write / 4096), delayUs: raw.server.delay_us, stackDepth: raw.server.stack_depth, extended: raw.server.extended },
    files: Object.entries(raw.files).map(fileOf),
    actors: Object.entries(raw.actors).map(([key, value]) => ({ name: key, process: value?.process ?? key, forked: value?.forked ?? false })),
    steps: blocksOf(raw.steps).flatMap(stepsOf),
    ...(raw.measure === undefined ? {} : { measure: measureOf(raw.measure) }),
    ...(raw.sessions === undefined ? {} : {
      sessions: new Map(Object.entries(raw.sessions).map(([key, entries]) => [key, blocksOf(entries, ['sessions', key]).flatMap(stepsOf)])),
    }),
  };
}

function measureOf({ modes, writers, repeat }: NonNullable<RawScene['measure']>): Measure {
  return { modes: new Map(Object.entries(modes)), repeat, ...(writers === undefined ? {} : { writers }) };
}

const usualBytes = 65536;

function fileOf([name, given]: [string, RawScene['files'][string]]): SceneFile {
  const empty = given.directory === true || given.absent === true;
  return {
    name, kind: given.directory === true ? 'directory' : 'file', size: given.size ?? (empty ? 0 : usualBytes),
    fill: given.fill ?? 'a', open: given.open, absent: given.absent ?? false,
  };
}

/** The steps of a block: its last one says what all of them must have come to, an order's own outcome before the others'. */
function stepsOf(block: Block): Step[] {
  const own = block.steps.flatMap((step): [string, Outcome][] => (step.actor === undefined ? [] : [[step.actor, ownOutcome(step.call, step.expect)]]));
  const last = block.steps.at(-1)?.number;
  return block.steps.map((step): Step => {
    const any = {
      number: step.number,
      joins: step.joins,
      expect: new Map(step.number === last ? [...own, ...block.then] : []),
      ...(step.number !== last || block.arrives === undefined ? {} : { arrives: block.arrives }),
    };
    if (step.actor !== undefined && step.call !== undefined) return { ...any, kind: 'order', actor: step.actor, call: step.call };
    if (step.action === undefined) throw new Error('a step without an action passed its schema');
    const result = step.expect ?? resultOf(step.action.kind);
    return { ...any, kind: 'server', action: step.action, ...(result === undefined ? {} : { result }) };
  });
}

/** What comes to something of its own returns, where the scene says nothing. */
function resultOf(kind: string): Outcome | undefined {
  return kind === 'backing' || kind === 'backing-close' || kind === 'invalidate' ? { kind: 'returns' } : undefined;
}
