import { html, nothing, type Markup } from './html.ts';
import type { PlayedView, ReportView, RunView } from './report-view.ts';
import { verdictWord } from './verdict-words.ts';
import { cutText } from './visible-text.ts';

/** One side of one run. */
interface Column {
  readonly run: RunView;
  readonly side: 'base' | 'patched';
}

/** Every scene by every side of every run; what passes everywhere is folded away. */
export function matrixSection(view: ReportView): Markup {
  const columns = view.runs.flatMap((run): Column[] => [{ run, side: 'base' }, ...(run.record.series ? [{ run, side: 'patched' } as const] : [])]);
  const rows = new Map<string, (PlayedView | undefined)[]>();
  columns.forEach(({ run, side }, index) => {
    for (const scene of run.scenes) {
      const cells = rows.get(scene.name) ?? columns.map(() => undefined);
      cells[index] = scene.played[side];
      rows.set(scene.name, cells);
    }
  });
  if (rows.size === 0) return html`<p>No scene was played.</p>`;
  const sorted = [...rows].sort(([a], [b]) => (a < b ? -1 : 1));
  const clean = sorted.filter(([, cells]) => cells.every((cell) => cell?.verdict.kind === 'pass'));
  const other = sorted.filter((row) => !clean.includes(row));
  const table = (shown: typeof sorted): Markup => matrixTable(columns, shown);
  return html`${other.length === 0 ? nothing : table(other)}
<details${clean.length > 0 && other.length === 0 && clean.length < 30 ? html` open` : nothing}><summary>${clean.length} of ${sorted.length} scenes pass ${columns.length === 1 ? '' : 'in every column'}</summary>
${clean.length === 0 ? nothing : table(clean)}</details>`;
}

function matrixTable(columns: readonly Column[], rows: readonly (readonly [string, readonly (PlayedView | undefined)[]])[]): Markup {
  return html`<div class="scroll" tabindex="0" role="region" aria-label="Scenes by side"><table class="matrix">
<thead><tr><th scope="col">scene</th>${columns.map(columnHead)}</tr></thead>
<tbody>
${rows.map(([name, cells]) => html`<tr><th scope="row">${name}</th>${cells.map((cell) => html`<td>${cell ? verdictWord(cell.verdict.kind) : html`<span class="note">not played</span>`}</td>`)}</tr>
`)}</tbody></table></div>`;
}

function columnHead({ run, side }: Column): Markup {
  const { record } = run;
  const what = side === 'base' ? 'base' : cutText(record.series?.label ?? 'patched', 60);
  return html`<th scope="col">${side === 'base' ? 'base' : 'patched'}<span class="line note">${cutText(record.kernel?.version ?? 'no kernel', 60)}${side === 'patched' ? ` + ${what}` : ''}</span><span class="line note">${cutText(`${record.guest}, ${record.config}`, 120)}</span></th>`;
}
