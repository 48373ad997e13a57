import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { DioramaError } from '../errors.ts';
import { explainIssue } from '../host/explain-issue.ts';
import { printable } from '../printable.ts';

const sha256 = z.string().regex(/^[0-9a-f]{64}$/);
const bytes = z.number().int().nonnegative();
const milliseconds = z.number().positive().max(500 * 3_600_000);

/** A guest as harness/guest/read-guest.ts gives it. Results may come from strangers: its machine names no file of the host. */
const guest = z.object({
  name: z.string(), about: z.string(), machine: z.string().regex(/^[\w.-]+(?:,[\w.-]+=[\w.-]+)*$/), memory: bytes, clock: z.enum(['virtual', 'host']),
  cpus: z.number().int().min(1).max(64), append: z.string(),
  limits: z.object({ build: milliseconds, boot: milliseconds, clone: milliseconds, scene: milliseconds, teardown: milliseconds, console: bytes }),
});

/** What one side of a run was played on. */
const machine = z.object({
  release: z.string(), version: z.string(), compiler: z.string(),
  /** SHA-256 of vmlinux without debug sections, and of fuse.ko where FUSE is not built in. */
  vmlinux: sha256, fuseModule: sha256.optional(),
  /** Its clones started from a set (guest/make-set.ts), not from the template itself. */
  set: z.boolean(),
});

const sideName = /^(?:base|patched|patch-\d{1,6})$/;

/** `machines.json`: everything that the scenes of a run were played on, beside the files themselves. */
const machinesSchema = z.object({
  format: z.literal('diorama machines 1'),
  qemu: z.string(),
  guest,
  /** The content key of the stage's sources, and SHA-256 of the initramfs. */
  stage: z.object({ id: z.string(), initrd: sha256 }),
  sides: z.record(z.string().regex(sideName), machine),
});

export type Machines = z.infer<typeof machinesSchema>;
export type Machine = z.infer<typeof machine>;

/** Where the files are, below the directory of a run. Names come from contents and sides, never out of a record. */
export const machineFiles = {
  record: 'machines.json',
  vmlinux: (id: string): string => `machines/vmlinux-${id}.gz`,
  initrd: 'machines/initrd.gz',
  fuseModule: (side: string): string => `machines/${side}.fuse.ko`,
  config: (side: string): string => `machines/${side}.config`,
} as const;

/**
 * What a run was played on.
 * @throws DioramaError `bad-usage` for a run that kept none of it, as those before November 2026; `bad-file` when the record is none
 */
export async function readMachines(dir: string): Promise<Machines> {
  const file = join(dir, machineFiles.record);
  const text = await readFile(file, 'utf8').catch(() => undefined);
  if (text === undefined) {
    throw new DioramaError({
      blame: 'usage', code: 'bad-usage', message: `${printable(dir)}: this run did not keep what it was played on, so it cannot be replayed from its results alone`,
      next: "the scene's repro.sh builds it again from the kernel's source",
    });
  }
  const parsed = machinesSchema.safeParse(parseJson(text), { error: explainIssue });
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new DioramaError({ blame: 'usage', code: 'bad-file', message: `${printable(file)}: says nothing that can be replayed: ${printable(`${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''}`)}` });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
