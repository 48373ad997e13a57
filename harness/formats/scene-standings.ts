import { compareSides, type Comparison } from '../judge/compare-sides.ts';
import type { VerdictKind } from '../judge/verdict.ts';
import { printable } from '../printable.ts';
import type { PlayedScene, RunRecord } from '../results/run-record.ts';

/**
 * How something counts, for formats that know passed, failed, broken, expected to fail, and skipped. A scene is `failed` or `error` where
 * diorama's own exit code and summary count it: without a series when it failed, with one when the series broke it.
 */
export type Standing = 'passed' | 'failed' | 'error' | 'expected' | 'skipped';

export interface SceneStanding {
  readonly scene: string;
  readonly standing: Standing;
  /** One line of harmless text: why it did not pass; empty for `passed`. */
  readonly why: string;
  /** What the series did to it; undefined without a series, and where a side was not played. */
  readonly comparison?: Comparison;
  readonly sides: readonly SideStanding[];
}

export interface SideStanding {
  readonly played: PlayedScene;
  readonly standing: Standing;
  readonly why: string;
}

const longestReason = 1000;

/** Every scene of a run in name order, and how it counts. */
export function sceneStandings(record: RunRecord): SceneStanding[] {
  const withSeries = record.series !== undefined || record.scenes.some(({ side }) => side === 'patched');
  const names = [...new Set(record.scenes.map(({ scene }) => scene))].sort();
  return names.map((scene) => {
    const base = record.scenes.find((played) => played.scene === scene && played.side === 'base');
    const patched = record.scenes.find((played) => played.scene === scene && played.side === 'patched');
    if (!withSeries && base) return ofBase(base);
    return base && patched ? ofBoth(base, patched) : ofOne(base ?? patched, scene);
  });
}

/** Why the run as a whole is not to be trusted, if so: it did not come to its end, or judged nothing. */
export function whyUnfinished(record: RunRecord): string | undefined {
  if (record.error) return `${record.status}: ${reasonText(record.error.message)}`;
  if (record.status === 'running') return 'it is running, or was killed';
  if (record.status !== 'done') return record.status;
  if (record.scenes.length === 0) return 'no scene was played';
  const standings = sceneStandings(record);
  return standings.every(({ standing }) => standing === 'error') ? 'nothing could be judged' : undefined;
}

export function reasonText(reason: string): string {
  return printable(reason, longestReason);
}

const byKind: Readonly<Record<VerdictKind, Standing>> = {
  pass: 'passed', fail: 'failed', splat: 'failed', hang: 'failed', crash: 'failed', known: 'expected', skip: 'skipped', error: 'error',
};

function ofBase(played: PlayedScene): SceneStanding {
  const standing = byKind[played.verdict.kind];
  const why = reasonText(played.verdict.reason);
  return { scene: played.scene, standing, why, sides: [{ played, standing, why }] };
}

function ofBoth(base: PlayedScene, patched: PlayedScene): SceneStanding {
  const comparison = compareSides(toVerdict(base), toVerdict(patched));
  const sides = [sideOf(base, comparison), sideOf(patched, comparison)];
  const standing = comparison === 'regression' ? 'failed' : comparison === 'error' ? 'error' : (sides[1]?.standing ?? 'error');
  const telling = comparison === 'error' && base.verdict.kind === 'error' ? sides[0] : sides[1];
  const why = comparison === 'regression' ? `${base.verdict.kind} without the series, ${patched.verdict.kind} with it: ${reasonText(patched.verdict.reason)}` : (telling?.why ?? '');
  return { scene: base.scene, standing, why: standing === 'passed' ? '' : why, comparison, sides };
}

/** What fails without the series is not the series' doing; what it breaks is, even where it only lost what a scene needs. */
function sideOf(played: PlayedScene, comparison: Comparison): SideStanding {
  const standing = byKind[played.verdict.kind];
  const why = reasonText(played.verdict.reason);
  if (played.side === 'patched' && comparison === 'regression') return { played, standing: 'failed', why };
  if (standing !== 'failed' || comparison === 'error') return { played, standing, why };
  const whose = played.side === 'base' ? 'fails without the series' : comparison === 'same' ? 'as without the series' : 'fails without the series too, but differently';
  return { played, standing: 'expected', why: `${whose}: ${why}` };
}

/** A run that stopped early may have played one side only. */
function ofOne(played: PlayedScene | undefined, scene: string): SceneStanding {
  const why = 'only one side was played';
  return { scene, standing: 'skipped', why, sides: played ? [{ played, standing: 'skipped', why: `${why}: ${played.verdict.kind} ${reasonText(played.verdict.reason)}`.trim() }] : [] };
}

function toVerdict({ verdict }: PlayedScene): { kind: VerdictKind; reason: string } {
  return { kind: verdict.kind, reason: verdict.reason };
}
