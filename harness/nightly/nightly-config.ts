import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, resolve } from 'node:path';
import { z } from 'zod';
import { DioramaError } from '../errors.ts';
import { readYaml } from '../host/read-yaml.ts';
import { duration } from '../host/units.ts';
import { usualBounds } from '../judge/compare-measures.ts';

/** What one kernel of the list is: a branch that moves, the archive's newest or its release candidate, or a plain spec. */
export type WatchedKernel =
  | { readonly kind: 'git'; readonly remote: string; readonly branch: string }
  | { readonly kind: 'debian'; readonly which: 'newest' | 'rc' }
  | { readonly kind: 'spec'; readonly spec: string };

export interface WatchedSeries {
  readonly path: string;
  /** Names of the kernels that carry it; undefined for all. */
  readonly on?: readonly string[];
}

/** What a night is made of; durations in milliseconds, paths absolute. */
export interface NightlyConfig {
  readonly file: string;
  readonly kernels: ReadonlyMap<string, WatchedKernel>;
  readonly series: ReadonlyMap<string, WatchedSeries>;
  readonly guests: readonly string[];
  /** Each a list of fragments of kconfig/; none for the default. */
  readonly configs: readonly (readonly string[])[];
  readonly scenarios: readonly string[];
  /** Names and globs of suites, or files; undefined for none. */
  readonly suites?: readonly string[];
  /** A built tree of fstests for those that want one. */
  readonly fstests?: string;
  readonly budgetMs: number;
  /** How long one fetch from a remote may take. */
  readonly fetchMs: number;
  readonly results: string;
  /** How many nights are kept. */
  readonly keep: number;
  readonly bisect: boolean;
  /** Nanoseconds of virtual time that a measured call may take longer. */
  readonly slowerNs: number;
  /** When the timer of --install starts it, as HH:MM. */
  readonly at: string;
}

const name = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,39}$/, { error: 'expected a name of letters, digits, dots and dashes' });

const branch = z.string().regex(/^(?!.*(?:\.\.|\/\/|@\{|\.lock(?:\/|$)))[A-Za-z0-9_][A-Za-z0-9_./+@-]*(?<![./])$/, { error: 'expected the name of a branch' });

/** `transport::address` would have git run a program of that name. */
const remote = z.string().regex(/^(?!-)(?!\w+::)\S(?:.*\S)?$/, { error: 'expected a URL or a path of a git repository' });

const kernel = z.union([
  z.strictObject({ git: remote, branch: branch.default('master') }),
  z.strictObject({ debian: z.enum(['newest', 'rc']) }),
  z.string().regex(/^(?:debian|dir|git|tar):./, { error: "expected {git: URL, branch: NAME}, {debian: newest}, {debian: rc}, or a spec such as debian:6.12" }),
], { error: "expected {git: URL, branch: NAME}, {debian: newest}, {debian: rc}, or a spec such as debian:6.12" });

const series = z.union([
  z.string().min(1).transform((path) => ({ path, on: undefined })),
  z.strictObject({ path: z.string().min(1), on: z.array(name).min(1).optional() }),
], { error: 'expected a path of patches, or {path: PATH, on: [KERNEL]}' });

const config = z.string().regex(/^[\w-]+(?:\+[\w-]+)*$/, { error: "expected 'default', or names of kconfig/ joined by +" });

const nsIn: Readonly<Record<string, number>> = { ns: 1, us: 1000, ms: 1_000_000 };

const virtualTime = z.string().regex(/^\d{1,9}(?:ns|us|ms)$/, { error: 'expected a virtual time such as 0ns, 20ns or 2us' })
  .transform((text) => Number.parseInt(text, 10) * (nsIn[text.replace(/^\d+/, '')] ?? 1));

const schema = z.strictObject({
  kernels: z.record(name, kernel).refine((kernels) => Object.keys(kernels).length > 0, { error: 'expected at least one kernel' }),
  series: z.record(name, series).default({}),
  guests: z.array(z.string().min(1)).min(1).default(['deterministic']),
  configs: z.array(config).min(1).default(['default']),
  scenarios: z.array(z.string().min(1)).min(1).optional(),
  suites: z.array(z.string().min(1)).min(1).optional(),
  fstests: z.string().min(1).optional(),
  budget: duration.default(4 * 3_600_000),
  fetch: duration.default(3_600_000),
  results: z.string().min(1).default('results/nightly'),
  keep: z.number().int().min(2).max(1000).default(30),
  bisect: z.boolean().default(false),
  slower: virtualTime.default(usualBounds.callNs),
  at: z.string().regex(/^(?:[01]\d|2[0-3]):[0-5]\d$/, { error: 'expected a time of the day as "HH:MM", in quotes' }).default('02:00'),
}).superRefine((given, context) => {
  for (const [key, { on = [] }] of Object.entries(given.series)) {
    on.forEach((wanted, at) => {
      if (!Object.hasOwn(given.kernels, wanted)) context.addIssue({ code: 'custom', path: ['series', key, 'on', at], message: `there is no kernel '${wanted}' in this file` });
    });
  }
  for (const key of ['guests', 'configs'] as const) {
    given[key].forEach((value, at) => {
      if (given[key].indexOf(value) < at) context.addIssue({ code: 'custom', path: [key, at], message: `'${value}' is there twice` });
    });
  }
});

/**
 * Reads what a night is made of. Paths in it are relative to the file, `~/` is the home directory; `root` is where `results` is below
 * when it is not said.
 * @throws DioramaError `bad-usage` when there is no such file, `bad-file` with file:line:col of every mistake
 */
export async function readNightlyConfig(file: string): Promise<NightlyConfig> {
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    throw new DioramaError({
      blame: 'usage', code: 'bad-usage', message: `--config ${file}: cannot be read: ${(error as Error).message}`,
      next: 'copy scripts/nightly.example.yaml to nightly.yaml and say there what to watch',
    });
  });
  return parseNightlyConfig(text, file);
}

/** See {@link readNightlyConfig}. */
export function parseNightlyConfig(text: string, file: string): NightlyConfig {
  const given = readYaml(text, { file, what: 'nightly', schema });
  const home = dirname(resolve(file));
  const here = (path: string): string => (path.startsWith('~/') ? resolve(homedir(), path.slice(2)) : resolve(home, path));
  return {
    file: resolve(file),
    kernels: new Map(Object.entries(given.kernels).map(([key, value]) => [key, watched(value, here)])),
    series: new Map(Object.entries(given.series).map(([key, { path, on }]) => [key, { path: isRange(path) ? path : here(path), ...(on === undefined ? {} : { on }) }])),
    guests: given.guests.map((guest) => (guest.endsWith('.yaml') ? here(guest) : guest)),
    configs: given.configs.map((names) => (names === 'default' ? [] : names.split('+').filter((part) => part !== 'default'))),
    scenarios: (given.scenarios ?? []).map((pattern) => (/\.ya?ml$/.test(pattern) ? here(pattern) : pattern)),
    ...(given.suites && { suites: given.suites.map((pattern) => (pattern.endsWith('.yaml') ? here(pattern) : pattern)) }), ...(given.fstests === undefined ? {} : { fstests: here(given.fstests) }),
    budgetMs: given.budget, fetchMs: given.fetch, results: here(given.results), keep: given.keep, bisect: given.bisect, slowerNs: given.slower, at: given.at,
  };
}

function watched(value: z.output<typeof kernel>, here: (path: string) => string): WatchedKernel {
  if (typeof value === 'string') return { kind: 'spec', spec: absoluteSpec(value, here) };
  if ('debian' in value) return { kind: 'debian', which: value.debian };
  const isPath = !/^[\w+.-]+:\/\//.test(value.git) && !/^[^/]+:/.test(value.git);
  return { kind: 'git', remote: isPath ? here(value.git) : value.git, branch: value.branch };
}

function absoluteSpec(text: string, here: (path: string) => string): string {
  const [, kind = '', rest = ''] = /^(dir|git|tar):(.*)$/s.exec(text) ?? [];
  return kind === '' || /^https?:/.test(rest) ? text : `${kind}:${here(rest)}`;
}

/** As `--series` takes it: a range of commits of a git kernel, and no path. */
function isRange(path: string): boolean {
  return /^[^/.~][^~]*\.\.[^/.]/.test(path);
}
