import { html, nothing, rendered, type Markup } from './html.ts';
import type { Plot, Plots } from './latency-plots.ts';
import { differs, latencyRows, type LatencyFigures, type LatencyRow } from './latency-rows.ts';
import type { ReportView } from './report-view.ts';

/** What the scenes measured, base against patched: plots, and the numbers that they show. Absent where nothing was measured. */
export function latencySection(view: ReportView, plots: readonly Plots[]): Markup | undefined {
  const parts = view.runs.map((run, index) => ({ run, rows: latencyRows(run.scenes), plots: plots[index] }));
  if (parts.every(({ rows }) => rows.length === 0)) return undefined;
  return html`${parts.map(({ run, rows, plots: own }) => (rows.length === 0 ? nothing : html`${view.runs.length > 1 ? html`<h3>${run.record.id}</h3>` : nothing}
<p>Times are of the guest's own clock, exact and the same in every play; a difference of one nanosecond is a difference. ${sentence(rows)}</p>
<p class="legend"><span class="base"><span aria-hidden="true">●</span> base</span> <span class="patched"><span aria-hidden="true">◆</span> patched</span> <span class="note">the mark is the median, each tick a time that came up</span></p>
${byScene(own?.latency ?? [])}
${own && own.throughput.length > 0 ? html`<h3>Throughput against writers</h3><p class="note">All writers together: their bytes ÷ the median time from the first call to the last return.</p>${figures(own.throughput)}` : nothing}
${numbers(rows)}`))}`;
}

function sentence(rows: readonly LatencyRow[]): string {
  const compared = rows.filter((row) => row.sides.base && row.sides.patched);
  if (compared.length === 0) return '';
  return `${compared.filter(differs).length} of ${compared.length} figures differ between base and patched.`;
}

function byScene(plots: readonly Plot[]): Markup {
  const scenes = [...new Set(plots.map(({ scene }) => scene))];
  return html`${scenes.map((scene) => html`<h3>${scene}</h3>
${figures(plots.filter((plot) => plot.scene === scene))}`)}`;
}

function figures(plots: readonly Plot[]): Markup {
  return html`<div class="plots">${plots.map((plot) => html`<figure role="group" aria-label="Plot of ${plot.title}; its numbers stand in the table below"><figcaption>${plot.title}</figcaption>${rendered(plot.svg)}</figure>
`)}</div>`;
}

function numbers(rows: readonly LatencyRow[]): Markup {
  return html`<details><summary>The numbers, in nanoseconds</summary><div class="scroll" tabindex="0" role="region" aria-label="Latency in nanoseconds"><table>
<thead><tr><th scope="col">scene</th><th scope="col">operation</th><th scope="col">mode</th><th scope="col" class="num">writers</th><th scope="col" class="num">base median (least–most, n)</th><th scope="col" class="num">patched</th><th scope="col" class="num">difference of medians</th></tr></thead>
<tbody>${rows.map(numbersRow)}</tbody></table></div></details>`;
}

function numbersRow(row: LatencyRow): Markup {
  const { base, patched } = row.sides;
  return html`<tr><td>${row.scene}</td><th scope="row">${row.operation}</th><td>${row.mode}</td><td class="num">${row.writers}</td><td class="num">${figuresText(base)}</td><td class="num">${figuresText(patched)}</td><td class="num">${differenceText(row)}</td></tr>
`;
}

function figuresText(figures: LatencyFigures | undefined): string {
  if (!figures) return 'not measured';
  return `${figures.median} (${figures.ns[0] ?? 0}–${figures.ns.at(-1) ?? 0}, ${figures.ns.length})`;
}

function differenceText(row: LatencyRow): string {
  const { base, patched } = row.sides;
  if (!base || !patched) return '';
  const difference = patched.median - base.median;
  if (difference !== 0) return difference > 0 ? `+${difference} ns` : `−${-difference} ns`;
  return differs(row) ? '0 ns, single ones differ' : 'none';
}
