import t from 'tap';
import type { BenchReport } from '../../../harness/bench/bench-report.ts';
import { describeBench } from '../../../harness/cli/bench-table.ts';

const report: BenchReport = {
  began: '2026-11-23T10:00:00.000Z', machine: { os: 'Linux 6.1', cpu: 'a CPU', cpus: 2, memoryBytes: 24 * 2 ** 30, accelerator: 'tcg' },
  versions: { QEMU: '7.2.22', gcc: '12.2.0' }, kernel: 'Linux 6.12.107', scenes: 142, scene: 'one', load: [0.04, 1.96],
  figures: [{ id: 'hand-boot', ms: [1000] }, { id: 'clone-start', ms: [50, 40, 60] }],
  notMeasured: [{ id: 'virtme-command', why: 'there is no vng on PATH' }],
};

t.test('the table stands in its own order, says what was not measured, and on what machine the rest was', async (t) => {
  t.strictSame(describeBench(report), [
    '                                    median  least   most  of',
    "a clone's first event                50 ms  40 ms  60 ms   3",
    'by hand: boot to the first program   1.0 s  1.0 s  1.0 s   1',
    'virtme-ng: its first command: not measured, there is no vng on PATH',
    '',
    "20 ×  a clone's first event, sooner than a boot of the same kernel",
    '',
    '2 × a CPU, 24 GiB, Linux 6.1, guests by tcg',
    'Linux 6.12.107; QEMU 7.2.22; gcc 12.2.0',
    'one scene: one, of 142; load average 0.0 before, 2.0 after; 2026-11-23T10:00:00.000Z',
  ]);
});
