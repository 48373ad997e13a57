import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { PlayedScene, RunRecord } from '../../../harness/results/run-record.ts';
import type { VerdictKind } from '../../../harness/judge/verdict.ts';

type Verdict = PlayedScene['verdict'];

/** One scene of each kind of verdict, as the judge words them. */
export const everyVerdict: Readonly<Record<VerdictKind, Verdict>> = {
  pass: { kind: 'pass', reason: '' },
  fail: { kind: 'fail', reason: "step 7: w2's pwrite of 4K at 4K reached the server (WRITE), where it must wait for the inode lock #7 \\ 8", step: 7 },
  splat: { kind: 'splat', reason: 'the kernel said: WARNING: CPU: 0 PID: 34 at fs/fuse/iomode.c:61 (console line 3)' },
  hang: { kind: 'hang', reason: 'the guest did not end within 60 s of its own time; step 5 was the last', step: 5 },
  crash: { kind: 'crash', reason: 'the kernel said: kernel BUG at fs/fuse/dir.c:1824! (console line 3)' },
  known: { kind: 'known', reason: 'K1, a thread in mmap and a writer of its own process wait for each other: step 5: …', step: 5, issue: 'K1' },
  skip: { kind: 'skip', reason: 'the kernel has no passthrough (CONFIG_FUSE_PASSTHROUGH)' },
  error: { kind: 'error', reason: 'the server never negotiated FUSE_DIRECT_IO_ALLOW_MMAP' },
};

export const crashConsole = [
  '[    0.085402] fuse: init (API version 7.41)', '[    0.373531] ------------[ cut here ]------------', '[    0.373537] kernel BUG at fs/fuse/dir.c:1824!',
  '[    0.373545] Oops: invalid opcode: 0000 [#1] SMP', '[    0.373713]  <TASK>', '[    0.374172] Kernel panic - not syncing: Fatal exception', '',
].join('\n');

const variant = (id: string): NonNullable<RunRecord['base']> => ({
  id, treeId: '0'.repeat(39) + id.slice(0, 1), release: '6.12.107', compiler: 'gcc (Debian 12.2.0-14+deb12u1) 12.2.0', vmlinuxId: 'f'.repeat(64), template: 'd53b1315',
});

export const stages = ['source', 'libfuse', 'stage', 'build', 'template'].map((stage) => ({ stage, label: `${stage} of 6.12`, ms: 61_500, reused: stage !== 'build' }));

/** A run of a base alone that came to its end, with these scenes. */
export function oneSided(scenes: Readonly<Record<string, Verdict>>, change: Partial<RunRecord> = {}): RunRecord {
  return {
    format: 'diorama run 1', id: '2026-11-23T035438-512c', status: 'done', started: '2026-11-23T03:54:38.913Z', ended: '2026-11-23T03:56:41.009Z',
    command: ['run'], config: 'default', guest: 'deterministic', seed: 1,
    kernel: { spec: 'debian:6.12', version: '6.12.107', origin: 'linux-source-6.12 6.12.107-1', treeId: '08530cdfe063036859375fc18bf24b66752de032' },
    base: variant('a1b2'), libfuse: '3.17.2', qemu: 'QEMU emulator version 7.2.22 (Debian 1:7.2+dfsg-7)',
    host: { os: 'Linux 6.1', arch: 'x64', cpus: 2, cpu: 'a processor', memoryBytes: 8 * 1024 ** 3, node: 'v20.20.2' },
    stages, scenes: Object.entries(scenes).map(([scene, verdict]) => played(scene, 'base', verdict)), summary: 'a summary', exitCode: 0,
    ...change,
  };
}

/** A run with a series that came to its end: for each scene its verdicts without and with it. */
export function twoSided(scenes: Readonly<Record<string, readonly [base: Verdict, patched: Verdict]>>, change: Partial<RunRecord> = {}): RunRecord {
  return oneSided({}, {
    series: { label: 'v3.mbox', patches: [{ subject: 'fuse: take the lock shared', from: 'v3.mbox, mail 2' }, { subject: 'fuse: and give it back', from: 'v3.mbox, mail 3' }], treeId: '1'.repeat(40) },
    patched: variant('c3d4'),
    stages: [...stages, { stage: 'build', label: '6.12 + series', ms: 4200, reused: false }, { stage: 'template', label: 'deterministic', ms: 10, reused: true }],
    scenes: Object.entries(scenes).flatMap(([scene, [base, patched]]) => [played(scene, 'base', base), played(scene, 'patched', patched)]),
    ...change,
  });
}

export function played(scene: string, side: 'base' | 'patched', verdict: Verdict): PlayedScene {
  return { scene, side, verdict, ms: 483.93916, dir: `${side}/${scene.slice(0, 60)}` };
}

/** Every pair of verdicts that a scene can have, named `BASE-PATCHED`. */
export function everyPair(): Record<string, readonly [Verdict, Verdict]> {
  const all = Object.values(everyVerdict);
  return Object.fromEntries(all.flatMap((base) => all.map((patched) => [`${base.kind}-${patched.kind}`, [base, patched] as const])));
}

export interface Evidence {
  readonly console?: string | Uint8Array;
  readonly patches?: readonly string[];
  readonly events?: string;
}

/** Writes a run below `results`, with a console for each scene that did not pass. @returns its directory */
export function storeRun(results: string, record: RunRecord, evidence: Evidence = {}): string {
  const dir = join(results, record.id);
  for (const scene of record.scenes) {
    mkdirSync(join(dir, scene.dir), { recursive: true });
    writeFileSync(join(dir, scene.dir, 'console'), scene.verdict.kind === 'pass' ? '' : (evidence.console ?? crashConsole));
  }
  mkdirSync(join(dir, 'series'), { recursive: true });
  (evidence.patches ?? []).forEach((patch, index) => writeFileSync(join(dir, 'series', `${String(index + 1).padStart(4, '0')}.patch`), patch));
  if (evidence.events !== undefined) writeFileSync(join(dir, 'events.jsonl'), evidence.events);
  writeFileSync(join(dir, 'run.json'), JSON.stringify(record));
  return dir;
}
