import { randomBytes } from 'node:crypto';
import { renameSync, writeFileSync } from 'node:fs';
import { mkdir, rename, rm, symlink } from 'node:fs/promises';
import { arch, cpus, release, totalmem, type } from 'node:os';
import { join } from 'node:path';
import { diskError } from '../host/run-program.ts';
import { thisProcess } from './run-process.ts';
import type { PlayedScene, RunRecord } from './run-record.ts';

/** A run while it is made: its directory, and its record as it stands. */
export interface RunDirectory {
  readonly dir: string;
  readonly record: RunRecord;
  /** Changes the record and writes it, whole or not at all; calls are written one after the other. */
  update(change: Partial<RunRecord>): Promise<void>;
  addScene(scene: PlayedScene): Promise<void>;
}

/** What is known of a run before it begins. */
export type RunBeginning = Pick<RunRecord, 'command' | 'config' | 'configId' | 'guest' | 'guestId' | 'seed' | 'model' | 'baseline' | 'costBounds'>;

/**
 * Makes `<results>/<id>/` with a first `run.json` in it, and points `<results>/latest` there.
 * @throws DioramaError `disk-full` or `program-failed` (blame: the machine) when it cannot be written
 */
export async function makeRunDirectory(results: string, given: RunBeginning): Promise<RunDirectory> {
  const started = new Date();
  const id = `${started.toISOString().slice(0, 19).replaceAll(':', '')}-${randomBytes(2).toString('hex')}`;
  const dir = join(results, id);
  let record: RunRecord = {
    format: 'diorama run 1', id, status: 'running', started: started.toISOString(), ...given,
    host: describeHost(), process: await thisProcess(), stages: [], scenes: [],
  };
  try {
    await mkdir(results, { recursive: true });
    await mkdir(dir);
  } catch (error) {
    throw diskError(error as NodeJS.ErrnoException, dir);
  }
  const write = (): Promise<void> => writeWhole(join(dir, 'run.json'), `${JSON.stringify(record, null, 2)}\n`);
  await write();
  await pointLatest(results, id);
  // A write that failed is its caller's to hear of; the next one tries again. What changes while one is under way goes into the next.
  let last: Promise<void> = Promise.resolve();
  let next: Promise<void> | undefined;
  const update = (change: (record: RunRecord) => RunRecord): Promise<void> => {
    record = change(record);
    next ??= last.then(() => {
      next = undefined;
      return write();
    });
    const written = next;
    last = written.catch(() => undefined);
    return written;
  };
  return {
    dir,
    get record() {
      return record;
    },
    update: (change) => update((before) => ({ ...before, ...change })),
    addScene: (scene) => update((before) => ({ ...before, scenes: [...before.scenes, scene] })),
  };
}

/** A file of a run: written whole or not at all, and at once (as with readStored()). */
export async function writeWhole(file: string, content: string | Uint8Array, mode = 0o644): Promise<void> {
  const part = `${file}.part-${process.pid}`;
  try {
    writeFileSync(part, content, { mode });
    renameSync(part, file);
  } catch (error) {
    await rm(part, { force: true });
    throw diskError(error as NodeJS.ErrnoException, file);
  }
}

async function pointLatest(results: string, id: string): Promise<void> {
  const part = join(results, `.latest-${process.pid}`);
  try {
    await rm(part, { force: true });
    await symlink(id, part);
    await rename(part, join(results, 'latest'));
  } catch (error) {
    await rm(part, { force: true }).catch(() => undefined);
    throw diskError(error as NodeJS.ErrnoException, join(results, 'latest'));
  }
}

function describeHost(): RunRecord['host'] {
  return {
    os: `${type()} ${release()}`, arch: arch(), cpus: cpus().length, cpu: cpus()[0]?.model ?? 'unknown', memoryBytes: totalmem(), node: process.version,
  };
}
