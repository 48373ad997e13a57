import { ruleGroups, rules } from '../model/rules.ts';
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

/** Groups whose rules are no sentences without the group's title. */
const titled: ReadonlySet<string> = new Set(['The end of caching mode', 'What must not leak', 'History', 'What should be parallel is', 'Which direct writes run alone']);
/** A rule that begins so goes on from the one before it. */
const continues = /^(…|and |so |also |its? |that |not |nor |but |unless |with it)/;

/** What a rule says, as a sentence of its own. */
export function ruleText(id: string): string {
  const group = ruleGroups.find((entry) => entry.rules.some((rule) => rule.id === id));
  const at = group?.rules.findIndex((rule) => rule.id === id) ?? -1;
  const rule = group?.rules[at];
  if (!group || !rule) return 'a rule that this diorama does not know';
  const before = group.rules[at - 1];
  if (before && continues.test(rule.text)) return `${ruleText(before.id)}${rule.text.startsWith('…') ? ' ' : '; '}${rule.text}`;
  return titled.has(group.title) ? `${group.title}: ${rule.text}` : rule.text;
}

function wasJudged(scene: SceneView): boolean {
  return Object.values(scene.played).some((played) => played.verdict.kind !== 'skip');
}
