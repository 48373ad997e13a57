import type { RunSide } from './side-of-run.ts';

/** Something about two runs that is not the same. */
export interface Circumstance {
  readonly what: 'guest' | 'config' | 'compiler' | 'kernel' | 'version' | 'origin' | 'tree' | 'series' | 'qemu' | 'libfuse' | 'model' | 'scenes';
  /** Undefined where a run has none, or ended before it was known. */
  readonly before: string | undefined;
  readonly after: string | undefined;
}

export interface Circumstances {
  /** Same guest, config and compiler: what differs in the verdicts is then the kernel's doing. */
  readonly likeForLike: boolean;
  /** Same machine, to the instruction, around the kernel: virtual times may be held against each other. */
  readonly sameMachine: boolean;
  readonly differences: readonly Circumstance[];
}

const required = new Set<Circumstance['what']>(['guest', 'config', 'compiler']);
const machine = new Set<Circumstance['what']>(['guest', 'config', 'compiler', 'qemu', 'libfuse']);

/** What differs between two runs besides what they came to; guest, config and compiler first. */
export function compareCircumstances(before: RunSide, after: RunSide): Circumstances {
  const differences = [...valuesOf(before)].flatMap(([what, one]): Circumstance[] => {
    const other = valuesOf(after).get(what);
    return sameValue(one, other) ? [] : [{ what, ...told(one, other) }];
  });
  const scenes = otherScenes(before, after);
  if (scenes) differences.push(scenes);
  const unknown = [before, after].some((run) => run.record[run.side] === undefined);
  return {
    likeForLike: !unknown && !differences.some(({ what }) => required.has(what)),
    sameMachine: !unknown && !differences.some(({ what }) => machine.has(what)),
    differences,
  };
}

/** A name, and where the run kept it the content key of what the name stood for. */
interface Value {
  readonly name: string | undefined;
  readonly id?: string | undefined;
}

function valuesOf({ record, side }: RunSide): Map<Circumstance['what'], Value> {
  const { kernel, series } = record;
  return new Map<Circumstance['what'], Value>([
    ['guest', { name: record.guest, id: record.guestId }],
    ['config', { name: record.config, id: record.configId }],
    ['compiler', { name: record[side]?.compiler }],
    ['kernel', { name: kernel?.spec }],
    ['version', { name: kernel?.version }],
    ['origin', { name: kernel?.origin }],
    ['tree', { name: record[side]?.treeId }],
    ['series', { name: side === 'patched' && series ? `${series.label}, ${series.patches.length} ${series.patches.length === 1 ? 'patch' : 'patches'}` : undefined, ...(side === 'patched' && { id: series?.treeId }) }],
    ['qemu', { name: record.qemu }],
    ['libfuse', { name: record.libfuse }],
    ['model', { name: record.model }],
  ]);
}

function sameValue(one: Value, other: Value | undefined): boolean {
  return one.name === other?.name && (one.id === undefined || other?.id === undefined || one.id === other.id);
}

/** Where the names are the same, the keys tell them apart. */
function told(one: Value, other: Value | undefined): { before: string | undefined; after: string | undefined } {
  if (one.name !== other?.name) return { before: one.name, after: other?.name };
  const text = (value: Value | undefined): string => `${value?.name ?? ''} (${value?.id?.slice(0, 12) ?? ''})`;
  return { before: text(one), after: text(other) };
}

/** Diorama's own scenes move on too: how many that both runs played were other ones. */
function otherScenes(before: RunSide, after: RunSide): Circumstance | undefined {
  const both = [...before.rows.values()].flatMap((one) => {
    const other = after.rows.get(one.scene);
    return other ? [{ one, other }] : [];
  });
  const differs = (a: string | undefined, b: string | undefined): boolean => a !== undefined && b !== undefined && a !== b;
  const changed = both.filter(({ one, other }) => differs(one.programId, other.programId) || differs(one.scenarioId, other.scenarioId)).map(({ one }) => one.scene).sort();
  if (changed.length === 0) return undefined;
  const some = `${changed.slice(0, 3).join(', ')}${changed.length > 3 ? ', …' : ''}`;
  return { what: 'scenes', before: `${both.length} played in both`, after: `${changed.length} of them changed: ${some}` };
}
