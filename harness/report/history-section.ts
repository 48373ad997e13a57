import { html, nothing, type Markup } from './html.ts';
import type { ReportView, RunView, SceneHistoryRow } from './report-view.ts';
import { symbolOf, toneOf, verdictWord, type Tone } from './verdict-words.ts';
import { cutText } from './visible-text.ts';

/** Scenes whose runs are told one by one; of those after them the strip alone. */
const mostTold = 20;

/** What each scene came to in the stored runs: those whose verdict changed as a strip, newest first, the others as a number. */
export function historySection(view: ReportView): Markup | undefined {
  const [run] = view.runs;
  if (!run || run.history.size === 0) return undefined;
  const runs = new Set([...run.history.values()].flatMap((rows) => rows.map((row) => row.run)));
  const unread = run.unreadRuns === 0 ? nothing : html`<p class="note">${run.unreadRuns} stored ${run.unreadRuns === 1 ? 'run' : 'runs'} could not be read.</p>`;
  if (runs.size <= 1) return html`<p>No earlier run is stored beside this one.</p>${unread}`;
  return html`${toldHistory(run, runs.size)}${unread}`;
}

function toldHistory(run: RunView, runs: number): Markup {
  const scenes = [...run.history].sort(([a], [b]) => (a < b ? -1 : 1));
  const moved = scenes.filter(([, rows]) => new Set(rows.map((row) => row.verdict)).size > 1);
  return html`<p>Of ${scenes.length} scenes in ${runs} stored runs, ${moved.length} came to more than one verdict. Newest first; the runs may be of different kernels and series, which each says.</p>
${moved.slice(0, mostTold).map(([name, rows]) => sceneHistory(name, rows))}${moved.slice(mostTold).map(([name, rows]) => html`<p class="past">${stripOf(name, rows)}</p>
`)}`;
}

function sceneHistory(name: string, rows: readonly SceneHistoryRow[]): Markup {
  return html`<details class="past"><summary>${stripOf(name, rows)}</summary>
<div class="scroll" tabindex="0" role="region" aria-label="History of ${name}"><table><thead><tr><th scope="col">run</th><th scope="col">kernel</th><th scope="col">verdict</th><th scope="col">reason</th></tr></thead>
<tbody>${rows.map((row) => html`<tr><td>${row.run}</td><td>${cutText(row.kernel, 60)}</td><td>${verdictWord(row.verdict)}</td><td>${cutText(row.reason, 100)}</td></tr>
`)}</tbody></table></div></details>
`;
}

/** One symbol a run; runs of one colour are one element. */
function stripOf(name: string, rows: readonly SceneHistoryRow[]): Markup {
  const pieces: { tone: Tone; symbols: string }[] = [];
  for (const { verdict } of rows) {
    const last = pieces.at(-1);
    if (last?.tone === toneOf(verdict)) last.symbols += symbolOf(verdict);
    else pieces.push({ tone: toneOf(verdict), symbols: symbolOf(verdict) });
  }
  return html`<span class="name">${name}</span> <span class="strip" role="img" aria-label="${countsOf(rows)}">${pieces.map(({ tone, symbols }) => html`<b class="${tone}">${symbols}</b>`)}</span>`;
}

function countsOf(rows: readonly SceneHistoryRow[]): string {
  const kinds = [...new Set(rows.map((row) => row.verdict))];
  return kinds.map((kind) => `${rows.filter((row) => row.verdict === kind).length} ${kind}`).join(', ');
}
