import { runOutcome, type SceneVerdicts } from '../judge/run-outcome.ts';
import type { BrokenRule } from './broken-rules.ts';
import { html, type Markup } from './html.ts';
import { partingBlock } from './parting-block.ts';
import { partingWords } from './parting-words.ts';
import type { ReportView, RunView } from './report-view.ts';
import { byRule, cardId, sceneGroups, toldSide } from './scene-groups.ts';
import { cutText } from './visible-text.ts';
import type { Tone } from './verdict-words.ts';

const tonesOf: Readonly<Record<number, Tone>> = { 0: 'good', 1: 'bad' };
const symbolsOf: Readonly<Record<Tone, string>> = { good: '✓', bad: '✕', warn: '?', quiet: '–' };
const mostComplaints = 4;

/** The first screen: what was tested, what came of it, and the rule that this most likely breaks. */
export function verdictSection(view: ReportView, rules: readonly (readonly BrokenRule[])[]): Markup {
  return html`${view.runs.map((run, index) => {
    const verdict = verdictOf(run);
    const heading = html`<span class="word ${verdict.tone}"><span class="sym" aria-hidden="true">${symbolsOf[verdict.tone]}</span> ${verdict.sentence}</span>`;
    return html`<div class="verdict">
<p class="eyebrow">diorama · run ${run.record.id}</p>
${index === 0 ? html`<h1>${heading}</h1>` : html`<p class="h1">${heading}</p>`}
<p class="lede">${testedWhat(run)}</p>
${ruleCard(run, { rules: rules[index] ?? [], id: `r${index}` })}${complaints(run)}
</div>
`;
  })}`;
}

/** For the browser's tab. */
export function verdictTitle(view: ReportView): string {
  const [run] = view.runs;
  if (!run) return 'diorama: no run';
  return `${verdictOf(run).sentence}: ${cutText(run.record.series?.label ?? run.record.kernel?.version ?? run.record.id, 80)}`;
}

function verdictOf({ record, scenes }: RunView): { readonly tone: Tone; readonly sentence: string } {
  const outcome = runOutcome(scenes.flatMap((scene): SceneVerdicts[] => {
    const { base, patched } = scene.played;
    if (!base || (record.series && !patched)) return [];
    return [{ scene: scene.name, base: base.verdict, ...(patched ? { patched: patched.verdict, costs: scene.costs } : {}) }];
  }));
  const sentence = cutText(record.summary ?? outcome.summary, 300);
  if (record.status === 'done') return { tone: tonesOf[record.exitCode ?? outcome.exitCode] ?? 'warn', sentence };
  const words = { running: 'still running, or killed', failed: 'the run failed', interrupted: 'interrupted' }[record.status];
  const why = record.error && record.status === 'failed' ? `: ${cutText(record.error.message, 300)}` : '';
  const far = scenes.length === 0 ? 'no scene was played' : `so far ${sentence}`;
  return { tone: outcome.exitCode === 1 ? 'bad' : 'warn', sentence: `${words}${why}; ${far}` };
}

function testedWhat({ record }: RunView): Markup {
  const kernel = record.kernel ? html`Linux <b>${cutText(record.kernel.version, 60)}</b> (${cutText(record.kernel.origin, 120)})` : html`a kernel that was not prepared`;
  const { series } = record;
  const where = html`in guest <b>${cutText(record.guest, 60)}</b> with config <b>${cutText(record.config, 120)}</b>`;
  if (!series) return html`${kernel}, ${where}, started ${minutes(record.started)}.`;
  const [only] = series.patches;
  const patches = series.patches.length === 1 && only ? html`“${cutText(only.subject, 120)}”` : html`${series.patches.length} patches`;
  return html`<b>${cutText(series.label, 160)}</b> (${patches}) on ${kernel}, held against the same kernel without it, ${where}, started ${minutes(record.started)}.`;
}

function minutes(iso: string): string {
  return `${iso.slice(0, 16).replace('T', ' ')} UTC`;
}

/** Two rules at most, the likeliest and the next when it is as likely; and the shortest scene that shows it. */
function ruleCard(run: RunView, given: { readonly rules: readonly BrokenRule[]; readonly id: string }): Markup | undefined {
  const [first, second] = given.rules;
  if (!first) return undefined;
  const both = second && second.failed.length === first.failed.length && second.played === first.played;
  return html`<div class="card rule-card">
<p class="label">The rule that this most likely breaks</p>
${(both ? [first, second] : [first]).map((rule) => html`<p class="rule-text"><code>${rule.id}</code> ${rule.text}</p>
<p class="note">${shareOf(rule)}</p>
`)}${shownBy(run, given)}</div>
`;
}

function shownBy(run: RunView, given: { readonly rules: readonly BrokenRule[]; readonly id: string }): Markup | undefined {
  const [group] = sceneGroups(run);
  const [scene] = group ? byRule(group.scenes, given.rules) : [];
  const told = scene && toldSide(scene);
  if (!group || !scene || !told) return undefined;
  return html`<p class="label">Seen in <a class="name" href="#${cardId(given.id, { group: group.kind, index: 0 })}">${scene.name}</a></p>
${partingBlock(told.verdict)}`;
}

export function shareOf(rule: BrokenRule): string {
  if (rule.played === 1) return `the one scene that protects it fails: ${rule.failed[0] ?? ''}`;
  return `${rule.failed.length} of the ${rule.played} scenes that protect it fail`;
}

/** What the kernel said on its console, with how many scenes it said so in. */
function complaints(run: RunView): Markup | undefined {
  const counts = new Map<string, number>();
  for (const scene of sceneGroups(run).flatMap((group) => group.scenes)) {
    const { said } = partingWords(toldSide(scene)?.verdict.reason ?? '');
    if (said !== undefined) counts.set(placeOf(said), (counts.get(placeOf(said)) ?? 0) + 1);
  }
  if (counts.size === 0) return undefined;
  const sorted = [...counts].sort((a, b) => b[1] - a[1]);
  return html`<div class="card">
<p class="label">What the kernel complained of</p>
<ul class="plain">${sorted.slice(0, mostComplaints).map(([said, count]) => html`<li><code>${cutText(said, 160)}</code> <span class="note">in ${count} ${count === 1 ? 'scene' : 'scenes'}</span></li>`)}${
  sorted.length > mostComplaints ? html`<li class="note">and ${sorted.length - mostComplaints} more</li>` : undefined}</ul>
</div>
`;
}

/** One complaint, whoever ran into it. */
function placeOf(said: string): string {
  return said.replace(/\bCPU: \d+ PID: \d+ at /, 'at ').replace(/\+0x[0-9a-f]+\/0x[0-9a-f]+/g, '');
}
