import type { Verdict } from '../judge/verdict.ts';
import { timelineOf, type Bar, type Timeline, type TimelineGap, type TimelineRow } from '../timeline/timeline.ts';
import { html, nothing, type Markup } from './html.ts';
import { partingWords } from './parting-words.ts';
import type { EvidenceView } from './report-view.ts';
import { cutText } from './visible-text.ts';

/** Lines of one cell; who prints more has its own trace for it. */
const mostLines = 6;
const longestLine = 120;

/** The scene as it was played around the step where it parted: a row a step, a column an actor, waits as bars over the rows they last. */
export function timelineBlock(name: string, given: { readonly evidence: EvidenceView; readonly verdict: Verdict; readonly id: string }): Markup {
  const { evidence, verdict } = given;
  if (evidence.scene === undefined) return html`<p class="note">No timeline: the scene's own file is gone, or this diorama does not read it.</p>`;
  if (evidence.trace === '') return html`<p class="note">No timeline: the guest left no trace.</p>`;
  const words = partingWords(verdict.reason);
  const timeline = timelineOf(evidence.scene, { trace: evidence.trace, step: verdict.step, actor: words.actor });
  const damage = timeline.damage === undefined ? nothing : html`<p class="note">The trace is damaged: ${cutText(timeline.damage, 200)}</p>`;
  return html`<h5 id="${given.id}-timeline">Timeline</h5>
<div class="scroll" tabindex="0" role="region" aria-label="Timeline of ${name}">
<table class="timeline">
<thead><tr><th scope="col" class="num">ms</th><th scope="col">step</th>${timeline.actors.map((actor) => html`<th scope="col">${actor}</th>`)}<th scope="col">server</th></tr></thead>
<tbody>
${timeline.rows.map((row) => (row.kind === 'gap' ? gapRow(row, timeline) : stepRow(row, { timeline, expected: words.expected })))}</tbody>
</table></div>
<p class="note">Milliseconds of the guest's clock when the step began; <span class="key waits">sleeps in the kernel</span> <span class="key held">its request is at the server</span></p>${damage}`;
}

function gapRow(gap: TimelineGap, timeline: Timeline): Markup {
  return html`<tr class="gap"><td colspan="${timeline.actors.length + 3}">${gap.steps} ${gap.steps === 1 ? 'step' : 'steps'} not shown</td></tr>
`;
}

function stepRow(row: TimelineRow, given: { readonly timeline: Timeline; readonly expected: string | undefined }): Markup {
  const { actors } = given.timeline;
  return html`<tr${row.parted ? html` class="parted"` : nothing}><td class="num time">${(row.ns / 1e6).toFixed(3)}</td><th scope="row">${row.steps.map(
    (step) => html`<span class="line"><b>${step.number}</b> ${cutText(step.text, longestLine)}</span>`)}${
    row.parted ? html`<span class="line flag"><span aria-hidden="true">✕</span> here they part</span>` : nothing}</th>${
    actors.map((actor) => barCell(row.bars.get(actor), given.expected))}<td class="server">${linesOf(row.server)}${
    row.holds.length === 0 ? nothing : html`<span class="line note">holds ${cutText(row.holds.join(', '), longestLine)}</span>`}</td></tr>
`;
}

function barCell(bar: Bar | undefined, expected: string | undefined): Markup {
  if (!bar) return nothing;
  const span = bar.rows > 1 ? html` rowspan="${bar.rows}"` : nothing;
  const mark = bar.parted ? ' here' : '';
  return html`<td class="bar ${bar.kind}${mark}"${span}>${linesOf(bar.lines)}${
    bar.parted && expected !== undefined ? html`<span class="line flag">✕ ${cutText(expected, longestLine)}</span>` : nothing}</td>`;
}

function linesOf(lines: readonly string[]): Markup {
  return html`${lines.slice(0, mostLines).map((line) => html`<span class="line">${cutText(line, longestLine)}</span>`)}${
    lines.length > mostLines ? html`<span class="line note">and ${lines.length - mostLines} more</span>` : nothing}`;
}
