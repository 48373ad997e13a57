import type { Host } from '../host/host.ts';
import { onPath } from '../host/on-path.ts';
import { programFailure } from '../host/program-failure.ts';
import { runProgram } from '../host/run-program.ts';
import { shellLine } from '../shell-words.ts';

const boundMs = 5 * 60 * 1000;
const word = 'first-command';

/** virtme-ng's version; undefined when it is not on PATH. */
export async function virtmeVersion(host: Host): Promise<string | undefined> {
  if ((await onPath('vng')) === undefined) return undefined;
  const finished = await runProgram({ file: 'vng', args: ['--version'], timeoutMs: boundMs, signal: host.signal });
  return finished.ok ? /\d+(?:\.\d+)+/.exec(finished.stdout.toString('utf8'))?.[0] : undefined;
}

/**
 * virtme-ng running a trivial command in the kernel, with the host's root over 9p: virtiofs would be served by the code under test, and its daemon is
 * often not there. vng wants a terminal, which script(1) gives it.
 * @returns from its start to the command's output, in milliseconds
 * @throws DioramaError `program-failed`, `timed-out` (machine)
 */
export async function timeVirtme(host: Host, given: { readonly kernel: string; readonly kvm: boolean; readonly log: string }): Promise<number> {
  const began = performance.now();
  let saidAt: number | undefined;
  const finished = await runProgram({
    file: 'script', args: ['--quiet', '--return', '--flush', '--command', shellLine(['vng', '--run', given.kernel, '--force-9p', ...(given.kvm ? [] : ['--disable-kvm']), '--', 'echo', word]), '/dev/null'],
    timeoutMs: boundMs, signal: host.signal, endsWithUs: true, log: given.log,
    onLine: (line) => {
      if (line.trim() === word) saidAt ??= performance.now();
    },
  });
  if (saidAt !== undefined) return saidAt - began;
  throw programFailure(finished, { blame: 'machine', code: 'program-failed', message: `vng ran no command (exit ${finished.exitCode})`, evidence: given.log, phase: 'virtme-ng', timeoutMs: boundMs });
}
