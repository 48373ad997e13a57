import { ruleText, type BrokenRule } from './broken-rules.ts';
import type { CostChange } from '../judge/compare-measures.ts';
import { shellLine } from '../shell-words.ts';
import { consoleBlock } from './console-block.ts';
import { html, nothing, type Markup, type Piece } from './html.ts';
import { partingBlock } from './parting-block.ts';
import { partingWords } from './parting-words.ts';
import type { EvidenceView, PlayedView, ReportView, RunView, SceneView } from './report-view.ts';
import { byRule, cardId, sceneGroups, toldSide, type SceneGroup } from './scene-groups.ts';
import { timelineBlock } from './timeline-block.ts';
import { comparisonWord, verdictWord } from './verdict-words.ts';
import { cutText } from './visible-text.ts';

const titles: Readonly<Record<SceneGroup['kind'], string>> = {
  regression: 'Regressed', slower: 'Slower', fail: 'Failed', error: 'Could not be judged', changed: 'Failed before, and fails differently now', same: 'Fails with and without the series',
};

/** What a scene takes without its evidence, generously. */
const bytesOfCard = 3400;
/** Of one scene. */
const longestReason = 700;
const rulesShown = 24;
const mostCosts = 40;

/**
 * Everything that did not go as it must, the scenes of the likeliest rule first and the shortest of them before the others. `room` is how
 * many bytes it may take; evidence that no longer fits is left out, and the place says so.
 */
export function failuresSection(view: ReportView, given: { readonly rules: readonly (readonly BrokenRule[])[]; readonly room: number }): Markup {
  const cards = view.runs.flatMap(sceneGroups).reduce((sum, group) => sum + group.scenes.length, 0);
  const budget = { left: given.room - cards * bytesOfCard };
  return html`${view.runs.map((run, index) => {
    const title = view.runs.length > 1 ? html`<h3 class="run">${run.record.kernel?.version ?? 'no kernel'}${run.record.series ? ` + ${cutText(run.record.series.label, 80)}` : ''}, ${run.record.guest}, ${run.record.config}</h3>` : nothing;
    return html`${title}${failuresOf(run, { rules: given.rules[index] ?? [], id: `r${index}`, budget })}`;
  })}`;
}

interface Given {
  readonly rules: readonly BrokenRule[];
  readonly id: string;
  readonly budget: { left: number };
}

function failuresOf(run: RunView, given: Given): Markup {
  const groups = sceneGroups(run);
  const fixed = run.scenes.filter((scene) => scene.comparison === 'fix');
  let first = true;
  const cards = groups.map((group) => html`<h3>${titles[group.kind]} <span class="count">${group.scenes.length}</span></h3>
${byRule(group.scenes, given.rules).map((scene, index) => {
    const card = sceneCard(scene, { ...given, id: cardId(given.id, { group: group.kind, index }), open: first });
    first = false;
    return card;
  })}`);
  if (groups.length === 0 && fixed.length === 0) return html`<p>${run.scenes.length === 0 ? 'No scene was played.' : 'Nothing.'}</p>`;
  return html`${rulesTable(given.rules)}${cards}${fixedList(fixed)}`;
}

function rulesTable(rules: readonly BrokenRule[]): Markup {
  if (rules.length === 0) return nothing;
  const row = (rule: BrokenRule): Markup => html`<tr><th scope="row"><code>${rule.id}</code></th><td>${rule.text}</td><td class="num">${rule.failed.length} of ${rule.played}</td></tr>
`;
  const table = (shown: readonly BrokenRule[]): Markup => html`<div class="scroll" tabindex="0" role="region" aria-label="Rules whose scenes fail"><table class="rules">
<thead><tr><th scope="col">rule</th><th scope="col">what a kernel must do</th><th scope="col" class="num">scenes failing</th></tr></thead>
<tbody>${shown.map(row)}</tbody></table></div>
`;
  return html`<details class="rules-of"><summary>${rules.length} ${rules.length === 1 ? 'rule' : 'rules'} whose scenes fail</summary>
<p class="note">A scene protects several rules, so a row is a hint, not a proof: first those that most of their scenes fail for, and most failures share.</p>
${table(rules.slice(0, rulesShown))}${rules.length > rulesShown ? html`<p class="note">and ${rules.length - rulesShown} more: ${rules.slice(rulesShown).map((rule) => rule.id).join(', ')}</p>` : nothing}</details>
`;
}

function sceneCard(scene: SceneView, given: Given & { readonly open: boolean }): Markup {
  const told = toldSide(scene);
  if (!told) return nothing;
  const words = partingWords(told.verdict.reason);
  const short = costWords(scene) ?? words.said ?? (words.came === undefined ? told.verdict.reason : `step ${told.verdict.step ?? ''}: ${words.came}`);
  const evidence = evidenceBlocks(scene, { told, id: given.id, budget: given.budget });
  return html`<details class="scene" id="${given.id}"${given.open ? html` open` : nothing}>
<summary><h4>${scene.comparison === 'slower' ? comparisonWord('slower') : verdictWord(told.verdict.kind)} <span class="name">${scene.name}</span></h4><span class="short">${cutText(short, 160)}</span></summary>
<div class="body">
${scene.protects === '' ? nothing : html`<p class="protects">${cutText(scene.protects, 1200)}</p>`}
${rulesOf(scene)}
${partingBlock(told.verdict)}
${sidesLine(scene)}
${costsTable(scene)}
${evidence}
</div>
</details>
`;
}

/** The operation that got slower by the most. */
function costWords({ comparison, costs }: SceneView): string | undefined {
  if (comparison !== 'slower') return undefined;
  const [worst] = costs.filter((cost) => cost.beyond).sort((a, b) => b.patchedNs - b.baseNs - (a.patchedNs - a.baseNs));
  return worst && `${worst.operation}, ${worst.mode}${worst.writers > 1 ? `, ${worst.writers} at once` : ''}: ${worst.baseNs} ns on the base, ${worst.patchedNs} ns with the series`;
}

function rulesOf(scene: SceneView): Markup {
  if (scene.covers.length === 0) return nothing;
  return html`<ul class="plain covers" aria-label="Rules that it protects">${scene.covers.map((id) => html`<li><code>${id}</code> ${ruleText(id)}</li>`)}</ul>`;
}

function sidesLine({ played, comparison }: SceneView): Markup {
  const { base, patched } = played;
  if (!base || !patched || comparison === undefined) return nothing;
  const why = base.verdict.reason === '' ? '' : `: ${cutText(base.verdict.reason, 200)}`;
  return html`<p class="sides">Without the series ${verdictWord(base.verdict.kind)}${why}; with it ${verdictWord(patched.verdict.kind)}: ${comparisonWord(comparison)}.</p>`;
}

/** What takes another time with the series, in the guest's own nanoseconds. */
function costsTable({ costs }: SceneView): Markup {
  if (costs.length === 0) return nothing;
  const beyond = costs.filter((cost) => cost.beyond);
  const row = ({ operation, mode, writers, baseNs, patchedNs }: CostChange): Markup => html`<tr><th scope="row">${operation}</th><td>${mode}</td><td class="num">${writers}</td><td class="num">${baseNs}</td><td class="num">${patchedNs}</td><td class="num">${patchedNs > baseNs ? '+' : '−'}${Math.abs(patchedNs - baseNs)}</td></tr>
`;
  return html`<div class="scroll" tabindex="0" role="region" aria-label="What costs another time"><table>
<thead><tr><th scope="col">operation</th><th scope="col">mode</th><th scope="col" class="num">at once</th><th scope="col" class="num">base, ns</th><th scope="col" class="num">patched, ns</th><th scope="col" class="num">difference</th></tr></thead>
<tbody>${beyond.slice(0, mostCosts).map(row)}</tbody></table></div>
<p class="note">Medians of the guest's own nanoseconds. ${beyond.length > mostCosts ? `${beyond.length - mostCosts} more are beyond the bound. ` : ''}${costs.length > beyond.length ? `${costs.length - beyond.length} more differ within it.` : ''}</p>`;
}

/** Timeline, console and the command; only the command where the report is large enough already. */
function evidenceBlocks(scene: SceneView, given: { readonly told: PlayedView; readonly id: string; readonly budget: { left: number } }): Piece {
  const { evidence, verdict } = given.told;
  if (!evidence) return nothing;
  // Nothing parted there, so a timeline of hundreds of steps would tell nothing.
  if (verdict.kind === 'pass') return replayBlock(evidence);
  const full = html`${timelineBlock(scene.name, { evidence, verdict, id: given.id })}${consoleBlock(evidence, scene.name)}`;
  const size = Buffer.byteLength(full.toString());
  if (size > given.budget.left) {
    return html`<p class="note">Timeline and console are left out here to keep this file small; <code>./diorama show</code> tells them.</p>${replayBlock(evidence)}`;
  }
  given.budget.left -= size;
  return html`${full}${replayBlock(evidence)}`;
}

function replayBlock(evidence: EvidenceView): Markup {
  const lines = [...(evidence.hasRepro ? [shellLine([`${evidence.where}/repro.sh`])] : []), shellLine(evidence.replay)];
  return html`<h5>Play it again</h5>
<pre class="command">${lines.join('\n')}</pre>`;
}

function fixedList(scenes: readonly SceneView[]): Markup {
  if (scenes.length === 0) return nothing;
  return html`<h3>Fixed <span class="count">${scenes.length}</span></h3>
<ul class="plain">${scenes.map((scene) => html`<li>${comparisonWord('fix')} <span class="name">${scene.name}</span> <span class="note">it was: ${cutText(scene.played.base?.verdict.reason ?? '', longestReason)}</span></li>`)}</ul>`;
}

