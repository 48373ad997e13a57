import { circumstancesOf, countOf, differing, loadOf, ratioOf, sampleOf, type WallClockFigure } from '../formats/wall-clock-words.ts';
import { html, nothing, rendered, type Markup } from './html.ts';
import type { Plot } from './latency-plots.ts';
import type { ReportView } from './report-view.ts';

/** What calls take on the host's clock, beside the exact figures of virtual time. Absent where nobody measured that. */
export function wallClockSection(view: ReportView, plots: readonly (readonly Plot[])[]): Markup | undefined {
  const parts = view.runs.flatMap(({ record }, index) => (record.wallClock ? [{ id: record.id, wallClock: record.wallClock, plots: plots[index] ?? [] }] : []));
  if (parts.length === 0) return undefined;
  return html`${parts.map(({ id, wallClock, plots: own }) => {
    const { figures } = wallClock;
    const count = countOf(wallClock);
    const surest = differing(figures);
    return html`${view.runs.length > 1 ? html`<h3>${id}</h3>` : nothing}
<p>${circumstancesOf(wallClock)} ${count}</p>
<p class="note">The boot is the unit: a figure is of one boot, and p is Mann and Whitney’s, exact. ~ is noise. The histograms are in ${wallClock.file}.</p>
<p class="legend"><span class="base"><span aria-hidden="true">○</span> base</span>${figures.some(({ patched }) => patched) ? html` <span class="patched"><span aria-hidden="true">◇</span> patched</span>` : nothing} <span class="note">a mark is a boot, the line goes through the medians</span></p>
<div class="plots">${own.map((plot) => html`<figure role="group" aria-label="Plot of ${plot.title}; its numbers stand in the table below"><figcaption>${plot.title}</figcaption>${rendered(plot.svg)}</figure>
`)}</div>
${surest.length === 0 ? nothing : html`<h3>What differs</h3>${table(surest, 'What differs on the wall clock')}`}
<details><summary>All figures</summary>${table(figures, 'All figures on the wall clock')}</details>`;
  })}`;
}

function table(figures: readonly WallClockFigure[], label: string): Markup {
  const withSeries = figures.some(({ patched }) => patched !== undefined);
  return html`<div class="scroll" tabindex="0" role="region" aria-label="${label}"><table>
<thead><tr><th scope="col">figure</th><th scope="col">load</th><th scope="col" class="num">base: median (least–most, boots)</th>${withSeries ? html`<th scope="col" class="num">patched</th><th scope="col" class="num">patched ÷ base</th><th scope="col"></th>` : nothing}</tr></thead>
<tbody>${figures.map((figure) => row(figure, withSeries))}</tbody></table></div>`;
}

function row(figure: WallClockFigure, withSeries: boolean): Markup {
  const [what, ...load] = loadOf(figure);
  return html`<tr><th scope="row">${what}</th><td>${load.join(', ')}</td><td class="num">${sampleOf(figure.base, figure)}</td>${withSeries ? html`<td class="num">${sampleOf(figure.patched, figure)}</td><td class="num">${ratioOf(figure)}</td><td>${word(figure)}</td>` : nothing}</tr>
`;
}

function word(figure: WallClockFigure): Markup {
  if (figure.word === 'slower') return html`<span class="bad">slower</span>`;
  return figure.word === 'faster' ? html`<span class="good">faster</span>` : nothing;
}
