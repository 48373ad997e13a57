import { wholeOf } from '../model/expand-orders.ts';
import type { Verdict, VerdictKind } from './verdict.ts';

/** A defect that released kernels have, and what shows it (tests/known-issues.yaml). */
export interface KnownIssue {
  readonly id: string;
  /** Scenes that show it. */
  readonly scenes: readonly string[];
  /** The first kernel version that has it, and the first that has it no more. */
  readonly from: string;
  readonly until?: string;
  /** Only under this model of the io modes (harness/model/generations.ts). */
  readonly model?: string;
  /** How it shows: a verdict's kind, and what its reason must match. */
  readonly kinds: readonly VerdictKind[];
  readonly signature: RegExp;
  readonly summary: string;
  /** Path of the finding, from diorama's root. */
  readonly page: string;
}

export interface Played {
  readonly scene: string;
  /** The kernel's own version, such as 6.12.107 or 7.3.0-rc2. */
  readonly version: string;
  /** The model that was asked for; undefined for the kernel's own. */
  readonly model: string | undefined;
}

/**
 * A verdict in the light of what is known: a failure that has an entry's signature becomes `known`, with the entry's id before its
 * reason; any other failure of the same scene stays what it is. A pass of a scene whose issue this kernel should have keeps the id, so
 * that the run can say that it no longer shows.
 */
export function applyKnown(verdict: Verdict, played: Played, issues: readonly KnownIssue[]): Verdict {
  const mine = issues.filter((issue) => applies(issue, played));
  if (verdict.kind === 'pass') {
    const [gone] = mine;
    return gone ? { ...verdict, issue: gone.id } : verdict;
  }
  const shown = mine.find((issue) => issue.kinds.includes(verdict.kind) && issue.signature.test(verdict.reason));
  return shown ? { ...verdict, kind: 'known', issue: shown.id, reason: `${shown.id}, ${shown.summary}: ${verdict.reason}` } : verdict;
}

function applies(issue: KnownIssue, played: Played): boolean {
  if (!issue.scenes.includes(wholeOf(played.scene)) || (issue.model !== undefined && issue.model !== played.model)) return false;
  return compareVersions(played.version, issue.from) >= 0 && (issue.until === undefined || compareVersions(played.version, issue.until) < 0);
}

/** Orders kernel versions: 6.9 < 6.12.64 < 6.12.107 < 7.3.0-rc2 < 7.3; negative, 0 or positive. */
export function compareVersions(a: string, b: string): number {
  const [left, right] = [numbersOf(a), numbersOf(b)];
  for (let at = 0; at < Math.max(left.length, right.length); at += 1) {
    const difference = (left[at] ?? 0) - (right[at] ?? 0);
    if (difference !== 0) return difference;
  }
  return rcOf(a) - rcOf(b);
}

function numbersOf(version: string): number[] {
  return (/^\d+(?:\.\d+)*/.exec(version)?.[0] ?? '0').split('.').map(Number);
}

/** A release comes after all its candidates. */
function rcOf(version: string): number {
  const rc = /-rc(\d+)/.exec(version)?.[1];
  return rc === undefined ? Number.MAX_SAFE_INTEGER : Number(rc);
}
