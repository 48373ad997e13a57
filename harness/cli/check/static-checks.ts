import { join } from 'node:path';
import { DioramaError } from '../../errors.ts';
import type { Host } from '../../host/host.ts';
import { type Program, runProgram } from '../../host/run-program.ts';
import { findBashFiles } from './find-bash-files.ts';
import type { CheckCase, CheckedUnit } from './outcome.ts';

export type StaticCheckName = (typeof staticCheckNames)[number];

export const staticCheckNames = ['lint', 'types', 'shellcheck'] as const;

const boundMs = 10 * 60 * 1000;

/**
 * Runs one of the checks that need no test, with its output in `logs`. Counts as one case; shellcheck is skipped where it is not
 * installed.
 * @throws the signal's reason when it was aborted
 */
export async function runStaticCheck(
  host: Host,
  given: { readonly name: StaticCheckName; readonly logs: string },
): Promise<CheckedUnit> {
  const began = performance.now();
  const outcome = await runOne(host, given);
  return { name: given.name, ms: performance.now() - began, cases: [{ name: given.name, ...outcome }] };
}

async function runOne(
  host: Host,
  { name, logs }: { readonly name: StaticCheckName; readonly logs: string },
): Promise<Omit<CheckCase, 'name'>> {
  try {
    const finished = await runProgram({
      ...(await programs[name](host)),
      cwd: host.root,
      timeoutMs: boundMs,
      signal: host.signal,
      log: join(logs, `${name}.log`),
    });
    if (finished.ok) return { outcome: 'passed', evidence: [] };
    const late = finished.timedOut ? [`not finished after ${String(boundMs / 60_000)} min`] : [];
    const said = (finished.stdout.toString('utf8') + finished.stderr).trimEnd().split('\n');
    return { outcome: 'failed', evidence: [...said, ...late] };
  } catch (error) {
    if (name === 'shellcheck' && error instanceof DioramaError && error.code === 'program-missing') {
      return { outcome: 'skipped', evidence: [] };
    }
    throw error;
  }
}

const programs: Readonly<Record<StaticCheckName, (host: Host) => Promise<Pick<Program, 'file' | 'args'>>>> = {
  lint: ({ root }) =>
    node(root, 'eslint/bin/eslint.js', ['--max-warnings', '0', '--no-error-on-unmatched-pattern', 'harness', 'tests/harness', 'scripts']),
  types: ({ root }) => node(root, 'typescript/bin/tsc', ['-p', '.', '--pretty', 'false']),
  shellcheck: async ({ root }) => ({ file: 'shellcheck', args: ['-x', ...(await findBashFiles(root))] }),
};

function node(root: string, script: string, args: readonly string[]): Promise<Pick<Program, 'file' | 'args'>> {
  return Promise.resolve({ file: process.execPath, args: [join(root, 'node_modules', script), ...args] });
}
