import type { Comparison } from '../judge/compare-sides.ts';
import type { VerdictKind } from '../judge/verdict.ts';
import { html, type Markup } from './html.ts';

/** A colour of the style sheet. It never stands alone: a symbol and a word go with it. */
export type Tone = 'good' | 'bad' | 'quiet' | 'warn';

const symbols: Readonly<Record<VerdictKind, string>> = {
  pass: '✓', fail: '✕', splat: '✱', hang: '‖', crash: '↯', known: '◇', skip: '–', error: '?',
};

const tones: Readonly<Record<VerdictKind, Tone>> = {
  pass: 'good', fail: 'bad', splat: 'bad', hang: 'bad', crash: 'bad', known: 'quiet', skip: 'quiet', error: 'warn',
};

const comparisonTones: Readonly<Record<Comparison, Tone>> = { regression: 'bad', slower: 'bad', fix: 'good', faster: 'good', same: 'quiet', changed: 'warn', error: 'warn' };
const comparisonSymbols: Readonly<Record<Comparison, string>> = { regression: '▼', slower: '▽', fix: '▲', faster: '△', same: '=', changed: '≠', error: '?' };

/** `✕ fail`. */
export function verdictWord(kind: VerdictKind): Markup {
  return html`<span class="word ${tones[kind]}"><span class="sym" aria-hidden="true">${symbols[kind]}</span> ${kind}</span>`;
}

/** `▼ regression`. */
export function comparisonWord(comparison: Comparison): Markup {
  return html`<span class="word ${comparisonTones[comparison]}"><span class="sym" aria-hidden="true">${comparisonSymbols[comparison]}</span> ${comparison}</span>`;
}

export function symbolOf(kind: VerdictKind): string {
  return symbols[kind];
}

export function toneOf(kind: VerdictKind): Tone {
  return tones[kind];
}
