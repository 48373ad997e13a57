import { join } from 'node:path';
import { debugScene } from '../engine/debug-scene.ts';
import { findGuest } from '../engine/find-guest.ts';
import { findScenarios } from '../engine/find-scenarios.ts';
import { prepareSides } from '../engine/prepare-sides.ts';
import { DioramaError } from '../errors.ts';
import { needGdb } from '../gdb/run-gdb.ts';
import type { Host } from '../host/host.ts';
import { parseKernelSpec } from '../kernel/source/parse-kernel-spec.ts';
import { printable } from '../printable.ts';
import type { PlayedScene } from '../results/run-record.ts';
import { coloursFor } from './colours.ts';
import { play, type PlayOptions } from './play.ts';
import { showProgress } from './progress.ts';
import { shown } from './results-paths.ts';

export interface GdbOptions extends PlayOptions {
  /** The step to stop before; where the kernel and the scene part when not given. */
  readonly step?: number;
  readonly gdbCommand: readonly string[];
}

/**
 * `./diorama test --gdb`: plays the scene, then starts the same clone once more and stops it before a step with gdb attached.
 * @returns 0, whatever was seen in the session
 * @throws DioramaError `bad-usage` for a step that the scene does not have, `program-missing` without gdb; before anything is built
 */
export async function testWithGdb(outer: Host, options: GdbOptions, command: readonly string[]): Promise<number> {
  await needGdb();
  const most = Math.max(...(await findScenarios(outer, options.scenario)).map((scene) => scene.steps.length));
  if (options.step !== undefined && options.step > most) {
    throw new DioramaError({ blame: 'usage', code: 'bad-usage', message: `--step ${options.step}: the scene has only ${most} steps`, next: './diorama test SCENE shows them' });
  }
  if ((await findGuest(outer, options)).clock === 'host') {
    throw new DioramaError({ blame: 'usage', code: 'bad-usage', message: `--guest ${printable(options.guest)}: it has the host's time, and only a guest with virtual time does the same again`, next: 'leave --guest out' });
  }
  if (parseKernelSpec(options.kernel).kind === 'image') {
    throw new DioramaError({ blame: 'usage', code: 'bad-usage', message: `--kernel ${printable(options.kernel)}: a kernel that is built already has no source for gdb to show`, next: 'name its source, such as debian:6.12' });
  }
  const { directory, request, progress } = await play(outer, options, command);
  progress.end();
  const played = toDebug(directory.record.scenes);
  const again = showProgress(process.stderr, { colours: coloursFor(process.stderr), scenes: 0 });
  const reused = new Set(['source', 'series', 'config', 'libfuse', 'stage', 'template', 'set']);
  const host: Host = { ...outer, emit: (event) => ('stage' in event && reused.has(event.stage) ? undefined : again.emit(event)) };
  try {
    const prepared = await prepareSides(host, { ...request, evidenceDir: directory.dir });
    const on = prepared.sides.find(({ side }) => side === played.side);
    if (!on) throw new Error(`the side ${played.side} was played and is not there`);
    const step = options.step ?? played.verdict.step ?? 1;
    const dir = join(directory.dir, played.dir);
    const { kind, reason } = played.verdict;
    await debugScene(host, {
      on, guest: request.guest, stage: prepared.stage, played: dir, step, commands: options.gdbCommand,
      ready: () => {
        again.end();
        process.stdout.write(`${played.scene} on ${played.side}: ${kind}${reason === '' ? '' : `: ${printable(reason, 600)}`}\nthe same clone again, stopped before step ${step}; diorama tells who is where, diorama-stack ACTOR why\nevidence in ${shown(dir)}\n`);
      },
    });
    return 0;
  } finally {
    again.end();
  }
}

/** What failed, on the patched side first; else what was played last. */
function toDebug(scenes: readonly PlayedScene[]): PlayedScene {
  const failed = scenes.filter(({ verdict }) => !['pass', 'skip', 'known'].includes(verdict.kind));
  const found = failed.find(({ side }) => side === 'patched') ?? failed[0] ?? scenes.findLast(({ side }) => side === 'patched') ?? scenes.at(-1);
  if (found) return found;
  throw new DioramaError({ blame: 'usage', code: 'bad-usage', message: 'no scene was played' });
}
