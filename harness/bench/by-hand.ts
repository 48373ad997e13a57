import { copyFile, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Host } from '../host/host.ts';
import { programFailure } from '../host/program-failure.ts';
import { runProgram } from '../host/run-program.ts';
import { environment, makeCommand } from '../kernel/build/build-directory.ts';

const boundMs = 2 * 60 * 60 * 1000;

export interface HandBuild {
  /** `make bzImage modules` there, in milliseconds. @throws DioramaError `build-failed` (kernel), `timed-out`, `disk-full` (machine) */
  make(): Promise<number>;
  readonly image: string;
}

/** A build directory as somebody would have one by hand, beside the tree, with the configuration of `dotConfig`. */
export async function handBuild(host: Host, given: { readonly tree: string; readonly dir: string; readonly dotConfig: string; readonly log: string }): Promise<HandBuild> {
  const { tree, dir, log } = given;
  const [file = 'make', ...args] = makeCommand(host, tree, dir);
  const run = async (targets: readonly string[]): Promise<void> => {
    const finished = await runProgram({ file, args: [...args, ...targets], cwd: dir, env: environment(dir), timeoutMs: boundMs, signal: host.signal, endsWithUs: true, log });
    if (!finished.ok) throw programFailure(finished, { blame: 'kernel', code: 'build-failed', message: `make ${targets.join(' ')} failed`, evidence: log, phase: 'building by hand', timeoutMs: boundMs });
  };
  await mkdir(dir, { recursive: true });
  await copyFile(given.dotConfig, join(dir, '.config'));
  await run(['olddefconfig']);
  return {
    image: join(dir, 'arch/x86/boot/bzImage'),
    make: async () => {
      const began = performance.now();
      await run(['bzImage', 'modules']);
      return performance.now() - began;
    },
  };
}
