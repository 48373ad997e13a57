import type { Scenario } from './types.ts';

/** The root directory is inode 1; the scene's files follow in their order. */
export const firstInode = 2;

/** The numbers that a program has for a scene's names. */
export interface ProgramNames {
  readonly inodes: ReadonlyMap<string, number>;
  readonly actors: ReadonlyMap<string, number>;
  /** Processes, in the order of their first actors. */
  readonly processes: readonly string[];
  readonly processOf: (actor: string) => string;
  /** The slot of an open file or mapping; a new name takes the process's next one. */
  readonly slot: (process: string, kind: 'fd' | 'map', name: string) => number;
  /** The slot of a backing file, likewise. */
  readonly backing: (name: string) => number;
  /** A forked process begins with the slots that its parent has. */
  readonly fork: (parent: string, child: string) => void;
}

/** Numbers for one compilation; slots are taken in the order of the steps that name them. */
export function programNames(scene: Scenario): ProgramNames {
  const slots = new Map<string, Map<string, number>>();
  const take = (space: string, name: string): number => {
    const taken = slots.get(space) ?? new Map<string, number>();
    slots.set(space, taken);
    const slot = taken.get(name) ?? taken.size;
    taken.set(name, slot);
    return slot;
  };
  return {
    inodes: new Map(scene.files.map((file, index) => [file.name, firstInode + index])),
    actors: new Map(scene.actors.map((actor, index) => [actor.name, index])),
    processes: [...new Set(scene.actors.map((actor) => actor.process))],
    processOf: (name) => scene.actors.find((actor) => actor.name === name)?.process ?? name,
    slot: (process, kind, name) => take(`${kind} ${process}`, name),
    backing: (name) => take('backing', name),
    fork: (parent, child) => {
      for (const kind of ['fd', 'map']) slots.set(`${kind} ${child}`, new Map(slots.get(`${kind} ${parent}`)));
    },
  };
}
