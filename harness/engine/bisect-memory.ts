import { readFile, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { Guest } from '../guest/read-guest.ts';
import { contentKey } from '../host/content-key.ts';
import type { Host } from '../host/host.ts';
import { readJson, writeJson } from '../host/json-file.ts';
import { withLock } from '../host/lock.ts';
import type { Verdict } from '../judge/verdict.ts';
import { findToolchain } from '../kernel/build/compiler.ts';
import { readFragments } from '../kernel/config/merge-config.ts';
import type { KernelConfig } from '../kernel/types.ts';
import { storedVerdict } from '../results/stored-verdict.ts';
import { verdictSchema } from '../results/run-record.ts';
import type { Scenario } from '../scenario/types.ts';
import type { Stage } from '../stage/build-stage.ts';

/** What came of one commit: a verdict, or why it could not be played. */
export interface TestedCommit {
  readonly verdict?: Verdict;
  readonly trouble?: { readonly code: 'build-failed' | 'config-unmet' | 'boot-failed' | 'bad-kernel-spec'; readonly message: string; readonly details: readonly string[]; readonly evidence?: string };
  /** Where its evidence is. */
  readonly dir: string;
}

/** The commits that were tested under one set of circumstances, each with its evidence. */
export interface BisectMemory {
  readonly dir: string;
  recall(id: string): Promise<TestedCommit | undefined>;
  keep(id: string, tested: TestedCommit): Promise<void>;
  /** Does `work` while no other diorama can write there. */
  holding<T>(work: () => Promise<T>): Promise<T>;
}

const shape = z.object({
  verdict: verdictSchema.optional(),
  trouble: z.object({ code: z.enum(['build-failed', 'config-unmet', 'boot-failed', 'bad-kernel-spec']), message: z.string(), details: z.array(z.string()), evidence: z.string().optional() }).optional(),
});

/**
 * Opens `<dir>/<scene>-<key>/`: the key is of everything but the commit that a verdict depends on, diorama's own judge included, so that
 * nothing is remembered that would come out differently now. The ends of a bisect are no part of it: another range has commits in common.
 */
export async function openBisectMemory(
  host: Host,
  given: {
    readonly dir: string; readonly scene: Scenario; readonly guest: Guest; readonly config: KernelConfig; readonly model?: string; readonly stage: Stage; readonly objects: string;
  },
): Promise<BisectMemory> {
  const { compiler, linker } = await findToolchain(host);
  const asked = await readFragments(given.config);
  const key = contentKey([
    'bisect 1', given.objects, given.scene.name, await readFile(given.scene.file), JSON.stringify(given.guest), JSON.stringify(asked.map(({ symbol, value, optional }) => [symbol, value, optional])),
    given.model ?? '', given.stage.id, compiler, linker, ...(await judgeSources(host.root)),
  ]);
  const dir = join(given.dir, `${given.scene.name}-${key.slice(0, 8)}`);
  const file = (id: string): string => join(dir, id.slice(0, 12), 'tested.json');
  return {
    dir,
    recall: async (id) => {
      const known = await readJson(file(id), shape);
      if (!known) return undefined;
      const at = join(dir, id.slice(0, 12));
      if (known.verdict) return (await isFile(join(at, given.scene.name, 'verdict.json'))) ? { verdict: storedVerdict(known.verdict), dir: join(at, given.scene.name) } : undefined;
      if (!known.trouble) return undefined;
      const { evidence, ...trouble } = known.trouble;
      return { trouble: { ...trouble, ...(evidence === undefined ? {} : { evidence }) }, dir: at };
    },
    keep: (id, { verdict, trouble }) => writeJson(file(id), { verdict, trouble }),
    holding: (work) => withLock({ file: join(dir, 'lock'), timeoutMs: 2000, signal: host.signal }, work),
  };
}

/** What decides of a trace: read from diorama's own tree. */
async function judgeSources(root: string): Promise<Buffer[]> {
  const files: string[] = [];
  for (const part of ['judge', 'model', 'scenario', 'guest']) {
    const names = (await readdir(join(root, 'harness', part))).filter((name) => name.endsWith('.ts')).sort();
    files.push(...names.map((name) => join(root, 'harness', part, name)));
  }
  return Promise.all(files.map((file) => readFile(file)));
}

function isFile(path: string): Promise<boolean> {
  return stat(path).then((found) => found.isFile(), () => false);
}
