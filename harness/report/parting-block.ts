import type { Verdict } from '../judge/verdict.ts';
import { html, nothing, type Markup } from './html.ts';
import { partingWords } from './parting-words.ts';
import { cutText } from './visible-text.ts';

const longestReason = 700;

/** What was expected and what came, side by side; the judge's whole sentence where it has no such parts. */
export function partingBlock(verdict: Verdict): Markup {
  const words = partingWords(verdict.reason);
  if (words.came === undefined || words.expected === undefined) return html`<p class="reason">${cutText(verdict.reason, longestReason)}</p>`;
  const step = verdict.step === undefined ? '' : ` in step ${verdict.step}`;
  return html`<dl class="parting">
${words.said === undefined ? nothing : html`<div class="came whole"><dt><span class="sym" aria-hidden="true">✱</span> the kernel said</dt><dd><code>${words.said}</code></dd></div>`}
<div class="expected"><dt><span class="sym" aria-hidden="true">✓</span> expected${step}</dt><dd>${words.expected}</dd></div>
<div class="came"><dt><span class="sym" aria-hidden="true">✕</span> came</dt><dd>${words.came}</dd></div>
${words.meaning === undefined ? nothing : html`<div class="whole"><dt>so</dt><dd>${words.meaning}</dd></div>`}
</dl>`;
}
