import { cellWords, nightSentence, type CellWords } from './cell-words.ts';
import { cellDetails, kernelOf } from './describe-night.ts';
import type { Cell, Night } from './night-state.ts';

/**
 * The index of nights as one HTML file that needs nothing else: rows are nights, the newest first, columns entries. Works without
 * JavaScript; whatever came from a kernel, a patch or a remote is text.
 */
export function indexPage(nights: readonly Night[], given: { readonly title: string }): string {
  const newest = [...nights].reverse();
  const [last] = newest;
  const columns = [...new Set(newest.flatMap((night) => night.columns))];
  const head = last === undefined ? 'No night was played yet.' : `${capital(nightSentence(last))}.`;
  const worst = last === undefined ? 'quiet' : toneOf(last);
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'">
<title>${text(given.title)}</title>
<style>${style}</style>
</head>
<body>
<a class="skip" href="#nights">To the nights</a>
<header>
<p class="eyebrow">${text(given.title)}${last === undefined ? '' : `, night of ${when(last)}`}</p>
<h1 class="${worst}">${text(head)}</h1>
${last === undefined ? '' : news(last)}
</header>
<main id="nights">
<h2>Nights</h2>
${newest.length === 0 ? '<p>There is none.</p>' : `<div class="scroll" tabindex="0" role="region" aria-label="Nights and entries"><table>
<thead><tr><th scope="col">night</th>${columns.map((column) => `<th scope="col">${text(column)}</th>`).join('')}</tr></thead>
<tbody>
${newest.map((night) => row(night, columns)).join('\n')}
</tbody>
</table></div>`}
<p class="note">✓ clean or fixed, ✗ a regression, or a kernel or series that cannot be played, ! worth a look, · nothing new. Each cell leads to its report.</p>
</main>
<footer><p>Written by ./diorama nightly.</p></footer>
</body>
</html>
`;
}

function row(night: Night, columns: readonly string[]): string {
  const cells = columns.map((column) => {
    const cell = night.cells[column];
    const words = cellWords(cell);
    const details = cellDetails(cell);
    const kernel = night.columns.includes(column) ? kernelOf(night, column) : '';
    return `<td class="${words.tone}">${word(words, linkOf(cell))}${kernel === '' ? '' : `<span class="kernel">${text(kernel)}</span>`}${more(details)}</td>`;
  });
  return `<tr id="${text(night.id)}"><th scope="row">${when(night)}${night.status === 'running' ? '<span class="kernel">not finished</span>' : ''}</th>${cells.join('')}</tr>`;
}

/** What the last night has to say: everything that is not clean, in full. */
function news(night: Night): string {
  const items = night.columns.flatMap((column) => {
    const cell = night.cells[column];
    const words = cellWords(cell);
    const details = cellDetails(cell);
    if (cell === undefined || details.length === 0) return [];
    return [`<li class="${words.tone}"><h2>${text(column)}: ${word(words, linkOf(cell))}</h2>${list(details)}</li>`];
  });
  return items.length === 0 ? '' : `<ul class="news">${items.join('')}</ul>`;
}

function word({ symbol, text: words }: CellWords, link: string | undefined): string {
  const shown = `<span class="sym" aria-hidden="true">${symbol} </span>${text(words)}`;
  if (words === '') return '';
  return link === undefined ? `<span class="word">${shown}</span>` : `<a class="word" href="${text(link)}">${shown}</a>`;
}

function more(details: readonly string[]): string {
  return details.length === 0 ? '' : `<details><summary>why</summary>${list(details)}</details>`;
}

function list(details: readonly string[]): string {
  return `<ul class="why">${details.map((line) => `<li>${text(line)}</li>`).join('')}</ul>`;
}

/** To the report; where there is none, to the record of the run. */
function linkOf(cell: Cell | undefined): string | undefined {
  if (cell === undefined || cell.kind === 'unplayed') return undefined;
  const { run, report } = cell.kind === 'unchanged' ? cell.last : cell;
  const path = report ?? (run === undefined ? undefined : `${run}/run.json`);
  return path?.split('/').map(encodeURIComponent).join('/');
}

function toneOf(night: Night): CellWords['tone'] {
  const tones = new Set(night.columns.map((column) => cellWords(night.cells[column]).tone));
  return (['bad', 'warn', 'good'] as const).find((tone) => tones.has(tone)) ?? 'quiet';
}

function when(night: Night): string {
  const shown = night.started.replace(/^(\d{4}-\d\d-\d\d)T(\d\d:\d\d).*$/, '$1 $2');
  return `<time datetime="${text(night.started)}">${text(shown)}</time>`;
}

function capital(sentence: string): string {
  return sentence.charAt(0).toUpperCase() + sentence.slice(1);
}

const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

/** For text and quoted attributes alike. */
function text(value: string): string {
  return value.replace(/[&<>"']/g, (character) => entities[character] ?? '');
}

const style = `
:root{color-scheme:light dark;--paper:#fff;--panel:#f5f6f8;--line:#dfe3e8;--text:#1b2026;--soft:#56606b;--accent:#2a56c6;--bad:#b3261e;--badpanel:#fdf1ef;--good:#1c7238;--goodpanel:#eff8f2;--warn:#855700;--warnpanel:#fdf6e7}
@media (prefers-color-scheme:dark){:root{--paper:#14171b;--panel:#1c2026;--line:#323941;--text:#e7eaee;--soft:#a2acb7;--accent:#8fb2ff;--bad:#ff9a8d;--badpanel:#2f1d1c;--good:#74d391;--goodpanel:#17271d;--warn:#ecbd62;--warnpanel:#2b2414}}
*{box-sizing:border-box}
html{-webkit-text-size-adjust:100%}
body{margin:0;background:var(--paper);color:var(--text);font:16px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Liberation Sans",sans-serif;overflow-wrap:anywhere}
header,main,footer{max-width:80rem;margin:0 auto;padding:0 clamp(1rem,4vw,3rem)}
header{padding-top:clamp(1.25rem,4vw,3rem)}
.eyebrow,.note,footer{color:var(--soft);font-size:.86rem}
.eyebrow{margin:0}
h1{font-size:clamp(1.4rem,1.1rem + 1.8vw,2.2rem);line-height:1.2;font-weight:650;margin:.15em 0 .5em}
h2{font-size:1.3rem;margin:1.6rem 0 .8rem}
.news h2{font-size:1.05rem;margin:0}
h1.bad{color:var(--bad)}h1.good{color:var(--good)}h1.warn{color:var(--warn)}
ul{margin:0;padding:0;list-style:none}
.news>li{border-left:5px solid var(--line);background:var(--panel);border-radius:8px;padding:.7rem 1rem;margin:.6rem 0;max-width:64rem}
.news>.bad{border-color:var(--bad);background:var(--badpanel)}.news>.warn{border-color:var(--warn);background:var(--warnpanel)}.news>.good{border-color:var(--good);background:var(--goodpanel)}
.why li{font-size:.9rem;margin:.3rem 0;white-space:pre-wrap}
.scroll{overflow-x:auto;border:1px solid var(--line);border-radius:8px}
table{border-collapse:collapse;width:100%;font-size:.9rem;line-height:1.4;font-variant-numeric:tabular-nums}
th,td{text-align:left;vertical-align:top;padding:.55rem .8rem;border-bottom:1px solid var(--line);min-width:9rem;overflow-wrap:normal}
tbody tr:last-child>*{border-bottom:0}
thead th{color:var(--soft);background:var(--panel);font-weight:600;white-space:nowrap}
tbody th{font-weight:500;white-space:nowrap;position:sticky;left:0;background:var(--paper)}
thead th:first-child{position:sticky;left:0}
td.bad{background:var(--badpanel)}td.warn{background:var(--warnpanel)}td.good{background:var(--goodpanel)}
.word{font-weight:600}
.bad .word{color:var(--bad)}.good .word{color:var(--good)}.warn .word{color:var(--warn)}.quiet .word{color:var(--soft);font-weight:500}
.sym{display:inline-block;min-width:1.3em;text-align:center;white-space:pre}
.kernel{display:block;color:var(--soft);font-size:.8rem;font-weight:400}
a{color:var(--accent);text-underline-offset:.18em}
:focus-visible{outline:3px solid var(--accent);outline-offset:2px;border-radius:4px}
.skip{position:absolute;left:-99rem}
.skip:focus{left:1rem;top:.5rem;background:var(--paper);padding:.4rem .8rem;z-index:2}
details{margin-top:.3rem}
td details .why{min-width:18rem;max-width:30rem}
summary{cursor:pointer;color:var(--soft);font-size:.82rem;padding:.2rem 0}
footer{padding-bottom:3rem}
@media (max-width:40rem){th,td{padding:.45rem .6rem;min-width:7.5rem}tbody th,thead th:first-child{min-width:0;white-space:normal;width:5.6rem}td details .why{min-width:14rem}}
@media print{.skip{display:none}.scroll{overflow:visible}*{print-color-adjust:exact;-webkit-print-color-adjust:exact}}
`;
