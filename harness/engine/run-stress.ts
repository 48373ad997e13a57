import { open, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { makeTemplate, type Template } from '../guest/make-template.ts';
import { playClone } from '../guest/play-clone.ts';
import type { Guest } from '../guest/read-guest.ts';
import type { Host } from '../host/host.ts';
import { groupSplats, type SplatGroup } from '../judge/group-splats.ts';
import { judgeStress } from '../judge/judge-stress.ts';
import { applyKnown, type KnownIssue } from '../judge/known-issues.ts';
import { readStressTrace, type StressTally, type StressTrace } from '../judge/read-stress-trace.ts';
import type { Verdict } from '../judge/verdict.ts';
import type { KernelConfig, KernelSpec, Variant } from '../kernel/types.ts';
import type { Series } from '../series/types.ts';
import { buildStress } from '../stage/build-stage.ts';
import { guestFiles } from './clone-files.ts';
import { prepareVariant } from './prepare-sides.ts';

export interface StressRequest {
  readonly kernel: KernelSpec;
  readonly kernelText: string;
  readonly series?: Series;
  readonly config: KernelConfig;
  readonly guest: Guest;
  readonly issues: readonly KnownIssue[];
  readonly seed: number;
  readonly seconds: number;
  /** Where its program, trace and console are kept. */
  readonly dir: string;
}

export interface StressResult {
  readonly verdict: Verdict;
  readonly trace: StressTrace;
  readonly splats: readonly SplatGroup[];
  readonly variant: Variant;
  readonly template: Template;
  readonly ms: number;
}

/** Beside the time that it works: the last call of every actor, the last quiet point, and a machine that is busy with other things. */
const slackMs = 5 * 60 * 1000;
const lookEveryMs = 1000;
const tailBytes = 4096;

/**
 * Boots a kernel with the stress in it, lets it work and judges what it found.
 * @throws DioramaError of the stage that failed
 */
export async function runStress(host: Host, request: StressRequest): Promise<StressResult> {
  const { dir, seconds } = request;
  const variant = await prepareVariant(host, { ...request, evidenceDir: dir });
  const stage = await buildStress(host);
  const template = await makeTemplate(host, {
    guest: request.guest, vmlinux: variant.vmlinux, vmlinuxId: variant.vmlinuxId, initrd: stage.initrd, initrdId: stage.id, label: variant.release,
  });
  const file = (name: string): string => join(dir, name);
  await writeFile(file('program'), stressProgram(request));
  const limits = { ...request.guest.limits, scene: seconds * 1000 + slackMs };
  const began = performance.now();
  const label = `stress, seed ${request.seed}, ${seconds} s`;
  host.emit({ kind: 'stage-start', stage: 'scene', label });
  const watching = setInterval(() => {
    void newestTally(file('trace')).then((tally) => tally && host.emit({ kind: 'stage-progress', stage: 'scene', detail: progressOf(tally, seconds) }));
  }, lookEveryMs);
  try {
    const played = await playClone(host, {
      guest: { ...request.guest, limits }, template, files: guestFiles(file('program'), variant), console: file('console'), trace: file('trace'),
    });
    const { ending, trace, console } = played;
    const judged = judgeStress({ trace, console, ended: ending.how, exitCode: ending.exitCode, stderr: ending.stderr, limits });
    const verdict = applyKnown(judged, { scene: 'stress', version: variant.version, model: undefined }, request.issues);
    const ms = performance.now() - began;
    host.emit({ kind: 'stage-end', stage: 'scene', label, ms, reused: false });
    return { verdict, trace: readStressTrace(trace), splats: groupSplats(console), variant, template, ms };
  } finally {
    clearInterval(watching);
  }
}

/** One line, read by guests/stress/arena.c: on every file so many of each role, and how long a request is at the server at most, in microseconds. */
export function stressProgram({ seed, seconds }: Pick<StressRequest, 'seed' | 'seconds'>): string {
  return `stress seed=${seed} seconds=${seconds} files=2 blocks=16 writers=3 readers=2 mappers=2 openers=1 delay=2000 beside=1\n`;
}

function progressOf(tally: StressTally, seconds: number): string {
  return `stress ${Math.floor(tally.t / 1e9)} of ${seconds} s, ${tally.judged} words judged, ${tally.met} writes met, ${tally.waits} waits seen, ${tally.kills} kills`;
}

async function newestTally(trace: string): Promise<StressTally | undefined> {
  const handle = await open(trace, 'r').catch(() => undefined);
  if (!handle) return undefined;
  try {
    const { size } = await handle.stat();
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(tailBytes), 0, tailBytes, Math.max(0, size - tailBytes));
    const lines = buffer.toString('latin1', 0, bytesRead).split('\n').slice(1, -1);
    return readStressTrace(lines.filter((line) => line.includes('"e":"tally"')).slice(-1).join('\n')).tally;
  } finally {
    await handle.close();
  }
}
