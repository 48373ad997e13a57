import { access, constants, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DioramaError } from '../errors.ts';
import type { Host } from './host.ts';
import { probeGuestExitCode, probeGuestImage } from './probe-guest.ts';
import { type Finished, runProgram } from './run-program.ts';
import { scratchDir } from './scratch-dir.ts';

export type Accelerator = 'kvm' | 'tcg';

export interface AcceleratorProbe {
  readonly accelerator: Accelerator;
  readonly works: boolean;
  /** In words: what was tried and what came of it. */
  readonly reason: string;
  readonly ms: number;
}

/** Hardware is done in some 50 ms, TCG in 200; a guest that needs longer than this is not being accelerated. */
const boundMs = 5000;

/**
 * Tells whether guests really run with an accelerator, by booting one that does what a kernel does first (probe-guest.ts). That
 * /dev/kvm opens, and even creates a VM, proves nothing. TCG is the control: when that fails too, QEMU or the probe is broken.
 * @throws the signal's reason when it was aborted
 */
export async function probeAccelerator(host: Host, accelerator: Accelerator): Promise<AcceleratorProbe> {
  const began = performance.now();
  const because = (works: boolean, reason: string): AcceleratorProbe => ({
    accelerator,
    works,
    reason,
    ms: Math.round(performance.now() - began),
  });
  if (accelerator === 'kvm') {
    const closed = await whyClosed('/dev/kvm');
    if (closed !== undefined) return because(false, closed);
  }
  try {
    const finished = await bootProbeGuest(host, accelerator);
    if (finished.exitCode === probeGuestExitCode) return because(true, 'booted a guest');
    return because(false, `${accelerator === 'kvm' ? '/dev/kvm opens, but no guest runs: ' : ''}${whyNot(finished)}`);
  } catch (error) {
    if (error instanceof DioramaError && error.code === 'program-missing') return because(false, 'there is no qemu-system-x86_64');
    throw error;
  }
}

async function whyClosed(device: string): Promise<string | undefined> {
  try {
    await access(device, constants.R_OK | constants.W_OK);
    return undefined;
  } catch (error) {
    const missing = (error as NodeJS.ErrnoException).code === 'ENOENT';
    return missing ? `there is no ${device}` : `${device} may not be opened by this user: join its group`;
  }
}

async function bootProbeGuest(host: Host, accelerator: Accelerator): Promise<Finished> {
  const dir = await scratchDir(tmpdir(), 'diorama-probe-');
  try {
    const image = join(dir, 'probe.bin');
    await writeFile(image, probeGuestImage());
    return await runProgram({
      file: 'qemu-system-x86_64',
      args: [
        ...['-nodefaults', '-no-user-config', '-display', 'none', '-no-reboot', '-m', '16M'],
        ...['-machine', 'pc', '-accel', accelerator, '-cpu', 'max', '-bios', image],
        ...['-device', 'isa-debug-exit,iobase=0xf4,iosize=1'],
      ],
      cwd: dir, // where a QEMU that aborts may leave a core
      timeoutMs: boundMs,
      signal: host.signal,
    });
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}

function whyNot(finished: Finished): string {
  if (finished.timedOut) return `nothing came of it in ${String(boundMs / 1000)} s`;
  const said = finished.stderr
    .split('\n')
    .map((line) => line.replace(/^\S*qemu-system-x86_64: (error: )?/, '').trim())
    .find((line) => line !== '' && !line.startsWith('warning:'));
  return said ?? `QEMU ended with exit code ${String(finished.exitCode)}`;
}
