import { initFlags } from '../scenario/fuse-names.ts';
import type { Scenario } from '../scenario/types.ts';
import type { Generation } from './generations.ts';
import { byteOf, filled } from './runs.ts';
import type { Inode, ModelState, Process, Thread } from './state.ts';

/** Before the first step: mounted, nothing looked up, every actor idle but those that are still to be forked. */
export function firstState(scene: Scenario, generation: Generation): ModelState {
  const processes = [...new Set(scene.actors.map((actor) => actor.process))];
  return {
    generation: { ...generation },
    // Flags from bit 32 on count only with FUSE_INIT_EXT (process_init_reply()).
    init: scene.server.init.filter((flag) => scene.server.extended || (initFlags[flag] ?? 0n) < 1n << 32n),
    stackDepth: scene.server.stackDepth,
    maxWrite: scene.server.maxWrite,
    maxPages: scene.server.maxPages,
    actors: scene.actors.map((actor) => actor.name),
    inodes: Object.fromEntries(scene.files.map((file): [string, Inode] => [file.name, {
      name: file.name, directory: file.kind === 'directory', known: false, size: 0, attrVersion: 0, stale: 0, sizeUnstable: false, timesDirty: false,
      counter: 0, waiters: [], backing: undefined, since: 0, lock: { writer: undefined, readers: [], queue: [] }, nowrite: 0, pages: {}, asError: undefined,
      wbError: { seq: 0, errno: '' }, writers: [],
    }])),
    server: {
      files: Object.fromEntries(scene.files.map((file) => [file.name, {
        bytes: filled(byteOf(file.fill), file.kind === 'directory' ? 0 : file.size), fopen: file.open, backing: undefined, absent: file.absent,
        directory: file.kind === 'directory',
      }])),
      backings: {}, nextBacking: 1, rules: [], parked: [], nextHandle: 1, gone: false,
    },
    opens: {},
    processes: Object.fromEntries(processes.map((name): [string, Process] => [name, {
      name, handles: {}, mappings: {}, lost: [], mmapHolder: undefined, gone: false,
    }])),
    threads: Object.fromEntries(scene.actors.map((actor): [string, Thread] => [actor.name, {
      name: actor.name, process: actor.process, worker: false, life: actor.forked ? 'unborn' : 'alive', call: undefined, todo: [], wait: undefined,
      request: undefined, reply: undefined, io: undefined, value: undefined, seen: undefined, error: undefined, signal: undefined, why: undefined, rule: undefined,
      killed: false, returned: undefined,
    }])),
    mappings: {}, writebacks: [], aios: [], replies: {}, noOpen: false, attrVersion: 1, nextId: 1,
  };
}
