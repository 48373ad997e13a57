import { z } from 'zod';

export const verdictSchema = z.object({
  kind: z.enum(['pass', 'fail', 'splat', 'hang', 'crash', 'known', 'skip', 'error']),
  reason: z.string(),
  step: z.number().optional(),
  issue: z.string().optional(),
});

const verdict = verdictSchema;

/** How long an operation took, each time; of a guest in virtual time exactly (judge/measure-scene.ts). */
const measurement = z.object({
  operation: z.string(), mode: z.string(), writers: z.number(), ns: z.array(z.number()), bytes: z.number().optional(),
});

const played = z.object({
  scene: z.string(),
  side: z.enum(['base', 'patched']),
  verdict,
  /** Wall time of the host that its clone took. */
  ms: z.number(),
  /** The clone was an earlier run's: everything that the scene depends on was the same. */
  reused: z.boolean().optional(),
  /** Where its evidence is, relative to the run's directory. */
  dir: z.string(),
  measures: z.array(measurement).optional(),
  /** SHA-256 of its trace: the same inputs give the same one, to the byte. */
  traceId: z.string().optional(),
  /** SHA-256 of its program, which is the scene as the guest plays it, and of its YAML, which is what is expected as well. */
  programId: z.string().optional(),
  scenarioId: z.string().optional(),
  /** What the kernel complained of on its console, in that order; without colours and controls. */
  splats: z.array(z.string()).optional(),
  /** The rules that the scene protects (harness/model/rules.ts). */
  covers: z.array(z.string()).optional(),
});

const variant = z.object({
  id: z.string(),
  /** Of a kernel that was built here. */
  treeId: z.string().optional(),
  release: z.string(),
  compiler: z.string(),
  vmlinuxId: z.string(),
  /** Without one, its guests boot. */
  template: z.string().optional(),
});

/** A prefix of the series (`run --each-patch`); the last is the whole, and its scenes are those of the side `patched`. */
const step = z.object({
  /** Of its last patch, from 1. */
  index: z.number(),
  subject: z.string(),
  variant: variant.optional(),
  /** Whose verdicts it has, because its fuse.ko is the same to the byte: `base`, `patched` or e.g. `patch-0002`. */
  sameAs: z.string().optional(),
  /** Why it could not be played. */
  trouble: z.object({ code: z.string(), message: z.string(), details: z.array(z.string()), evidence: z.string().optional() }).optional(),
  scenes: z.array(z.object({ scene: z.string(), verdict, ms: z.number(), dir: z.string() })),
});

/** Where the verdict of a scene changes along the series; `patches` has several where one of them could not be played. */
const change = z.object({
  scene: z.string(), word: z.enum(['broken', 'mended', 'changed']), patches: z.array(z.number()), from: verdict, to: verdict, dir: z.string(),
});

/** What calls take on the host's clock (`run --wall-clock`), a figure of every boot: nanoseconds, of `rate` calls a second. */
const wallClock = z.object({
  guest: z.string(), cpus: z.number(), accelerator: z.string(),
  /** Of each side. */
  boots: z.number(),
  plan: z.object({ warmMs: z.number(), windowMs: z.number() }),
  /** Whether what is slower beyond chance fails; under TCG it does not. */
  judged: z.boolean(),
  /** The histograms, in the run's directory. */
  file: z.string(),
  /** What the kernel lacks, for which nobody mapped. */
  missing: z.string().optional(),
  figures: z.array(z.object({
    operation: z.string(), mode: z.enum(['alone', 'mapped']), writers: z.number(), delayUs: z.number(), quantity: z.enum(['median', 'p99', 'rate']),
    base: z.array(z.number()), patched: z.array(z.number()).optional(),
    ratio: z.number().optional(), interval: z.object({ low: z.number(), high: z.number(), level: z.number() }).optional(), p: z.number().optional(),
    word: z.enum(['slower', 'faster', '~']).optional(),
  })),
});

/** `run.json`: everything that a run was made of and came to. */
export const runRecordSchema = z.object({
  format: z.literal('diorama run 1'),
  id: z.string(),
  /** `running` in a file whose process is gone means that it was killed; what it holds is true as far as it goes. */
  status: z.enum(['running', 'done', 'failed', 'interrupted']),
  started: z.string(),
  ended: z.string().optional(),
  command: z.array(z.string()),
  kernel: z.object({
    spec: z.string(), version: z.string(), origin: z.string(), treeId: z.string().optional(),
    /** Of a kernel that was built elsewhere: its package, and the SHA-256 of the files as they came; without `fuse` it is built in. */
    image: z.object({ package: z.object({ name: z.string(), version: z.string() }).optional(), vmlinuz: z.string(), fuse: z.string().optional() }).optional(),
  }).optional(),
  series: z.object({ label: z.string(), patches: z.array(z.object({ subject: z.string(), from: z.string() })), treeId: z.string().optional() }).optional(),
  config: z.string(),
  guest: z.string(),
  /** Content keys of the two: a name says what was meant, these say what it was. */
  configId: z.string().optional(),
  guestId: z.string().optional(),
  seed: z.number(),
  /** The model that was asked for; without one, every kernel is judged by its own. */
  model: z.string().optional(),
  /** The run that this one was to be compared with. */
  baseline: z.string().optional(),
  /** Whose run it is, so that one that was killed can be told from one that goes on. */
  process: z.object({ host: z.string(), boot: z.string(), namespace: z.string(), pid: z.number(), start: z.string() }).optional(),
  base: variant.optional(),
  patched: variant.optional(),
  libfuse: z.string().optional(),
  qemu: z.string().optional(),
  host: z.object({ os: z.string(), arch: z.string(), cpus: z.number(), cpu: z.string(), memoryBytes: z.number(), node: z.string() }),
  stages: z.array(z.object({ stage: z.string(), label: z.string(), ms: z.number(), reused: z.boolean(), /** What was made, and what decided that. */ why: z.string().optional() })),
  scenes: z.array(played),
  /** Where its wall time went (harness/engine/account-time.ts): all in milliseconds, but the most memory that diorama had resident. */
  time: z.object({
    stages: z.array(z.object({ stage: z.string(), ms: z.number(), compilersMs: z.number(), guestsMs: z.number(), harnessMs: z.number() })),
    ms: z.number(), harnessMs: z.number(), cpuMs: z.number(), peakRssBytes: z.number(),
  }).optional(),
  wallClock: wallClock.optional(),
  steps: z.array(step).optional(),
  changes: z.array(change).optional(),
  error: z.object({ blame: z.string(), code: z.string(), message: z.string() }).optional(),
  /** How much longer an operation may take, in nanoseconds: a call, and several at once. */
  costBounds: z.object({ callNs: z.number(), togetherNs: z.number() }).optional(),
  summary: z.string().optional(),
  exitCode: z.number().optional(),
  /** Room that its directory took when it ended. */
  bytes: z.number().optional(),
});

export type RunRecord = z.infer<typeof runRecordSchema>;
export type PlayedScene = z.infer<typeof played>;
export type WallClockRecord = z.infer<typeof wallClock>;
export type PlayedStep = z.infer<typeof step>;
export type PatchChange = z.infer<typeof change>;
