import { openFlags } from '../../../harness/scenario/fuse-names.ts';
import type { Actor, Call, Outcome, RequestMatch, Scenario, SceneFile, ServerAction, Step } from '../../../harness/scenario/types.ts';

export function fopenOf(...names: readonly string[]): number {
  return names.reduce((all, name) => all | (openFlags[name] ?? 0), 0);
}

export interface Setup {
  readonly init?: readonly string[];
  readonly maxWrite?: number;
  readonly maxPages?: number;
  readonly files?: readonly Partial<SceneFile>[];
  readonly actors?: readonly (string | Actor)[];
}

/** A scene by hand. Steps are numbered here. */
export function sceneOf(setup: Setup, ...steps: readonly Step[]): Scenario {
  return {
    name: 'by-hand', file: 'by-hand.yaml', protects: '', source: '', covers: [], needs: [],
    server: { init: setup.init ?? [], maxWrite: setup.maxWrite ?? 1024 * 1024, maxPages: setup.maxPages ?? Math.ceil((setup.maxWrite ?? 1024 * 1024) / 4096), delayUs: 0, stackDepth: 1, extended: true },
    files: (setup.files ?? [{}]).map((file) => ({
      name: 'f', kind: 'file', size: 65536, fill: 'a', open: fopenOf('DIRECT_IO', 'PARALLEL_DIRECT_WRITES'), absent: false, ...file,
    })),
    actors: (setup.actors ?? ['w1', 'w2', 'm', 'r']).map((actor) => (typeof actor === 'string' ? { name: actor, process: actor, forked: false } : actor)),
    steps: steps.map((step, index) => ({ ...step, number: index + 1 })),
  };
}

export function order(actor: string, call: Call, expect: Readonly<Record<string, Outcome>> = {}): Step {
  return { kind: 'order', number: 0, joins: false, actor, call, expect: new Map(Object.entries(expect)) };
}

export function server(action: ServerAction, expect: Readonly<Record<string, Outcome>> = {}): Step {
  return { kind: 'server', number: 0, joins: false, action, expect: new Map(Object.entries(expect)) };
}

export const open = (actor: string, flags: readonly string[] = ['RDWR'], handle = 'f'): Step => order(actor, { kind: 'open', file: 'f', handle, flags });
export const close = (actor: string, handle = 'f'): Step => order(actor, { kind: 'close', handle });
export const pwrite = (actor: string, at: number, length: number, fill = 'A', rwf: readonly string[] = []): Step =>
  order(actor, { kind: 'pwrite', handle: 'f', at, bytes: length, fill, rwf });
export const pread = (actor: string, at: number, length: number): Step => order(actor, { kind: 'pread', handle: 'f', at, bytes: length, rwf: [] });
export const mmap = (actor: string, share: 'shared' | 'private' = 'shared', prot: readonly string[] = ['READ', 'WRITE'], mapping = 'f'): Step =>
  order(actor, { kind: 'mmap', handle: 'f', mapping, at: 0, bytes: 65536, prot, share });
export const munmap = (actor: string): Step => order(actor, { kind: 'munmap', mapping: 'f' });
export const load = (actor: string, at: number, length: number): Step => order(actor, { kind: 'load', mapping: 'f', at, bytes: length });
export const store = (actor: string, at: number, length: number, fill = 'S'): Step => order(actor, { kind: 'store', mapping: 'f', at, bytes: length, fill });
export const hold = (match: RequestMatch): Step => server({ kind: 'hold', match });
export const release = (match: RequestMatch, more: { readonly count?: number; readonly error?: string; readonly bytes?: number } = {}): Step =>
  server({ kind: 'release', match, ...more });
export const openFlagsOf = (...names: readonly string[]): Step => server({ kind: 'open-flags', file: 'f', flags: fopenOf(...names) });
