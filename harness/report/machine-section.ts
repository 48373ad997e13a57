import { formatDuration } from '../format-units.ts';
import { shellLine } from '../shell-words.ts';
import { html, nothing, type Markup, type Piece } from './html.ts';
import type { ReportView, RunView } from './report-view.ts';
import { cutText } from './visible-text.ts';

/** Everything that one must know to do it again: versions, machine, seed, command, and what took how long. */
export function machineSection(view: ReportView): Markup {
  return html`${view.runs.map((run) => html`${view.runs.length > 1 ? html`<h3>${run.record.id}</h3>` : nothing}${ofRun(run)}`)}`;
}

function ofRun({ record, where }: RunView): Markup {
  const { host, kernel, series, base, patched } = record;
  const facts: readonly (readonly [string, Piece])[] = [
    ['command', html`<code>${cutText(shellLine(['./diorama', ...record.command]), 600)}</code>`],
    ['evidence', html`<code>${where}</code>`],
    ['started', `${record.started}${record.ended === undefined ? ', not ended' : `, ended ${record.ended}`}`],
    ['status', `${record.status}${record.exitCode === undefined ? '' : `, exit code ${record.exitCode}`}${record.error ? `: ${cutText(record.error.message, 600)} (${record.error.blame}, ${record.error.code})` : ''}`],
    ['kernel', kernel ? html`${kernel.version} <span class="note">${kernel.spec}, ${kernel.origin}${kernel.treeId === undefined ? '' : `, tree ${kernel.treeId}`}${kernel.image ? `, vmlinuz sha256:${kernel.image.vmlinuz}, fuse ${kernel.image.fuse === undefined ? 'built in' : `sha256:${kernel.image.fuse}`}` : ''}</span>` : 'none'],
    ['series', series ? html`${cutText(series.label, 200)} <span class="note">${series.treeId === undefined ? '' : `tree ${series.treeId}`}</span><ol>${series.patches.map((patch) => html`<li>${cutText(patch.subject, 200)} <span class="note">${cutText(patch.from, 120)}</span></li>`)}</ol>` : 'none'],
    ['config, guest, seed', `${record.config}, ${record.guest}, ${record.seed}`],
    ['built', [base, patched].flatMap((variant, index) => (variant ? [html`<span class="line">${index === 0 ? 'base' : 'patched'}: ${variant.release}, ${variant.compiler} <span class="note">variant ${variant.id.slice(0, 16)}${variant.template === undefined ? '' : `, template ${variant.template}`}</span></span>`] : []))],
    ['libfuse, QEMU', `${record.libfuse ?? 'none'}, ${record.qemu ?? 'none'}`],
    ['machine', `${host.os}, ${host.arch}, ${host.cpus} × ${host.cpu}, ${Math.round(host.memoryBytes / 2 ** 30)} GiB, Node ${host.node}`],
  ];
  return html`<dl class="facts">${facts.map(([name, value]) => html`<div><dt>${name}</dt><dd>${value}</dd></div>
`)}</dl>
${record.stages.length === 0 ? nothing : html`<details><summary>${record.stages.length} stages, and the scenes</summary><div class="scroll" tabindex="0" role="region" aria-label="Stages"><table>
<thead><tr><th scope="col">stage</th><th scope="col">of</th><th scope="col" class="num">wall time</th></tr></thead>
<tbody>${record.stages.map((stage) => html`<tr><th scope="row">${stage.stage}</th><td>${cutText(stage.label, 120)}</td><td class="num">${formatDuration(stage.ms)}${stage.reused ? html` <span class="note">from the cache</span>` : nothing}</td></tr>
`)}<tr><th scope="row">scene</th><td>${playedText(record.scenes)}</td><td class="num">${formatDuration(record.scenes.reduce((sum, played) => sum + played.ms, 0))} <span class="note">of all guests together</span></td></tr>
</tbody></table></div></details>`}`;
}

/** How many were played now, and how many an earlier run had played. */
function playedText(scenes: ReportView['runs'][number]['record']['scenes']): string {
  const reused = scenes.filter((scene) => scene.reused === true).length;
  return `${scenes.length - reused} played${reused === 0 ? '' : `, ${reused} reused from earlier plays of the same`}`;
}
