import t from 'tap';
import { describeShipped } from '../../../harness/cli/shipped-bugs.ts';
import type { RunRecord } from '../../../harness/results/run-record.ts';

type Verdict = RunRecord['scenes'][number]['verdict'];

const sum = 'a'.repeat(64);
const image = { package: { name: 'linux-image-7.2.12-amd64', version: '7.2.12-1' }, vmlinuz: sum };
const record = (verdicts: readonly Verdict[], kernel: RunRecord['kernel'] = { spec: 'image:debian:7.2', version: '7.2.12', origin: 'x', image }): RunRecord =>
  ({ kernel, scenes: verdicts.map((verdict, index) => ({ scene: `s${index}`, side: 'base', verdict, ms: 1, dir: 'base/s' })) }) as unknown as RunRecord;
const known = (issue: string): Verdict => ({ kind: 'known', reason: 'x', issue });

t.test('each known bug that shows is named once, with the package', async (t) => {
  t.same(describeShipped(record([known('K7'), { kind: 'pass', reason: '' }, known('K1'), known('K7')])), ['linux-image-7.2.12-amd64 7.2.12-1 ships the known bugs K1, K7 (a page each in docs/findings/)']);
  t.match(describeShipped(record([known('K7')])), [/ships the known bug K7 /]);
});

t.test('none is said of none, and nothing when nothing was judged', async (t) => {
  t.same(describeShipped(record([{ kind: 'pass', reason: '', issue: 'K3' }])), ['linux-image-7.2.12-amd64 7.2.12-1 shows none of the known bugs in this scene']);
  t.same(describeShipped(record([{ kind: 'skip', reason: 'x' }])), []);
  t.same(describeShipped(record([])), []);
});

t.test('a kernel that was built here ships nothing, and a file is told by its version and spec, harmless on a terminal', async (t) => {
  t.same(describeShipped(record([known('K7')], { spec: 'debian:6.12', version: '6.12.107', origin: 'x', treeId: 'y' })), []);
  t.match(describeShipped(record([known('K7')], { spec: 'image:\u001b[31mx', version: '7.2.12', origin: 'x', image: { vmlinuz: sum } })), ['7.2.12 (image:x) ships the known bug K7 (a page each in docs/findings/)']);
});
