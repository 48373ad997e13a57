import { html, nothing, type Markup } from './html.ts';
import type { ReportView, RunView, SceneHistoryRow } from './report-view.ts';
import { symbolOf, toneOf, verdictWord } from './verdict-words.ts';
import { cutText } from './visible-text.ts';

/** Scenes whose history is told in full. */
const mostTold = 40;

/** What each scene came to in the stored runs: those whose verdict changed as a strip, newest first, the others as a number. */
export function historySection(view: ReportView): Markup | undefined {
  const [run] = view.runs;
  if (!run || run.history.size === 0) return undefined;
  const runs = new Set([...run.history.values()].flatMap((rows) => rows.map((row) => row.run)));
  const unread = run.unreadRuns === 0 ? nothing : html`<p class="note">${run.unreadRuns} stored ${run.unreadRuns === 1 ? 'run' : 'runs'} could not be read.</p>`;
  if (runs.size <= 1) return html`<p>This is the only run of its directory so far.</p>${unread}`;
  return html`${toldHistory(run, runs.size)}${unread}`;
}

function toldHistory(run: RunView, runs: number): Markup {
  const scenes = [...run.history].sort(([a], [b]) => (a < b ? -1 : 1));
  const moved = scenes.filter(([, rows]) => new Set(rows.map((row) => row.verdict)).size > 1);
  return html`<p>Of ${scenes.length} scenes in ${runs} stored runs, ${moved.length} came to more than one verdict${moved.length > mostTold ? `; the first ${mostTold} are shown` : ''}. Newest first; runs may be of different kernels and series, which each says.</p>
${moved.slice(0, mostTold).map(([name, rows]) => sceneHistory(name, rows))}`;
}

function sceneHistory(name: string, rows: readonly SceneHistoryRow[]): Markup {
  return html`<details class="past"><summary><span class="name">${name}</span> <span class="strip" role="img" aria-label="${rows.map((row) => row.verdict).join(', ')}">${rows.map((row) => html`<span class="${toneOf(row.verdict)}">${symbolOf(row.verdict)}</span>`)}</span></summary>
<div class="scroll" tabindex="0" role="region" aria-label="History of ${name}"><table><thead><tr><th scope="col">run</th><th scope="col">kernel</th><th scope="col">verdict</th><th scope="col">reason</th></tr></thead>
<tbody>${rows.map((row) => html`<tr><td>${row.run}</td><td>${cutText(row.kernel, 80)}</td><td>${verdictWord(row.verdict)}</td><td>${cutText(row.reason, 100)}</td></tr>
`)}</tbody></table></div></details>
`;
}
