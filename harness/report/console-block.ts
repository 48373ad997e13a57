import { markedExcerpt, type ConsoleLine } from './marked-excerpt.ts';
import { html, nothing, type Markup } from './html.ts';
import type { EvidenceView } from './report-view.ts';

/** A console's telling part; one without a complaint is folded away. */
export function consoleBlock(evidence: EvidenceView, name: string): Markup {
  if (evidence.console.trim() === '') return html`<h5>Console</h5><p class="note">It is empty.</p>`;
  const excerpt = markedExcerpt(evidence.console);
  const after = [
    excerpt.linesAfter > 0 ? `${excerpt.linesAfter} ${lines(excerpt.linesAfter)} after it` : '',
    evidence.consoleUnread > 0 ? `${evidence.consoleUnread} bytes that were not even read` : '',
  ].filter(Boolean);
  const left = [excerpt.linesBefore > 0 ? `${excerpt.linesBefore} ${lines(excerpt.linesBefore)} before it` : '', ...after].filter(Boolean);
  const note = left.length === 0 ? nothing : html`<p class="note">Left out: ${left.join(', ')}.</p>`;
  const body = html`<div class="scroll" tabindex="0" role="region" aria-label="Console of ${name}"><pre class="console">${excerpt.lines.map(consoleLine)}</pre></div>${note}`;
  if (excerpt.splats === 0) return html`<details class="quiet"><summary>Console, without a complaint of the kernel</summary>${body}</details>`;
  return html`<h5>Console <span class="count">${excerpt.splats} ${excerpt.splats === 1 ? 'complaint' : 'complaints'}</span></h5>${body}`;
}

function lines(count: number): string {
  return count === 1 ? 'line' : 'lines';
}

function consoleLine(line: ConsoleLine): Markup {
  const text = html`${line.text}
`;
  if (line.kind === 'title') return html`<mark>${text}</mark>`;
  return line.kind === 'plain' ? text : html`<span class="${line.kind}">${text}</span>`;
}
