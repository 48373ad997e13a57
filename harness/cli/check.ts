import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import picomatch from 'picomatch';
import { DioramaError } from '../errors.ts';
import type { Host } from '../host/host.ts';
import type { Output } from './colours.ts';
import { describeCheck } from './check/describe-check.ts';
import { type CheckedUnit, countOutcomes } from './check/outcome.ts';
import { runTests } from './check/run-tests.ts';
import { runStaticCheck, staticCheckNames } from './check/static-checks.ts';

export interface CheckOptions {
  /** Only what has this in its name, or whose name this glob matches: `lint`, `types`, `shellcheck`, or a test file's path. */
  readonly only?: string;
  /** Stop at the first failure. */
  readonly failFast: boolean;
  readonly stdout?: Output;
}

/**
 * Checks diorama itself: lint, types and shellcheck side by side, then every test. Prints what failed, a table, and
 * `N passed, N failed` alone on the last line.
 * @returns 0 when nothing failed, else 1
 * @throws DioramaError `bad-usage` when `only` names nothing
 * @throws the signal's reason when it was aborted
 */
export async function check(host: Host, options: CheckOptions): Promise<number> {
  const { stdout = process.stdout } = options;
  const print = (line: string): void => void stdout.write(`${line}\n`);
  const wanted = nameFilter(options.only);
  const checks = staticCheckNames.filter((name) => wanted(name));
  const files = (await findTests(host.root)).filter((name) => wanted(name));
  if (checks.length + files.length === 0) {
    throw new DioramaError({
      blame: 'usage',
      code: 'bad-usage',
      message: `--only ${options.only ?? ''}: no check and no test file has that in its name`,
      next: `it may be ${staticCheckNames.join(', ')}, or part of a path below tests/harness`,
    });
  }
  const logs = await makeLogDir(host.cache);
  const units: CheckedUnit[] = await Promise.all(checks.map((name) => runStaticCheck(host, { name, logs })));
  for (const unit of units) print(`${countOutcomes([unit]).failed > 0 ? 'not ok' : 'ok    '}  ${unit.name}`);
  const stop = options.failFast && countOutcomes(units).failed > 0;
  if (files.length > 0 && !stop) {
    units.push(...(await runTests(host, { files, failFast: options.failFast, log: join(logs, 'tests.log'), onFile: print })));
  }
  for (const line of describeCheck(units, logs)) print(line);
  return countOutcomes(units).failed > 0 ? 1 : 0;
}

function nameFilter(only: string | undefined): (name: string) => boolean {
  if (only === undefined) return () => true;
  const matches = picomatch(only);
  return (name) => name.includes(only) || matches(name);
}

async function findTests(root: string): Promise<readonly string[]> {
  const dir = 'tests/harness';
  const names = await readdir(join(root, dir), { recursive: true });
  return names.filter((name) => name.endsWith('.test.ts')).map((name) => join(dir, name)).sort();
}

/** How many checks' logs are kept. */
const keptLogs = 5;

async function makeLogDir(cache: string): Promise<string> {
  const home = join(cache, 'check');
  const dir = join(home, `${new Date().toISOString().replaceAll(/[:.]/g, '')}-${String(process.pid)}`);
  await mkdir(dir, { recursive: true });
  for (const old of (await readdir(home)).sort().slice(0, -keptLogs)) await rm(join(home, old), { recursive: true, force: true });
  return dir;
}
