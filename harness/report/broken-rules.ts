import { rules } from '../model/rules.ts';
import type { SceneView } from './report-view.ts';

/** A rule of the model, and how its scenes fared. */
export interface BrokenRule {
  readonly id: string;
  readonly text: string;
  /** Scenes that protect it and failed, and all of those that were played and judged. */
  readonly failed: readonly string[];
  readonly played: number;
}

/**
 * The rules that failed scenes protect, the likeliest first: the one that most of its scenes failed for and that most of the failures have
 * in common (the harmonic mean of both shares). A scene protects several rules, so none of this is proof; the order is a hint.
 */
export function brokenRules(scenes: readonly SceneView[], failed: ReadonlySet<string>): BrokenRule[] {
  const found = [...rules.values()].flatMap((rule): BrokenRule[] => {
    const covering = scenes.filter((scene) => scene.covers.includes(rule.id) && wasJudged(scene));
    const names = covering.filter((scene) => failed.has(scene.name)).map((scene) => scene.name);
    return names.length === 0 ? [] : [{ id: rule.id, text: ruleText(rule.id), failed: names, played: covering.length }];
  });
  const score = (rule: BrokenRule): number => (2 * rule.failed.length) / (rule.played + failed.size);
  return found.sort((a, b) => score(b) - score(a) || a.played - b.played);
}

/** What a rule says; one that only goes on from the one before it (`… and with RWF_APPEND`) has that one before it. */
export function ruleText(id: string): string {
  const ids = [...rules.keys()];
  const text = rules.get(id)?.text;
  if (text === undefined) return 'a rule that this diorama does not know';
  const before = ids[ids.indexOf(id) - 1];
  return /^(…|and |so |also )/.test(text) && before !== undefined && before.split('.')[0] === id.split('.')[0] ? `${ruleText(before)} ${text}` : text;
}

function wasJudged(scene: SceneView): boolean {
  return Object.values(scene.played).some((played) => played.verdict.kind !== 'skip');
}
