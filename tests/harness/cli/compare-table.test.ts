import t from 'tap';
import { coloursFor } from '../../../harness/cli/colours.ts';
import { describeComparison } from '../../../harness/cli/compare-table.ts';
import { describeFlaky } from '../../../harness/cli/flaky-table.ts';
import { describeRuns } from '../../../harness/cli/runs-table.ts';
import { compareRuns } from '../../../harness/judge/compare-runs.ts';
import { findFlaky } from '../../../harness/judge/find-flaky.ts';
import { ownSide } from '../../../harness/judge/side-of-run.ts';
import { summariseRun } from '../../../harness/results/run-summary.ts';
import type { RunRecord } from '../../../harness/results/run-record.ts';
import { measured, record, row, seriesRecord, variant } from '../judge/records.ts';

const plain = coloursFor({ isTTY: false });
const told = (before: RunRecord, after: RunRecord): string[] =>
  describeComparison(compareRuns(before, after, { beforeSide: ownSide(before), afterSide: ownSide(after), bounds: { callNs: 0, togetherNs: 500_000 } }), plain);

t.test('a comparison lines up, with both reasons below and the figures beside', async (t) => {
  const before = record([
    row('breaks', 'pass', { measures: [measured('pwrite', 1200)] }), row('differs', 'fail: step 1: a'), row('stays', 'pass', { measures: [measured('pread', 900)] }),
    row('leaves', 'pass', { covers: ['open.dax'] }),
  ]);
  const after = seriesRecord([
    row('breaks', 'splat: refcount_t: underflow', { splats: ['refcount_t: underflow'], measures: [measured('pwrite', 1200)] }), row('differs', 'fail: step 2: b'),
    row('stays', 'pass', { measures: [measured('pread', 901)] }), row('comes', 'hang: it hangs'), row('comes-too', 'pass'),
  ], { id: '2026-11-23T010203-abcd' });
  t.same(told(before, after), [
    'before  2026-11-22T010203-abcd, base     debian:6.12 (6.12.107)',
    'after   2026-11-23T010203-abcd, patched  debian:6.12 (6.12.107)  v3.mbox',
    'different:',
    '  tree    tree1  tree2',
    '  series  -      v3.mbox, 1 patch',
    '',
    'scene    before  after',
    'breaks   pass    splat  regression',
    'stays    pass    pass   regression (latency)',
    'differs  fail    fail   changed',
    'comes    -       hang   new',
    'gone: leaves',
    'new: comes-too',
    '',
    'breaks, after: refcount_t: underflow',
    'differs, before: step 1: a',
    'differs, after: step 2: b',
    'comes, after: it hangs',
    '',
    'splats of  before  after',
    'breaks     0x      1x     refcount_t: underflow',
    '',
    'latency of  what             before   after',
    'stays       pread, parallel  900 ns  901 ns  +1 ns  slower',
    '2 latencies in both, 1 slower, 0 faster (virtual time, exact; threshold 0 ns, 500 us for several at once)',
    '',
    'coverage: 2 rules were tried before, 1 after',
    '  lost: open.dax',
    '',
    'stage (wall time)  before        after',
    'source             2 ms (cache)  2 ms (cache)  debian:6.12',
    '',
    '0 of 3 traces differ',
    '2 regressions, 1 changed, 1 gone, 2 new, 0 of 6 scenes the same',
  ]);
});

t.test('what is not like for like is said before anything else', async (t) => {
  const lines = told(record([row('s', 'pass')]), record([row('s', 'pass')], { base: { ...variant, compiler: 'gcc 14' }, guest: 'smp' }));
  t.match(lines.slice(0, 3), [/^not like for like/, /^ {2}guest +deterministic +smp$/, /^ {2}compiler +gcc \(Debian 12\.2\.0-14\) 12\.2\.0 +gcc 14$/]);
  t.match(told(record([row('s', 'pass')]), record([], { base: undefined, status: 'failed' }))[0], /^not like for like/);
});

t.test('hundreds of scenes that only one run played take a line', async (t) => {
  const lines = told(record([row('s', 'pass')]), record(Array.from({ length: 500 }, (_, index) => row(`s${index}`, 'pass'))));
  t.ok(lines.length < 15);
  t.ok(lines.some((line) => /^new: s0, s1, s10, .*… \(500 in all\)$/.test(line)));
});

/** ANSI, a bell, a direction override, a line break with a forged line, a zero byte, C1 controls and a lone surrogate. */
const hostile = '\u001b[2J\u001b]0;x\u0007<script>\u202e\nok 1 - forged\r\u0000\u009b31m\ud800';

t.test('text of strangers stays one harmless line, whatever table it is in', async (t) => {
  const nasty: Partial<RunRecord> = {
    id: `${hostile}id`, guest: hostile, config: hostile, qemu: `${hostile}1`, libfuse: hostile, kernel: { spec: hostile, version: hostile, origin: hostile, treeId: hostile },
    base: { ...variant, compiler: hostile, release: hostile }, stages: [{ stage: hostile, label: hostile, ms: 1, reused: false }], started: hostile, summary: hostile,
  };
  const bad = (kind: string, traceId: string) => row(`${hostile}scene`, `${kind}: ${hostile}`, { splats: [`${hostile}${kind}`], covers: [`${hostile}${kind}`], traceId, measures: [measured(hostile, kind.length)] });
  const [before, after] = [record([bad('hang', 'a'), row(`${hostile}only`, 'pass')], nasty), record([bad('crash', 'b')], { ...nasty, series: { label: hostile, patches: [] }, error: { blame: 'kernel', code: hostile, message: hostile } })];
  const lines = [
    ...describeComparison(compareRuns(before, after, { beforeSide: 'base', afterSide: 'base', bounds: { callNs: 0, togetherNs: 500_000 } }), plain),
    ...describeFlaky(findFlaky([before, after]), { runs: 2 }),
    ...describeRuns([before, after].map((one) => ({ ...summariseRun(one), status: one.status, name: `${hostile}name` })), plain, 2),
  ];
  t.ok(lines.length > 20);
  for (const line of lines) t.notMatch(line, /[\p{Cc}\p{Cf}\p{Cs}]/u, JSON.stringify(line));
  t.notOk(lines.some((line) => line.startsWith('ok 1')), 'no line of ours begins with theirs');
});

t.test('a list of runs lines up, and says how each ended', async (t) => {
  const some = [seriesRecord([row('a', 'fail: x'), row('b', 'pass')], { id: 'r3', exitCode: 1, bytes: 5_400_000 }), record([row('a', 'pass')], { id: 'r2' }),
    record([], { id: 'r1', status: 'failed', kernel: undefined, exitCode: 3, error: { blame: 'kernel', code: 'build-failed', message: 'm' } })];
  const lines = describeRuns(some.map((one, index) => ({ ...summariseRun(one), name: one.id, status: index === 1 ? 'killed' : one.status })), plain, 7);
  t.same(lines, [
    'run  started           kernel                  series   guest/config           verdicts                      status  exit     size',
    'r3   2026-11-22 01:02  debian:6.12 (6.12.107)  v3.mbox  deterministic/default  1 pass, 1 fail; 1 regression  done       1  5.1 MiB',
    'r2   2026-11-22 01:02  debian:6.12 (6.12.107)  -        deterministic/default  1 pass                        killed     0        -',
    'r1   2026-11-22 01:02  -                       -        deterministic/default  build-failed                  failed     3        -',
    '',
    '3 of 7 runs (verdicts with the series where there is one)',
  ]);
  t.same(describeRuns([], plain, 7), ['none of 7 runs is asked for']);
});
