import { cp, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { PlayedScene, RunRecord } from '../../../harness/results/run-record.ts';
import { readView } from '../../../harness/report/read-view.ts';
import type { ReportView } from '../../../harness/report/report-view.ts';

export const root = resolve(import.meta.dirname, '../../..');
const evidence = join(import.meta.dirname, 'evidence');

/** Scenes whose evidence on a broken kernel is kept here as a real run left it. */
export const overtaken = 'write-does-not-overtake-mmap';
export const warned = 'live-mapping-serialises';

/** What a scene leaves in a run: the real evidence of `like`, but for the files of `change`. */
export interface SceneGiven {
  readonly like: string;
  readonly name?: string;
  readonly side?: 'base' | 'patched';
  readonly verdict?: PlayedScene['verdict'];
  readonly measures?: PlayedScene['measures'];
  readonly change?: Readonly<Record<string, string | Uint8Array>>;
}

/** Makes the directory of a run as runScenes() leaves it and gives its path. */
export async function makeRun(results: string, scenes: readonly SceneGiven[], change: Partial<RunRecord> = {}): Promise<string> {
  const id = change.id ?? '2026-11-23T034212-b97c';
  const dir = join(results, id);
  await mkdir(dir, { recursive: true });
  const played: PlayedScene[] = [];
  for (const given of scenes) {
    const { like, name = like, side = 'patched' } = given;
    const at = join(side, name);
    await cp(join(evidence, like), join(dir, at), { recursive: true });
    await writeFile(join(dir, at, 'repro.sh'), '#!/bin/sh\n', { mode: 0o755 });
    for (const [file, content] of Object.entries(given.change ?? {})) await writeFile(join(dir, at, file), content);
    const verdict = given.verdict ?? (JSON.parse(await readFile(join(evidence, like, 'verdict.json'), 'utf8')) as PlayedScene['verdict']);
    played.push({ scene: name, side, verdict, ms: 400, dir: at, ...(given.measures ? { measures: given.measures } : {}) });
  }
  await writeFile(join(dir, 'run.json'), JSON.stringify({ ...record, id, scenes: played, ...change }));
  return dir;
}

/** A scene that passes on the base and fails with the series as its real evidence shows. */
export function regressed(like: string, given: Partial<SceneGiven> = {}): SceneGiven[] {
  return [{ like, ...given, side: 'base', verdict: { kind: 'pass', reason: '' } }, { like, ...given, side: 'patched' }];
}

export function viewOf(...runs: readonly string[]): Promise<ReportView> {
  return readView({ root, runs, written: new Date('2026-11-24T00:00:00Z'), shown: (path) => path });
}

const record: Omit<RunRecord, 'scenes'> = {
  format: 'diorama run 1', id: '', status: 'done', started: '2026-11-23T03:42:12.000Z', ended: '2026-11-23T03:44:00.000Z',
  command: ['run', '--series', 'v3.mbox'], config: 'default', guest: 'deterministic', seed: 1,
  kernel: { spec: 'debian:6.12', version: '6.12.107', origin: 'linux-source-6.12 6.12.107-1', treeId: '1234567890abcdef' },
  series: { label: 'v3.mbox', patches: [{ subject: 'fuse: take the lock shared', from: 'v3.mbox' }] },
  libfuse: '3.17.2', qemu: 'QEMU emulator version 7.2.22',
  host: { os: 'Linux 6.12', arch: 'x64', cpus: 2, cpu: 'a CPU', memoryBytes: 2 ** 34, node: 'v20.20.2' },
  stages: [{ stage: 'build', label: 'debian:6.12, default', ms: 1200, reused: false }],
};
