import { brokenRules } from './broken-rules.ts';
import { failuresSection } from './failures-section.ts';
import { historySection } from './history-section.ts';
import { html, rendered, type Markup } from './html.ts';
import type { Plot, Plots } from './latency-plots.ts';
import { latencySection } from './latency-section.ts';
import { machineSection } from './machine-section.ts';
import { matrixSection } from './matrix-section.ts';
import type { ReportView } from './report-view.ts';
import { sceneGroups } from './scene-groups.ts';
import { skippedSection } from './skipped-section.ts';
import { style } from './style.ts';
import { verdictSection, verdictTitle } from './verdict-section.ts';
import { wallClockSection } from './wall-clock-section.ts';

/** Nothing may be loaded, nothing run; styles stand in the page, and so do plots. */
const policy = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'";

/** A report stays below a mebibyte: what the head takes is not in this. */
const mostBytes = 980_000;

/** A report as one HTML page that needs nothing else: no network, no script. `plots` are of the runs in their order. */
export function renderReport(view: ReportView, plots: { readonly latency: readonly Plots[]; readonly wallClock: readonly (readonly Plot[])[] }): string {
  const rules = view.runs.map((run) => brokenRules(run.scenes, new Set(sceneGroups(run).filter(({ kind }) => kind !== 'error').flatMap((group) => group.scenes.map((scene) => scene.name)))));
  const rest: readonly (readonly [string, string, Markup | undefined])[] = [
    ['matrix', 'Scenes', matrixSection(view)],
    ['latency', 'Latency', latencySection(view, plots.latency)],
    ['wall-clock', 'Latency on the wall clock', wallClockSection(view, plots.wallClock)],
    ['history', 'History', historySection(view)],
    ['skipped', 'Skipped and known', skippedSection(view)],
    ['machine', 'Machine and versions', machineSection(view)],
  ];
  const room = mostBytes - rest.reduce((sum, [, , body]) => sum + Buffer.byteLength(body?.toString() ?? ''), 0);
  const sections = [['broken', 'What broke', failuresSection(view, { rules, room })] as const, ...rest];
  const present = sections.flatMap(([id, title, body]) => (body === undefined ? [] : [{ id, title, body }]));
  const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<title>${verdictTitle(view)}</title>
<style>${rendered(style)}</style>
</head>
<body>
<a class="skip" href="#broken">Skip to what broke</a>
<header>
${verdictSection(view, rules)}
<nav aria-label="Sections"><ul>${present.map(({ id, title }) => html`<li><a href="#${id}">${title}</a></li>`)}</ul></nav>
</header>
<main>
${present.map(({ id, title, body }) => html`<section id="${id}" aria-labelledby="${id}-title">
<h2 id="${id}-title">${title}</h2>
${body}
</section>
`)}</main>
<footer><p>Written by diorama on ${view.written.slice(0, 16).replace('T', ' ')} UTC. It loads nothing and runs nothing.</p></footer>
</body>
</html>
`;
  return page.toString();
}
