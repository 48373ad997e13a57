import type { RunRecord } from '../results/run-record.ts';
import type { SceneHistoryRow } from './report-view.ts';

/** What every scene came to in each of some runs, in the order of the runs: on the side with the series where there was one. */
export function historyOf(records: readonly RunRecord[]): ReadonlyMap<string, readonly SceneHistoryRow[]> {
  const history = new Map<string, SceneHistoryRow[]>();
  for (const record of records) {
    const told = new Map(record.scenes.filter((played) => played.side === 'base').map((played) => [played.scene, played]));
    for (const played of record.scenes) if (played.side === 'patched') told.set(played.scene, played);
    for (const { scene, side, verdict } of told.values()) {
      const kernel = `${record.kernel?.version ?? 'no kernel'}${side === 'patched' ? ` + ${record.series?.label ?? 'series'}` : ''}`;
      const row = { run: record.id, started: record.started, kernel, verdict: verdict.kind, reason: verdict.reason };
      history.set(scene, [...(history.get(scene) ?? []), row]);
    }
  }
  return history;
}
