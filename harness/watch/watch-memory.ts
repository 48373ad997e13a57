import { join } from 'node:path';
import { z } from 'zod';
import { contentKey } from '../host/content-key.ts';
import type { Host } from '../host/host.ts';
import { readJson, writeJson } from '../host/json-file.ts';

/** What is known of a scene from when it was last played. */
export interface SceneMemory {
  /** Content key of its program: another program may run other functions. */
  readonly program: string;
  readonly ms: number;
  readonly failed: boolean;
  /** The functions that it ran, and the fuse.ko of which they were: its path in the cache. */
  readonly ran?: { readonly functions: readonly string[]; readonly fuseModule: string };
}

/** What one run of watch leaves to the next. */
export interface WatchMemory {
  /** Path in the cache of the fuse.ko of the last pass that came to its end. */
  readonly fuseModule?: string;
  readonly scenes: ReadonlyMap<string, SceneMemory>;
}

/** Names are kept once, and scenes have their numbers. */
const shape = z.object({
  fuseModule: z.string().optional(),
  names: z.array(z.string()),
  scenes: z.record(z.string(), z.object({
    program: z.string(), ms: z.number(), failed: z.boolean(), ran: z.object({ functions: z.array(z.number()), fuseModule: z.number() }).optional(),
  })),
});

/** Where the memory of these circumstances is: `<cache>/watch/<key>.json`. */
export function memoryFile(host: Host, circumstances: readonly string[]): string {
  return join(host.cache, 'watch', `${contentKey(circumstances)}.json`);
}

/** Empty where there is none. */
export async function readMemory(file: string): Promise<WatchMemory> {
  const kept = await readJson(file, shape);
  if (!kept) return { scenes: new Map() };
  const name = (number: number): string => kept.names[number] ?? '';
  const scenes = Object.entries(kept.scenes).map(([scene, { ran, ...rest }]): [string, SceneMemory] =>
    [scene, { ...rest, ...(ran && { ran: { functions: ran.functions.map(name), fuseModule: name(ran.fuseModule) } }) }]);
  return { ...(kept.fuseModule === undefined ? {} : { fuseModule: kept.fuseModule }), scenes: new Map(scenes) };
}

export async function writeMemory(file: string, { fuseModule, scenes }: WatchMemory): Promise<void> {
  const names = new Map<string, number>();
  const number = (name: string): number => {
    if (!names.has(name)) names.set(name, names.size);
    return names.get(name) ?? 0;
  };
  const rows = [...scenes].map(([scene, { ran, ...rest }]) => [scene, { ...rest, ...(ran && { ran: { functions: ran.functions.map(number), fuseModule: number(ran.fuseModule) } }) }] as const);
  await writeJson(file, { fuseModule, scenes: Object.fromEntries(rows), names: [...names.keys()] } satisfies z.input<typeof shape>);
}
