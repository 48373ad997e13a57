import { runOutcome, type SceneVerdicts } from '../judge/run-outcome.ts';
import type { Comparison } from '../judge/compare-sides.ts';
import type { Verdict } from '../judge/verdict.ts';
import { printable } from '../printable.ts';
import type { RunRecord } from '../results/run-record.ts';
import { verdictsOf } from '../results/verdicts-of.ts';
import type { Colours } from './colours.ts';
import { describeShipped } from './shipped-bugs.ts';
import { describeSteps } from './steps-table.ts';
import { alignColumns } from './table.ts';
import { describeWallClock } from './wall-clock-table.ts';

const mostNamed = 3;
const mostCosts = 12;

/** What a run came to, for people: the table, the reasons below it, and one sentence. */
export function describeRun(record: RunRecord, colours: Colours): string[] {
  const scenes = verdictsOf(record);
  const withSeries = scenes.some((scene) => scene.patched !== undefined);
  const { comparisons } = runOutcome(scenes);
  const header = withSeries ? ['scene', 'base', 'patched', ''] : ['scene', 'base'];
  const rows = scenes.map((scene) => {
    const word = comparisons.get(scene.scene);
    return [
      scene.scene, paintVerdict(scene.base, colours),
      ...(scene.patched && word ? [paintVerdict(scene.patched, colours), paintComparison(word, colours)] : []),
    ];
  });
  const reasons = reasonLines(scenes, comparisons);
  const costs = costLines(scenes);
  return [
    ...alignColumns([header.map((cell) => colours.dim(cell)), ...rows]),
    ...(reasons.length === 0 ? [] : ['', ...reasons]),
    ...(costs.length === 0 ? [] : ['', ...costs]),
    ...describeSteps(record, colours),
    ...describeWallClock(record, colours),
    '',
    record.summary ?? statusSentence(record),
    ...reusedLine(record, colours),
    ...describeShipped(record),
  ];
}

function reusedLine({ scenes }: RunRecord, colours: Colours): string[] {
  const reused = scenes.filter((scene) => scene.reused === true).length;
  return reused === 0 ? [] : [colours.dim(`${reused} of ${scenes.length} plays are earlier ones, with the same kernel, guest and program (--fresh plays them again)`)];
}

/** What is slower or faster beyond its bound, with both figures; and where only less differs, one line that says so. */
function costLines(scenes: readonly SceneVerdicts[]): string[] {
  return scenes.flatMap(({ scene, costs = [] }) => {
    const beyond = costs.filter((cost) => cost.beyond);
    const within = costs.length - beyond.length;
    const shown = beyond.slice(0, mostCosts).map((cost) => {
      const difference = cost.patchedNs - cost.baseNs;
      return [`${scene}, ${cost.operation}`, cost.mode, cost.writers === 1 ? '' : `${cost.writers} at once`, `${cost.baseNs} ns`, `${cost.patchedNs} ns`, `${difference > 0 ? '+' : ''}${difference}`];
    });
    return [
      ...alignColumns(shown),
      ...(beyond.length > mostCosts ? [`${scene}: and ${beyond.length - mostCosts} more`] : []),
      ...(within > 0 ? [`${scene}: ${within} more ${within === 1 ? 'figure differs' : 'figures differ'} within the bound (run.json has them)`] : []),
    ];
  });
}

/** One line a reason, with the scenes that it holds for; the reason of a base is not said again for a series that changed nothing. */
function reasonLines(scenes: readonly SceneVerdicts[], comparisons: ReadonlyMap<string, Comparison>): string[] {
  const byReason = new Map<string, string[]>();
  const note = (side: string, scene: string, verdict: Verdict): void => {
    if (verdict.reason === '') return;
    const key = `, ${side}: ${printable(verdict.reason, 600)}`;
    byReason.set(key, [...(byReason.get(key) ?? []), scene]);
  };
  for (const scene of scenes) {
    note('base', scene.scene, scene.base);
    if (scene.patched && comparisons.get(scene.scene) !== 'same') note('patched', scene.scene, scene.patched);
  }
  return [...byReason].map(([reason, names]) => `${names.length > mostNamed ? `${names.length} scenes` : names.join(', ')}${reason}`);
}

function statusSentence(record: RunRecord): string {
  if (record.error) return `${record.status}: ${printable(record.error.message, 300)}`;
  return record.status === 'running' ? 'it is running, or was killed' : record.status;
}

export function paintVerdict(verdict: Verdict, colours: Colours): string {
  if (verdict.kind === 'pass') return colours.good(verdict.kind);
  return verdict.kind === 'skip' || verdict.kind === 'known' ? colours.dim(verdict.kind) : colours.bad(verdict.kind);
}

function paintComparison(word: Comparison, colours: Colours): string {
  if (word === 'same') return colours.dim(word);
  return word === 'fix' || word === 'faster' ? colours.good(word) : colours.bad(word);
}
