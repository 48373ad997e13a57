import { compareMeasures, type CostChange } from '../judge/compare-measures.ts';
import type { Measurement } from '../judge/measure-scene.ts';
import type { SceneVerdicts } from '../judge/run-outcome.ts';
import type { Verdict } from '../judge/verdict.ts';
import type { RunRecord } from './run-record.ts';

/** The verdicts of a record, scene by scene in name order; a scene whose base was not played is left out. */
export function verdictsOf(record: RunRecord): SceneVerdicts[] {
  const names = [...new Set(record.scenes.map((played) => played.scene))].sort();
  const of = (scene: string, side: 'base' | 'patched'): Verdict | undefined => {
    const found = record.scenes.find((played) => played.scene === scene && played.side === side)?.verdict;
    return found && { kind: found.kind, reason: found.reason, ...(found.step === undefined ? {} : { step: found.step }), ...(found.issue === undefined ? {} : { issue: found.issue }) };
  };
  return names.flatMap((scene) => {
    const base = of(scene, 'base');
    const patched = of(scene, 'patched');
    return base ? [{ scene, base, ...(patched === undefined ? {} : { patched, costs: costsOf(record, scene) }) }] : [];
  });
}

function costsOf(record: RunRecord, scene: string): CostChange[] {
  const of = (side: 'base' | 'patched'): readonly Measurement[] => (record.scenes.find((played) => played.scene === scene && played.side === side)?.measures ?? []).map(({ bytes, ...rest }) => ({ ...rest, ...(bytes === undefined ? {} : { bytes }) }));
  return compareMeasures(of('base'), of('patched'), record.costBounds);
}
