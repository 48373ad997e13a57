import { copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { playClone, type Played } from '../guest/play-clone.ts';
import type { Guest } from '../guest/read-guest.ts';
import { codeId } from '../host/code-id.ts';
import { contentKey } from '../host/content-key.ts';
import type { Host } from '../host/host.ts';
import { diskError } from '../host/run-program.ts';
import { readStored, storeValue } from '../host/stored-value.ts';
import type { KnownIssue } from '../judge/known-issues.ts';
import { measureScene, type Measurement } from '../judge/measure-scene.ts';
import type { Verdict } from '../judge/verdict.ts';
import { writeWhole } from '../results/run-directory.ts';
import { compileScenario } from '../scenario/compile-scenario.ts';
import type { Scenario } from '../scenario/types.ts';
import { cloneFiles } from './clone-files.ts';
import { judgePlayed } from './judge-played.ts';
import { keepCoverage } from './keep-coverage.ts';
import type { PreparedSide } from './prepare-sides.ts';
import { keepPlay, playKey, recallPlay } from './stored-play.ts';

/** What came of a scene on one side. */
export interface PlayedHere {
  readonly verdict: Verdict;
  /** What it measured, of a scene that measures and came to its end as it must. */
  readonly measures: readonly Measurement[];
  /** Wall time of its clone, which may have been an earlier one. */
  readonly ms: number;
  /** It was not played now: an earlier play had everything that it depends on. */
  readonly reused: boolean;
  /** The functions of fuse.ko that it ran, where that was asked for and could be told. */
  readonly functions?: readonly string[];
}

export interface SceneToPlay {
  readonly scene: Scenario;
  readonly on: PreparedSide;
  readonly guest: Guest;
  readonly issues: readonly KnownIssue[];
  readonly dir: string;
  /** The generation whose model judges; undefined for the kernel's own. */
  readonly model?: string;
  /** The text of a script that plays it again, where there is one. */
  readonly repro?: string;
  /** Play it, whatever is known of an earlier play. */
  readonly fresh?: boolean;
  /** Record which functions of fuse.ko it runs, into the file `coverage`. */
  readonly coverage?: boolean;
}

/**
 * Plays one scene on one side in a clone of its own and judges it, or takes an earlier play of the same. Leaves in `dir`: scenario.yaml,
 * program, trace, console, and verdict.json last, so that a directory without one was never finished.
 */
export async function playScene(host: Host, given: SceneToPlay): Promise<PlayedHere> {
  const recalled = await recallScene(host, given);
  if (recalled) return recalled;
  const { scene, on, guest, dir } = given;
  const program = compileScenario(scene);
  prepareEvidence(given, program);
  const played = await playClone(host, {
    guest,
    template: on.template,
    files: cloneFiles(on, join(dir, 'program')),
    console: join(dir, 'console'),
    trace: join(dir, 'trace'),
    ...(given.coverage === true ? { blocks: join(dir, 'blocks') } : {}),
  });
  const { fuseModule } = on.variant;
  const functions = given.coverage === true && fuseModule !== undefined ? await keepCoverage({ dir, blocks: join(dir, 'blocks'), trace: played.trace, fuseModule }) : undefined;
  const key = playKey({ on, guest, program });
  if (key !== undefined) await keepPlay(host, key, { ...played, ...(functions && { functions }) });
  return { ...(await judge(host, given, { key, played, reused: false })), ...(functions && { functions }) };
}

/** The scene as an earlier play shows it, with the same evidence in `dir`; undefined where it has to be played. */
export async function recallScene(host: Host, given: SceneToPlay): Promise<PlayedHere | undefined> {
  if (given.fresh === true) return undefined;
  const program = compileScenario(given.scene);
  const key = playKey({ on: given.on, guest: given.guest, program });
  const played = key === undefined ? undefined : recallPlay(host, key);
  if (!played) return undefined;
  prepareEvidence(given, program);
  try {
    writeFileSync(join(given.dir, 'trace'), played.trace, 'latin1');
    writeFileSync(join(given.dir, 'console'), played.console, 'latin1');
  } catch (error) {
    throw diskError(error as NodeJS.ErrnoException, given.dir);
  }
  return { ...(await judge(host, given, { key, played, reused: true })), ...(played.functions && { functions: played.functions }) };
}

function prepareEvidence({ scene, dir, repro }: SceneToPlay, program: string): void {
  try {
    rmSync(dir, { recursive: true, force: true });
    mkdirSync(dir, { recursive: true });
    writeFileSync(join(dir, 'program'), program);
    copyFileSync(scene.file, join(dir, 'scenario.yaml'));
    if (repro !== undefined) writeFileSync(join(dir, 'repro.sh'), repro, { mode: 0o755 });
  } catch (error) {
    throw diskError(error as NodeJS.ErrnoException, dir);
  }
}

interface Judged {
  readonly verdict: Verdict;
  readonly measures: readonly Measurement[];
}

/** Judging takes no io, so of the same play by the same code it comes to the same. */
async function judge(host: Host, given: SceneToPlay, { key, played, reused }: { readonly key: string | undefined; readonly played: Played; readonly reused: boolean }): Promise<PlayedHere> {
  const place = await judgementKey(given, key);
  const known = place === undefined ? undefined : readStored<Judged>(host, { kind: 'verdicts', key: place });
  const judged = known ?? judgeNow(given, played);
  if (!known && place !== undefined) await storeValue(host, { kind: 'verdicts', key: place, value: judged });
  await writeWhole(join(given.dir, 'verdict.json'), `${JSON.stringify(judged.verdict, null, 2)}\n`);
  return { ...judged, ms: played.ending.wallMs, reused };
}

function judgeNow({ scene, on, guest, issues, model }: SceneToPlay, played: Played): Judged {
  const verdict = judgePlayed(scene, played, { on, guest, issues, ...(model === undefined ? {} : { model }) });
  // Times of the host's clock are no figures to hold against others.
  return { verdict, measures: verdict.kind === 'pass' && guest.clock === 'virtual' ? measureScene(scene, played.trace) : [] };
}

async function judgementKey({ scene, on, guest, issues, model, dir }: SceneToPlay, play: string | undefined): Promise<string | undefined> {
  const code = await codeId();
  if (play === undefined || code === undefined) return undefined;
  const expected = readFileSync(join(dir, 'scenario.yaml'));
  const listed = issues.map((issue) => ({ ...issue, signature: String(issue.signature) }));
  return contentKey(['judged 1', code, play, scene.name, expected, on.variant.version, model ?? '', JSON.stringify([listed, guest.limits])]);
}
