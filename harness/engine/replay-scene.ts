import { access, mkdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { DioramaError } from '../errors.ts';
import { makeSet } from '../guest/make-set.ts';
import { makeTemplate, type Template } from '../guest/make-template.ts';
import { playClone } from '../guest/play-clone.ts';
import { cachedDir } from '../host/cached-dir.ts';
import { fileHash } from '../host/content-key.ts';
import { compressionOf, decompress } from '../host/decompress.ts';
import type { Host } from '../host/host.ts';
import { diskError } from '../host/run-program.ts';
import { firstDifference, type TraceDifference } from '../judge/compare-traces.ts';
import { judgeScene } from '../judge/judge-scene.ts';
import { applyKnown } from '../judge/known-issues.ts';
import type { Verdict } from '../judge/verdict.ts';
import { storedVmlinux } from '../kernel/build/vmlinux-store.ts';
import { printable } from '../printable.ts';
import { insideRun } from '../results/inside-run.ts';
import { keptScene } from '../results/kept-scene.ts';
import { machineFiles, readMachines, type Machine, type Machines } from '../results/machines.ts';
import { writeWhole } from '../results/run-directory.ts';
import { guestFiles } from './clone-files.ts';
import { findKnownIssues } from './find-known-issues.ts';

export interface ReplayRequest {
  /** The run's directory. */
  readonly run: string;
  readonly scene: string;
  /** `base`, `patched` or `patch-0002`. */
  readonly side: string;
  /** The scene's directory, as the record has it. */
  readonly evidence: string;
  /** The generation that judged, where it was not the kernel's own. */
  readonly model: string | undefined;
  /** SHA-256 of what the run left, where its record has them. */
  readonly traceId: string | undefined;
  readonly programId: string | undefined;
  /** Where trace, console and verdict of the replay go. */
  readonly dir: string;
}

export interface Replayed {
  readonly verdict: Verdict;
  /** Undefined when the trace is the same to the byte. */
  readonly difference: TraceDifference | undefined;
  readonly events: number;
  readonly traceBytes: number;
  /** The console is the same to the byte too. */
  readonly sameConsole: boolean;
  /** Files of the stored scene that are not as the run left them. */
  readonly changed: readonly string[];
  /** QEMU's version then and now; the only thing that a replay does not bring along. */
  readonly qemu: { readonly was: string; readonly is: string };
}

/** More than any kernel unpacks to; what claims more was not packed by us. */
const mostVmlinuxBytes = 512 * 1024 * 1024;

/**
 * Plays a scene of a stored run again from what the run kept: its guest, vmlinux, initramfs, fuse.ko and program, and holds the trace against
 * the stored one.
 * @throws DioramaError `bad-usage` when the run has no machines, `bad-file` when a file is missing or not the one that the run had;
 * `boot-failed`, `program-missing`, `disk-full` as for a run
 */
export async function replayScene(host: Host, request: ReplayRequest): Promise<Replayed> {
  const machines = await readMachines(request.run);
  const machine = machines.sides[request.side];
  if (!machine) throw notKept(`${request.run}: of the side ${request.side} nothing was kept to play it on`);
  const at = insideRun(request.run, request.evidence);
  await access(join(at, 'program')).catch(() => {
    throw notKept(`${join(at, 'program')}: there is none to play; only scenes have one, not suites or the wall clock`);
  });
  const was = await readFile(join(at, 'trace'), 'latin1').catch(() => {
    throw notKept(`${join(at, 'trace')}: the trace is gone, so there is nothing to compare with`);
  });
  const changed = await changedFiles(at, [['trace', request.traceId], ['program', request.programId]]);
  const fuseModule = machine.fuseModule === undefined ? undefined : await checked(join(request.run, machineFiles.fuseModule(request.side)), machine.fuseModule);
  const booted = await templateOf(host, { run: request.run, machines, machine });
  const set = machine.set ? await makeSet(host, { guest: machines.guest, template: booted, fuseModule, label: `fuse.ko of ${request.side}` }) : undefined;
  const template = set ?? booted;
  const { guest } = machines;
  const file = (name: string): string => join(request.dir, name);
  try {
    await rm(request.dir, { recursive: true, force: true });
    await mkdir(request.dir, { recursive: true });
  } catch (error) {
    throw diskError(error as NodeJS.ErrnoException, request.dir);
  }
  host.emit({ kind: 'stage-start', stage: 'scene', label: request.scene });
  const began = performance.now();
  const played = await playClone(host, {
    guest, template, files: set ? new Map([['program', join(at, 'program')]]) : guestFiles(join(at, 'program'), fuseModule === undefined ? {} : { fuseModule }), console: file('console'), trace: file('trace'),
  });
  host.emit({ kind: 'stage-end', stage: 'scene', label: request.scene, ms: performance.now() - began, reused: false });
  const verdict = await judge(host, { request, at, played, guest, machine });
  await writeWhole(file('verdict.json'), `${JSON.stringify(verdict, null, 2)}\n`);
  return {
    verdict, difference: firstDifference(was, played.trace), events: played.trace.split('\n').length - 1, traceBytes: Buffer.byteLength(played.trace, 'latin1'),
    changed, sameConsole: played.console === (await readFile(join(at, 'console'), 'latin1').catch(() => '')), qemu: { was: machines.qemu, is: template.qemu },
  };
}

async function judge(
  host: Host,
  given: { readonly request: ReplayRequest; readonly at: string; readonly played: Awaited<ReturnType<typeof playClone>>; readonly guest: Machines['guest']; readonly machine: Machine },
): Promise<Verdict> {
  const { request, played } = given;
  const scene = await keptScene(given.at, request.scene);
  const { version } = given.machine;
  const judged = judgeScene(scene, {
    trace: played.trace, console: played.console, ended: played.ending.how, exitCode: played.ending.exitCode, stderr: played.ending.stderr,
    limits: given.guest.limits, version, ...(request.model === undefined ? {} : { model: request.model }),
  });
  return applyKnown(judged, { scene: scene.name, version, model: request.model }, await findKnownIssues(host.root));
}

/** The template of the run itself where this machine still has it, else one that is booted from what the run kept. */
async function templateOf(host: Host, given: { readonly run: string; readonly machines: Machines; readonly machine: Machine }): Promise<Template> {
  const { machines, machine } = given;
  const initrd = await checked(join(given.run, machineFiles.initrd), machines.stage.initrd);
  const local = join(host.cache, 'stage', machines.stage.id, 'initrd.gz');
  const same = /^[0-9a-f]+$/.test(machines.stage.id) && (await fileHash(local).catch(() => '')) === machines.stage.initrd;
  return makeTemplate(host, {
    guest: machines.guest, vmlinux: await unpacked(host, { run: given.run, id: machine.vmlinux }), vmlinuxId: machine.vmlinux,
    ...(same ? { initrd: local, initrdId: machines.stage.id } : { initrd, initrdId: machines.stage.initrd }), label: printable(machine.release, 80),
  });
}

/** QEMU starts an ELF file, so it is unpacked; the cache has it already where the kernel was built here. */
async function unpacked(host: Host, given: { readonly run: string; readonly id: string }): Promise<string> {
  const stored = storedVmlinux(host, given.id).vmlinux;
  if ((await fileHash(stored).catch(() => '')) === given.id) return stored;
  const packed = join(given.run, machineFiles.vmlinux(given.id));
  const { dir } = await cachedDir(host, { kind: 'replayed', key: given.id }, async (part) => {
    const bytes = await readFile(packed).catch(() => {
      throw notKept(`${packed}: the kernel is gone`);
    });
    const whole = compressionOf(bytes) === 'gzip' && (await decompress(host, { bytes, file: join(part, 'vmlinux'), mostBytes: mostVmlinuxBytes }));
    if (!whole) throw notKept(`${packed}: cannot be unpacked: damaged, or no kernel that diorama packed`);
    await checked(join(part, 'vmlinux'), given.id, packed);
  });
  return join(dir, 'vmlinux');
}

async function changedFiles(dir: string, files: readonly (readonly [name: string, sha256: string | undefined])[]): Promise<string[]> {
  const hashes = await Promise.all(files.map(([name]) => fileHash(join(dir, name)).catch(() => '')));
  return files.flatMap(([name, sha256], index) => (sha256 === undefined || hashes[index] === sha256 ? [] : [name]));
}

/** @returns the path, when the file there is the one that the run had */
async function checked(path: string, sha256: string, shown = path): Promise<string> {
  const hash = await fileHash(path).catch(() => undefined);
  if (hash === sha256) return path;
  throw notKept(`${shown}: ${hash === undefined ? 'is gone' : `is not the file that the run had: its sha256 is ${hash.slice(0, 12)}…, not ${sha256.slice(0, 12)}…`}`);
}

function notKept(message: string): DioramaError {
  return new DioramaError({ blame: 'usage', code: 'bad-file', message, next: "the scene's repro.sh builds it again from the kernel's source" });
}
