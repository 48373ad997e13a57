import type { Side } from '../../../harness/events.ts';
import type { PlayedScene, RunRecord } from '../../../harness/results/run-record.ts';

export type Variant = NonNullable<RunRecord['base']>;

export const variant: Variant = {
  id: 'v1', treeId: 'tree1', release: '6.12.107', compiler: 'gcc (Debian 12.2.0-14) 12.2.0', vmlinuxId: 'vm1', template: 'template1',
};

/** One played scene, `kind` or `kind: reason`. */
export function row(scene: string, told: string, given: Partial<PlayedScene> = {}): PlayedScene {
  const [kind = 'pass', ...reason] = told.split(': ');
  return {
    scene, side: 'base', verdict: { kind: kind as PlayedScene['verdict']['kind'], reason: reason.join(': ') }, ms: 1, dir: `${given.side ?? 'base'}/${scene}`,
    traceId: 't1', programId: 'p1', scenarioId: 'y1', splats: [], covers: ['mmap.enters'], ...given,
  };
}

/** A measurement whose one figure is this. */
export function measured(operation: string, ns: number): NonNullable<PlayedScene['measures']>[number] {
  return { operation, mode: 'parallel', writers: 1, ns: [ns] };
}

/** A finished run as diorama writes it now. */
export function record(scenes: readonly PlayedScene[], given: Partial<RunRecord> = {}): RunRecord {
  return {
    format: 'diorama run 1', id: '2026-11-22T010203-abcd', status: 'done', started: '2026-11-22T01:02:03.000Z', command: ['run'], config: 'default', configId: 'c1',
    guest: 'deterministic', guestId: 'g1', seed: 1, kernel: { spec: 'debian:6.12', version: '6.12.107', origin: 'linux-source-6.12 6.12.107-1', treeId: 'tree1' },
    base: variant, libfuse: '3.17.2', qemu: '7.2.1',
    host: { os: 'Linux', arch: 'x64', cpus: 2, cpu: 'x', memoryBytes: 1, node: 'v20' },
    stages: [{ stage: 'source', label: 'debian:6.12', ms: 2, reused: true }], scenes: [...scenes], exitCode: 0, summary: 'x', ...given,
  };
}

/** The same with a series: every scene's base passed. */
export function seriesRecord(scenes: readonly PlayedScene[], given: Partial<RunRecord> = {}): RunRecord {
  const side = (of: Side) => (scene: PlayedScene): PlayedScene => ({ ...scene, side: of, dir: `${of}/${scene.scene}` });
  return record([...scenes.map((scene) => side('base')(row(scene.scene, 'pass'))), ...scenes.map(side('patched'))], {
    series: { label: 'v3.mbox', patches: [{ subject: 'fuse: x', from: 'a' }], treeId: 'tree2' }, patched: { ...variant, id: 'v2', treeId: 'tree2' }, ...given,
  });
}
