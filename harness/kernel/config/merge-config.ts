import { readFile, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { DioramaError } from '../../errors.ts';
import type { Host } from '../../host/host.ts';
import { programFailure } from '../../host/program-failure.ts';
import { runProgram } from '../../host/run-program.ts';
import type { KernelConfig } from '../types.ts';
import { fragmentForMerge, parseDotConfig, parseFragment } from './config-fragment.ts';
import type { AskedSymbol } from './config-fragment.ts';
import { explainUnmet } from './explain-unmet.ts';
import { readKconfig } from './read-kconfig.ts';

export interface ConfigRequest {
  /** The checked-out kernel. */
  readonly workTree: string;
  readonly buildDir: string;
  readonly config: KernelConfig;
  /** make and its arguments up to the targets. */
  readonly make: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
  readonly log: string;
}

/**
 * Writes `<buildDir>/.config`: the fragments, in order, merged over tinyconfig by the kernel's own merge_config.sh and completed by
 * olddefconfig. Every asked symbol must be in the result.
 * @throws DioramaError `bad-file` (usage) for a mistake in a fragment, `config-unmet` (kernel) naming each symbol and the
 *   dependency it lacks, `build-failed` (kernel) when kconfig itself fails, `timed-out`, `disk-full` (machine)
 */
export async function mergeConfig(host: Host, request: ConfigRequest): Promise<void> {
  const asked = await readFragments(request.config);
  const fragment = join(request.buildDir, 'diorama.config');
  await writeFile(fragment, fragmentForMerge(asked));
  await run(host, request, [...request.make, 'tinyconfig']);
  const script = join(request.workTree, 'scripts/kconfig/merge_config.sh');
  await run(host, request, ['sh', script, '-m', '-O', request.buildDir, join(request.buildDir, '.config'), fragment]);
  await run(host, request, [...request.make, 'olddefconfig']);
  await checkAsked(request, asked);
}

/**
 * What the fragments ask for; a later one wins over an earlier one.
 * @throws DioramaError `bad-file` (usage) with every mistake
 */
export async function readFragments(config: KernelConfig): Promise<readonly AskedSymbol[]> {
  const asked = new Map<string, AskedSymbol>();
  const mistakes: string[] = [];
  for (const path of config.fragments) {
    const text = await readFile(path, 'utf8').catch((error: unknown) => {
      throw new DioramaError({ blame: 'usage', code: 'bad-file', message: `${path}: cannot be read`, cause: error, next: 'see kconfig/ for what there is' });
    });
    const fragment = parseFragment(text, basename(path));
    for (const one of fragment.asked) asked.set(one.symbol, one);
    mistakes.push(...fragment.mistakes);
  }
  if (mistakes.length > 0) {
    throw new DioramaError({
      blame: 'usage',
      code: 'bad-file',
      message: `config ${config.name}: ${String(mistakes.length)} mistake(s) in its fragments`,
      details: mistakes,
    });
  }
  return [...asked.values()];
}

async function checkAsked(request: ConfigRequest, asked: readonly AskedSymbol[]): Promise<void> {
  const values = parseDotConfig(await readFile(join(request.buildDir, '.config'), 'utf8'));
  const missed = asked.filter((one) => (values.get(one.symbol) ?? 'n') !== one.value);
  if (missed.length === 0) return;
  const kconfig = await readKconfig(request.workTree, 'x86');
  const details = missed.flatMap((one) => {
    if (one.optional && !kconfig.has(one.symbol.slice('CONFIG_'.length))) return [];
    const why = explainUnmet(kconfig, values, { symbol: one.symbol.slice('CONFIG_'.length), value: one.value });
    return [`${one.place}: ${one.symbol}=${one.value} became ${values.get(one.symbol) ?? 'n'}: ${why}`];
  });
  if (details.length === 0) return;
  throw new DioramaError({
    blame: 'kernel',
    code: 'config-unmet',
    message: `config ${request.config.name}: ${String(details.length)} asked symbol(s) did not make it into .config`,
    details,
    evidence: join(request.buildDir, '.config'),
    next: 'add the dependency to the fragment, or write "# optional: CONFIG_X=y" for a symbol that this series does not have',
  });
}

async function run(host: Host, request: ConfigRequest, command: readonly string[]): Promise<void> {
  const [file = 'make', ...args] = command;
  const finished = await runProgram({
    file,
    args,
    env: { ...request.env, KCONFIG_CONFIG: join(request.buildDir, '.config') },
    cwd: request.buildDir,
    timeoutMs: request.timeoutMs,
    endsWithUs: true,
    signal: host.signal,
    log: request.log,
  });
  if (finished.ok) return;
  throw programFailure(finished, {
    blame: 'kernel',
    code: 'build-failed',
    message: `config ${request.config.name}: ${args.at(-1) ?? file} failed`,
    evidence: request.log,
    phase: 'configuring the kernel',
    timeoutMs: request.timeoutMs,
  });
}
