import t from 'tap';
import { cellWords, nightSentence } from '../../../harness/nightly/cell-words.ts';
import { describeNight } from '../../../harness/nightly/describe-night.ts';
import { indexPage } from '../../../harness/nightly/index-page.ts';
import { nightExitCode } from '../../../harness/nightly/night-exit-code.ts';
import type { Cell, FailedCell, Night, NightChange, PlayedCell } from '../../../harness/nightly/night-state.ts';
import { cellsOf } from './nightly-runs.ts';

const hostile = `<script>alert(1)</script>"'&<img src=x onerror=alert(1)>`;

function played(change: Partial<NightChange>, more: Partial<PlayedCell> = {}): PlayedCell {
  return { kind: 'played', at: '2026-11-23T02:00:00.000Z', ms: 1000, run: 'mainline/2026-11-23T020000-abcd', change: { scenes: 3, regressions: [], fixed: [], still: [], unjudged: [], ...change }, ...more };
}

function failed(why: string, blame: FailedCell['blame'], again = false): FailedCell {
  return { kind: 'failed', at: '', ms: 1, why, blame, message: hostile, details: [hostile], again };
}

function night(cells: Readonly<Record<string, Cell>>, more: Partial<Night> = {}): Night {
  return { id: '2026-11-23T020000', status: 'done', started: '2026-11-23T02:00:00.000Z', budgetMs: 1, spentMs: 1, columns: Object.keys(cells), kernels: {}, cells, ...more };
}

const note = (was?: string): NightChange['regressions'][number] => ({ scene: 'a-scene', is: 'fail', reason: hostile, ...(was === undefined ? {} : { was }) });

const every: Readonly<Record<string, readonly [cell: Cell, words: string, exitCode: number]>> = {
  clean: [played({}), 'good: clean', 0],
  broken: [played({ baseline: 'x', regressions: [note('pass'), note('pass')], fixed: [note('fail')] }), 'bad: 2 regressions, fixed', 1],
  first: [played({ regressions: [note()] }), 'bad: 1 failing', 1],
  fixed: [played({ baseline: 'x', fixed: [note('fail'), note('hang')] }), 'good: 2 fixed', 0],
  still: [played({ baseline: 'x', still: [note('fail')] }), 'warn: 1 still failing', 0],
  unjudged: [played({ unjudged: [note()] }), 'warn: 1 not judged', 69],
  nothing: [played({ scenes: 0 }), 'good: clean', 69],
  build: [failed('does not build', 'kernel'), 'bad: does not build', 3],
  again: [failed('does not boot', 'kernel', true), 'bad: still does not boot', 3],
  series: [failed('series does not apply', 'series'), 'bad: series does not apply', 3],
  away: [failed('unreachable', 'machine'), 'warn: unreachable', 69],
  branch: [failed('no such kernel', 'usage'), 'warn: no such kernel', 2],
  budget: [{ kind: 'unplayed', why: 'budget', message: hostile }, 'quiet: not played: budget', 0],
  absent: [{ kind: 'unplayed', why: 'absent', message: hostile }, 'quiet: not there', 0],
  same: [{ kind: 'unchanged', since: 'x', last: played({}) }, 'quiet: unchanged, clean', 0],
  sameBroken: [{ kind: 'unchanged', since: 'x', last: played({ regressions: [note('pass')], still: [note('fail')] }) }, 'quiet: unchanged, 2 failing', 0],
  sameBuild: [{ kind: 'unchanged', since: 'x', last: failed('does not build', 'kernel') }, 'quiet: unchanged, does not build', 0],
};

t.test('every kind of cell has its words, its tone and its exit code', async (t) => {
  for (const [name, [cell, words, exitCode]] of Object.entries(every)) {
    const { tone, text } = cellWords(cell);
    t.equal(`${tone}: ${text}`, words, name);
    t.equal(nightExitCode(night({ [name]: cell })), exitCode, name);
  }
});

t.test('the worst wins: regression, kernel or series, what is not there, machine', async (t) => {
  const codes = (...names: readonly string[]): number => nightExitCode(night(Object.fromEntries(names.map((name) => [name, every[name]?.[0] ?? played({})]))));
  t.equal(codes('away', 'branch', 'build', 'broken', 'clean'), 1);
  t.equal(codes('away', 'branch', 'build', 'clean'), 3);
  t.equal(codes('away', 'branch', 'clean'), 2);
  t.equal(codes('away', 'clean', 'same'), 69);
  t.equal(codes('clean', 'budget', 'sameBroken'), 0);
});

t.test('the page holds every cell as text: no element of a stranger, no script, nothing from the network', async (t) => {
  const cells = Object.fromEntries(Object.entries(every).map(([name, [cell]]) => [name, cell]));
  const commits = { from: 'a'.repeat(40), to: 'b'.repeat(40), relation: 'ahead', count: 2, fuse: 1, commits: [{ id: 'b'.repeat(40), subject: hostile, author: hostile }], bisected: [{ scene: 'a-scene', said: hostile }] } as const;
  const withCommits = { ...cells, ranged: played({ regressions: [note('pass')] }, { report: `mainline/<x>"/report.html`, commits: { ...commits, commits: [...commits.commits], bisected: [...commits.bisected] } }) };
  const page = indexPage([night(withCommits, { kernels: { clean: { kind: 'found', watch: '', identity: '', spec: '', label: hostile } } })], { title: hostile });
  t.notMatch(page, /<script|<img|https?:|@import|url\(/i);
  for (const [element] of page.matchAll(/<[a-z][^>]*>/gi)) t.notMatch(element.replaceAll(/"[^"]*"/g, '""'), /\s(?:on\w+|src|style)\s*=/i);
  t.match(page, /&lt;script&gt;alert\(1\)/);
  t.match(page, /Content-Security-Policy" content="default-src 'none'/);
  t.match(page, /href="mainline\/%3Cx%3E%22\/report\.html"/);
  t.same(cellsOf(page)[0]?.slice(0, Object.keys(every).length), Object.values(every).map(([, words]) => words));
  const open: string[] = [];
  for (const [, close, name = ''] of page.matchAll(/<(\/?)([a-z]\w*)[^>]*>/g)) {
    if (['meta', 'br'].includes(name)) continue;
    if (close === '') open.push(name);
    else t.equal(open.pop(), name, 'elements are nested');
  }
  t.same(open, []);
});

t.test('rows are nights, the newest first; an entry that a night did not have is empty there', async (t) => {
  const page = indexPage([night({ a: played({}) }, { id: '1' }), night({ b: every['broken']?.[0] ?? played({}) }, { id: '2' })], { title: 'nights' });
  t.same(cellsOf(page), [['bad: 2 regressions, fixed', 'quiet: '], ['quiet: ', 'good: clean']]);
  t.match(page, /<h1 class="bad">2 regressions, 1 fixed\.<\/h1>/);
  t.match(indexPage([], { title: 'nights' }), /No night was played yet/);
});

t.test('the text has a line an entry, reasons, commits and one sentence, and no line that a stranger began', async (t) => {
  const range = { from: 'a'.repeat(40), to: 'b'.repeat(40), relation: 'rebased', count: 40, fuse: 0, commits: [{ id: 'b'.repeat(40), subject: 'x', author: 'y' }] } as const;
  const text = describeNight(night({ mainline: played({ baseline: 'x', regressions: [note('pass')] }, { commits: { ...range, commits: [...range.commits] } }), next: every['away']?.[0] ?? played({}) }));
  t.match(text, ['night 2026-11-23T020000', '', /^mainline +1 regression$/, /^next +unreachable$/, '', 'mainline:', /^ {4}regression {2}a-scene pass -> fail: </, /^ {4}the branch was rebased from a{12} to b{12}: 40 commits were not there before, none of them touches FUSE$/]);
  t.equal(text.at(-1), '1 regression, 1 unreachable');
  t.equal(nightSentence(night({}, { status: 'running' })), 'nothing was played; it is still going on, or was killed');
});
