import { readFile, readdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { z } from 'zod';
import { DioramaError } from '../errors.ts';
import type { Accelerator } from '../host/accelerator.ts';
import { readYaml } from '../host/read-yaml.ts';
import { duration, size } from '../host/units.ts';

const guestSchema = z.strictObject({
  about: z.string(),
  machine: z.string(),
  memory: size,
  clock: z.enum(['virtual', 'host']),
  cpus: z.number().int().min(1).max(64),
  append: z.string().default(''),
  /** Its root is the host's, read-only, over virtio-9p. */
  root: z.literal('host').optional(),
  limits: z.strictObject({
    build: duration,
    boot: duration,
    clone: duration,
    scene: duration,
    teardown: duration,
    console: size,
  }),
});

/**
 * A machine shape; durations in milliseconds, sizes in bytes.
 * `accelerator` is what the user wants it to have; without it the first that boots the kernel (guest/make-template.ts).
 */
export type Guest = z.infer<typeof guestSchema> & { readonly name: string; readonly accelerator?: Accelerator };

/**
 * Reads `guests/<name>.yaml`, or a file of the user's own when `name` ends in `.yaml`.
 * @throws DioramaError `bad-usage` for a name that is not there, `bad-file` with file:line:col for every mistake in it
 */
export async function readGuest(root: string, name: string): Promise<Guest> {
  const file = name.endsWith('.yaml') ? name : join(root, 'guests', `${name}.yaml`);
  const text = await readFile(file, 'utf8').catch(async () => {
    throw new DioramaError({
      blame: 'usage',
      code: 'bad-usage',
      message: `--guest ${name}: there is no such guest`,
      next: `one of: ${(await guestNames(root)).join(', ')}; or a .yaml file of your own`,
    });
  });
  return { ...readYaml(text, { file, schema: guestSchema, what: 'guest' }), name: basename(file, '.yaml') };
}

async function guestNames(root: string): Promise<string[]> {
  const files = await readdir(join(root, 'guests'));
  return files.filter((file) => file.endsWith('.yaml')).map((file) => basename(file, '.yaml'));
}
