import type { Played } from '../guest/play-clone.ts';
import type { Guest } from '../guest/read-guest.ts';
import { judgeScene } from '../judge/judge-scene.ts';
import { applyKnown, type KnownIssue } from '../judge/known-issues.ts';
import type { Verdict } from '../judge/verdict.ts';
import type { Scenario } from '../scenario/types.ts';
import type { PreparedSide } from './prepare-sides.ts';

/** The verdict of what a clone left, known issues excused. */
export function judgePlayed(
  scene: Scenario,
  played: Played,
  given: { readonly on: PreparedSide; readonly guest: Guest; readonly issues: readonly KnownIssue[]; readonly model?: string },
): Verdict {
  const { version } = given.on.variant;
  const judged = judgeScene(scene, {
    trace: played.trace,
    console: played.console,
    ended: played.ending.how,
    exitCode: played.ending.exitCode,
    stderr: played.ending.stderr,
    limits: given.guest.limits,
    version,
    ...(given.model === undefined ? {} : { model: given.model }),
  });
  return applyKnown(judged, { scene: scene.name, version, model: given.model }, given.issues);
}
