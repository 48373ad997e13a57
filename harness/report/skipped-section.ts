import { html, nothing, type Markup } from './html.ts';
import type { PlayedView, ReportView, RunView } from './report-view.ts';
import { cutText } from './visible-text.ts';

/** What was not judged and why, and what failed as it is known to. */
export function skippedSection(view: ReportView): Markup {
  return html`${view.runs.map((run) => html`${view.runs.length > 1 ? html`<h3>${run.record.id}</h3>` : nothing}${ofRun(run)}`)}`;
}

interface Told {
  readonly scene: string;
  readonly played: PlayedView;
}

function ofRun(run: RunView): Markup {
  const all = run.scenes.flatMap((scene) => Object.values(scene.played).map((played): Told => ({ scene: scene.name, played })));
  const skipped = groupedBy(all.filter(({ played }) => played.verdict.kind === 'skip'), ({ played }) => played.verdict.reason);
  const known = groupedBy(all.filter(({ played }) => played.verdict.kind === 'known'), ({ played }) => played.verdict.issue ?? '?');
  const gone = groupedBy(all.filter(({ played }) => played.verdict.kind === 'pass' && played.verdict.issue !== undefined), ({ played }) => played.verdict.issue ?? '?');
  return html`<h3>Skipped</h3>
${skipped.size === 0 ? html`<p>Nothing was skipped.</p>` : html`<ul>${[...skipped].map(([reason, told]) => html`<li>${cutText(reason, 300)}: ${namesOf(told)}</li>`)}</ul>`}
<h3>Known issues</h3>
${known.size === 0 ? html`<p>None showed.</p>` : html`<ul>${[...known].map(([id, told]) => issueItem(run, { id, told }))}</ul>`}
${gone.size === 0 ? nothing : html`<p>By its version this kernel should have shown, and did not:</p><ul>${[...gone].map(([id, told]) => issueItem(run, { id, told }))}</ul>`}`;
}

function issueItem(run: RunView, given: { readonly id: string; readonly told: readonly Told[] }): Markup {
  const issue = run.issues.find((entry) => entry.id === given.id);
  return html`<li><b>${given.id}</b>${issue ? html` ${issue.summary} <span class="note">(<code>${issue.page}</code>)</span>` : nothing}: ${namesOf(given.told)}</li>
`;
}

function namesOf(told: readonly Told[]): string {
  return [...new Set(told.map(({ scene }) => scene))].map((scene) => `${scene} (${told.filter((one) => one.scene === scene).map(({ played }) => played.side).join(', ')})`).join(', ');
}

function groupedBy(all: readonly Told[], keyOf: (told: Told) => string): ReadonlyMap<string, Told[]> {
  const groups = new Map<string, Told[]>();
  for (const told of all) groups.set(keyOf(told), [...(groups.get(keyOf(told)) ?? []), told]);
  return new Map([...groups].sort(([a], [b]) => (a < b ? -1 : 1)));
}
