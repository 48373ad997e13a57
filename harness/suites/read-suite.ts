import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { z } from 'zod';
import { DioramaError } from '../errors.ts';
import { readYaml } from '../host/read-yaml.ts';
import { duration } from '../host/units.ts';

/**
 * The FUSE servers that a suite may run on: the stage's own, with three files of 4 MiB that are opened cached, direct and parallel; and libfuse's
 * passthrough_hp over a tmpfs, with `--direct-io --nopassthrough`, or as it is. With `none` the suite mounts what it needs itself.
 */
export const serverNames = ['stage', 'hp-direct', 'hp', 'none'] as const;
export type ServerName = (typeof serverNames)[number];

const schema = z.strictObject({
  about: z.string(),
  /** Programs of the host without which it is skipped. */
  needs: z.array(z.string().regex(/^[\w.+-]+$/, { error: 'expected the name of a program' })),
  /** It needs a built tree of fstests, which it finds in $FSTESTS. */
  fstests: z.boolean().optional(),
  /** It needs libfuse built with its tests, which it finds in $LIBFUSE. */
  libfuse: z.boolean().optional(),
  /** Each is played by itself, with a guest and a verdict of its own, and finds itself in $CASE. */
  cases: z.array(z.string().regex(/^[\w+-]+(?:[./][\w+-]+)*$/, { error: 'expected a name of letters, digits, dots, dashes and slashes' })).min(1).optional(),
  servers: z.array(z.enum(serverNames)).min(1),
  /** The suite mounts its file systems itself, by passthrough_hp with $HP_OPTIONS, instead of finding one at $MNT. */
  mounts: z.boolean().optional(),
  /** How long it may take, from the login on. */
  bound: duration,
  /** For sh -e, with the file system at $MNT, the server's name in $SERVER, passthrough_hp in $PASSTHROUGH_HP, guests/programs/mixed-io.c in $MIXED_IO, and $RESULTS, whose files are kept. */
  run: z.string(),
});

/** Programs that people trust, as a test of a kernel (tests/suites/*.yaml); where it has cases, one of them. Durations in milliseconds. */
export type Suite = Omit<z.infer<typeof schema>, 'cases'> & { readonly name: string; readonly case?: string };

/**
 * Reads a suite: one for each of its cases, named SUITE-CASE, where it has them.
 * @throws DioramaError `bad-usage` for a file that is not there, `bad-file` with file:line:col of every mistake in it
 */
export async function readSuite(file: string): Promise<Suite[]> {
  const text = await readFile(file, 'utf8').catch(() => {
    throw new DioramaError({ blame: 'usage', code: 'bad-usage', message: `${file}: cannot be read`, next: 'name a suite of tests/suites, or a .yaml file of your own' });
  });
  const { cases, ...suite } = readYaml(text, { file, schema, what: 'suite' });
  const name = basename(file, '.yaml');
  // A directory of the results has this name.
  return cases ? cases.map((one) => ({ ...suite, name: `${name}-${one.replaceAll('/', '-')}`, case: one })) : [{ ...suite, name }];
}
