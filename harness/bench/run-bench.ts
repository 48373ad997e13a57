import { cp, rm } from 'node:fs/promises';
import { cpus, loadavg, release, totalmem, type } from 'node:os';
import { join } from 'node:path';
import { findConfig } from '../engine/find-config.ts';
import { prepareSides, type Prepared, type PreparedSide } from '../engine/prepare-sides.ts';
import { DioramaError } from '../errors.ts';
import { makeSet } from '../guest/make-set.ts';
import { makeTemplate } from '../guest/make-template.ts';
import type { Guest } from '../guest/read-guest.ts';
import { chooseAccelerator } from '../host/choose-accelerator.ts';
import type { Accelerator } from '../host/accelerator.ts';
import type { Host } from '../host/host.ts';
import { scratchDir } from '../host/scratch-dir.ts';
import { buildVariant } from '../kernel/build/build-variant.ts';
import { obtainSource } from '../kernel/source/obtain-source.ts';
import type { KernelSpec, Source } from '../kernel/types.ts';
import type { Scenario } from '../scenario/types.ts';
import { buildLibfuse } from '../stage/build-libfuse.ts';
import type { BenchReport } from './bench-report.ts';
import { handBuild } from './by-hand.ts';
import { fileC, fuseIH, mmUtilC, type Edit } from './edits.ts';
import type { Figure, FigureId, NotMeasured } from './figures.ts';
import { timeBoot, timeClone } from './guest-figures.ts';
import { writeTree, type ScratchTree } from './scratch-tree.ts';
import { stageMs, timedRun, type TimedRun } from './timed-run.ts';
import { timeVirtme, virtmeVersion } from './virtme.ts';

export interface BenchRequest {
  readonly kernel: KernelSpec;
  readonly kernelText: string;
  readonly guest: Guest;
  /** The catalogue, and which of it is played where one scene is. */
  readonly scenes: readonly Scenario[];
  readonly scene: Scenario;
  /** How often what takes seconds is measured; the cold build and make from nothing are measured once. */
  readonly runs: number;
  /** Where evidence is kept: logs, and the runs that were timed. */
  readonly dir: string;
  /** Told what is being measured, for progress. */
  readonly tell: (text: string) => void;
}

/** One benchmark while it goes on. */
interface Bench extends BenchRequest {
  /** With a cache of its own, so that what is cold is cold, and nobody's is changed. */
  readonly host: Host;
  readonly scratch: string;
  readonly tree: ScratchTree;
  readonly source: Source;
  readonly note: (id: FigureId, ms: number | undefined) => void;
}

/**
 * Measures in one run, on a copy of the kernel's tree and in a cache of its own that go away with it: what a change costs with diorama, as
 * `./diorama run` from its start to its end, and beside it what one would do by hand.
 * @throws DioramaError of what could not be measured at all
 */
export async function runBench(outer: Host, request: BenchRequest): Promise<BenchReport> {
  const began = new Date().toISOString();
  const loadBefore = loadavg()[0] ?? NaN;
  const accelerator = await chooseAccelerator(outer);
  const scratch = await scratchDir(outer.cache, 'bench-');
  try {
    const found = new Map<FigureId, number[]>();
    const note: Bench['note'] = (id, ms) => {
      if (ms !== undefined) found.set(id, [...(found.get(id) ?? []), ms]);
    };
    const host: Host = { ...outer, cache: join(scratch, 'cache'), emit: () => undefined };
    request.tell('a copy of the kernel');
    const source = await obtainSource(outer, request.kernel, request.kernelText);
    const tree = await writeTree(outer, source, join(scratch, 'linux'));
    // Downloads are not measured.
    const libfuse = await buildLibfuse(outer);
    await cp(join(outer.cache, 'libfuse'), join(host.cache, 'libfuse'), { recursive: true });
    const bench: Bench = { ...request, host, scratch, tree, source, note };
    const cold = await coldRun(bench);
    await loops(bench);
    const prepared = await prepareSides(host, { kernel: { kind: 'dir', path: tree.dir }, kernelText: `dir:${tree.dir}`, config: await findConfig(host.root, []), guest: request.guest, evidenceDir: request.dir });
    const [on] = prepared.sides;
    if (!on) throw new DioramaError({ blame: 'machine', code: 'program-failed', message: 'there is no side to measure on' });
    await guests(bench, { on, prepared, accelerator });
    await byHand(bench, on);
    const virtme = await withVirtme(bench, accelerator);
    const compiler = cold.record.base?.compiler;
    return {
      began,
      machine: { os: `${type()} ${release()}`, cpu: cpus()[0]?.model ?? 'unknown', cpus: cpus().length, memoryBytes: totalmem(), accelerator },
      versions: { ...(cold.record.qemu === undefined ? {} : { QEMU: numberOf(cold.record.qemu) }), ...(compiler === undefined ? {} : { gcc: numberOf(compiler) }), libfuse: libfuse.version, Node: process.version, ...(virtme.version === undefined ? {} : { 'virtme-ng': virtme.version }) },
      kernel: `Linux ${source.version}`, scenes: request.scenes.length, scene: request.scene.name, load: [loadBefore, loadavg()[0] ?? NaN],
      figures: [...found].map(([id, ms]): Figure => ({ id, ms })), notMeasured: virtme.notMeasured,
    };
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

/** The last number in a program's word for its version. */
function numberOf(text: string): string {
  return text.match(/\d+(?:\.\d+)+/g)?.at(-1) ?? text;
}

function run(bench: Bench, args: readonly string[]): Promise<TimedRun> {
  return timedRun(bench.host, { args: ['--kernel', `dir:${bench.tree.dir}`, '--results', join(bench.dir, 'runs'), ...args], log: join(bench.dir, 'runs.log') });
}

async function coldRun(bench: Bench): Promise<TimedRun> {
  const { tell, tree, note } = bench;
  tell('everything for the first time');
  await tree.save(mmUtilC);
  const cold = await run(bench, ['--scenario', bench.scene.name]);
  note('cold-source', stageMs(cold, 'source'));
  note('cold-config', stageMs(cold, 'config'));
  note('cold-build', stageMs(cold, 'build'));
  return cold;
}

/** From a save to verdicts, as its user waits for them. */
async function loops(bench: Bench): Promise<void> {
  const { tell, tree, note, runs } = bench;
  const one = async (edit: Edit, ids: readonly [FigureId, FigureId]): Promise<void> => {
    for (let nth = 1; nth <= runs; nth++) {
      tell(`a change in ${edit.path}, ${nth} of ${runs}`);
      await tree.save(edit);
      const timed = await run(bench, ['--scenario', bench.scene.name]);
      note(ids[0], timed.ms);
      note(ids[1], stageMs(timed, 'build'));
    }
  };
  await one(fileC, ['verdict-file-c', 'build-file-c']);
  await one(fuseIH, ['verdict-fuse-i-h', 'build-fuse-i-h']);
  for (let nth = 1; nth <= Math.ceil(runs / 2); nth++) {
    tell(`the catalogue after a change, ${nth} of ${Math.ceil(runs / 2)}`);
    await tree.save(fileC);
    const timed = await run(bench, []);
    note('verdict-catalogue', timed.ms);
    note('catalogue', timed.record.time?.stages.find(({ stage }) => stage === 'scene')?.ms);
  }
  tell('the catalogue again');
  for (let nth = 1; nth <= runs; nth++) note('unchanged', (await run(bench, [])).ms);
}

/** Templates, sets, clones and boots, one at a time. */
async function guests(bench: Bench, given: { readonly on: PreparedSide; readonly prepared: Prepared; readonly accelerator: Accelerator }): Promise<void> {
  const { host, tell, note, runs, guest, scratch } = bench;
  const { on, accelerator, prepared: { stage } } = given;
  const { variant } = on;
  const timed = async (id: FigureId, work: () => Promise<unknown>): Promise<void> => {
    const began = performance.now();
    await work();
    note(id, performance.now() - began);
  };
  tell('templates, clones and boots');
  for (let nth = 1; nth <= runs; nth++) {
    const empty: Host = { ...host, cache: join(scratch, `empty-${nth}`) };
    const request = { guest, vmlinux: variant.vmlinux, vmlinuxId: variant.vmlinuxId, initrd: stage.initrd, initrdId: stage.id, label: 'bench' };
    await timed('template', () => makeTemplate(empty, request));
    const template = await makeTemplate(empty, request);
    await timed('set', () => makeSet(empty, { guest, template, fuseModule: variant.fuseModule, label: 'bench' }));
    await rm(empty.cache, { recursive: true, force: true });
    note('hand-boot', await timeBoot(host, { on, guest, initrd: stage.initrd, accelerator, dir: join(scratch, `boot-${nth}`) }));
    await rm(join(scratch, `boot-${nth}`), { recursive: true, force: true });
  }
  for (let nth = 1; nth <= 4 * runs; nth++) {
    const { firstEventMs, ms } = await timeClone(host, { on, guest, scene: bench.scene, dir: join(scratch, `clone-${nth}`) });
    note('clone-start', firstEventMs);
    note('scene', ms);
  }
}

async function byHand(bench: Bench, { variant }: PreparedSide): Promise<void> {
  const { host, tell, tree, note, runs } = bench;
  if (variant.kind !== 'built') return;
  tell('make from nothing, by hand');
  const hand = await handBuild(host, { tree: tree.dir, dir: join(bench.scratch, 'hand'), dotConfig: variant.dotConfig, log: join(bench.dir, 'by-hand.log') });
  note('hand-full', await hand.make());
  for (let nth = 1; nth <= runs; nth++) {
    tell(`make after a change, by hand, ${nth} of ${runs}`);
    await tree.save(fileC);
    note('hand-again', await hand.make());
  }
}

/** What did not work with somebody else's tool is told beside what did with ours. */
async function withVirtme(bench: Bench, accelerator: Accelerator): Promise<{ readonly version: string | undefined; readonly notMeasured: readonly NotMeasured[] }> {
  const { host, tell, note, source } = bench;
  const version = await virtmeVersion(host);
  if (version === undefined) return { version, notMeasured: [{ id: 'virtme-command', why: 'there is no vng on PATH' }] };
  tell('a kernel for virtme-ng');
  try {
    const config = await findConfig(host.root, ['virtme']);
    const variant = await buildVariant(host, { source, treeId: source.treeId, touched: new Map() }, config, { buildMs: bench.guest.limits.build }, join(bench.dir, 'virtme-build.log'));
    for (let nth = 1; nth <= Math.ceil(bench.runs / 2); nth++) {
      tell(`virtme-ng, ${nth} of ${Math.ceil(bench.runs / 2)}`);
      note('virtme-command', await timeVirtme(host, { kernel: variant.vmlinux, kvm: accelerator === 'kvm', log: join(bench.dir, 'virtme.log') }));
    }
    return { version, notMeasured: [] };
  } catch (error) {
    if (!(error instanceof DioramaError) || error.code === 'interrupted') throw error;
    return { version, notMeasured: [{ id: 'virtme-command', why: [error.message, ...error.details.slice(0, 1)].join(': ') }] };
  }
}
