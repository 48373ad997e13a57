import { copyFile, mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { playClone } from '../guest/play-clone.ts';
import type { Guest } from '../guest/read-guest.ts';
import type { Host } from '../host/host.ts';
import { diskError } from '../host/run-program.ts';
import { judgeScene } from '../judge/judge-scene.ts';
import { applyKnown, type KnownIssue } from '../judge/known-issues.ts';
import { measureScene, type Measurement } from '../judge/measure-scene.ts';
import type { Verdict } from '../judge/verdict.ts';
import { writeWhole } from '../results/run-directory.ts';
import { compileScenario } from '../scenario/compile-scenario.ts';
import type { Scenario } from '../scenario/types.ts';
import { guestFiles } from './guest-files.ts';
import type { PreparedSide } from './prepare-sides.ts';

/** What came of a scene on one side. */
export interface PlayedHere {
  readonly verdict: Verdict;
  /** What it measured, of a scene that measures and came to its end as it must. */
  readonly measures: readonly Measurement[];
}

/**
 * Plays one scene on one side in a clone of its own and judges it. Leaves in `dir`: scenario.yaml, program, trace, console, and
 * verdict.json last, so that a directory without one was never finished.
 */
export async function playScene(
  host: Host,
  given: {
    readonly scene: Scenario; readonly on: PreparedSide; readonly guest: Guest; readonly issues: readonly KnownIssue[]; readonly dir: string;
    /** The generation whose model judges; undefined for the kernel's own. */
    readonly model?: string;
    /** The text of a script that plays it again, where there is one. */
    readonly repro?: string;
  },
): Promise<PlayedHere> {
  const { scene, on, guest, dir } = given;
  const file = (name: string): string => join(dir, name);
  try {
    await rm(dir, { recursive: true, force: true });
    await mkdir(dir, { recursive: true });
    await writeFile(file('program'), compileScenario(scene));
    await copyFile(scene.file, file('scenario.yaml'));
    if (given.repro !== undefined) await writeWhole(file('repro.sh'), given.repro, 0o755);
  } catch (error) {
    throw diskError(error as NodeJS.ErrnoException, dir);
  }
  const played = await playClone(host, {
    guest,
    template: on.template,
    files: guestFiles(file('program'), on.variant),
    console: file('console'),
    trace: file('trace'),
  });
  const judged = judgeScene(scene, {
    trace: played.trace,
    console: played.console,
    ended: played.ending.how,
    exitCode: played.ending.exitCode,
    stderr: played.ending.stderr,
    limits: guest.limits,
    version: on.variant.version,
    ...(given.model === undefined ? {} : { model: given.model }),
  });
  const verdict = applyKnown(judged, { scene: scene.name, version: on.variant.version, model: given.model }, given.issues);
  await writeWhole(file('verdict.json'), `${JSON.stringify(verdict, null, 2)}\n`);
  return { verdict, measures: verdict.kind === 'pass' ? measureScene(scene, played.trace) : [] };
}
