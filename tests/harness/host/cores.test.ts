import { execa } from 'execa';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import { usableCores } from '../../../harness/host/cores.ts';

const all = availableParallelism();

t.test('a limit of CPU time narrows the cores, rounded up, wherever on the way up it stands', async (t) => {
  const v2 = (max: string, above = 'max 100000'): string => t.testdir({
    proc: { self: { cgroup: '0::/a/b\n' } },
    sys: { fs: { cgroup: { a: { 'cpu.max': `${above}\n`, b: { 'cpu.max': `${max}\n` } } } } },
  });
  t.equal(await usableCores(v2('max 100000')), all);
  t.equal(await usableCores(v2('50000 100000')), 1, 'half a CPU is one');
  t.equal(await usableCores(v2('max 100000', '100000 100000')), 1);
  t.equal(await usableCores(v2('9900000 100000')), all, 'never more than there are');
  t.equal(await usableCores(v2('what is this')), all);
});

t.test('cgroup v1 has it in two files, beside groups that have nothing to do with CPUs', async (t) => {
  const v1 = (quota: string): string => t.testdir({
    proc: { self: { cgroup: '4:memory:/m\n1:cpu,cpuacct:/c\n0::/\n' } },
    sys: { fs: { cgroup: { 'cpu,cpuacct': { c: { 'cpu.cfs_quota_us': `${quota}\n`, 'cpu.cfs_period_us': '100000\n' } } } } },
  });
  t.equal(await usableCores(v1('-1')), all);
  t.equal(await usableCores(v1('20000')), 1);
});

t.test('a machine without control groups has all of its cores, and one that is bound to a CPU has one', async (t) => {
  t.equal(await usableCores(t.testdir({})), all);
  const code = `import { usableCores } from '${join(import.meta.dirname, '../../../harness/host/cores.ts')}'; console.log(await usableCores());`;
  const file = join(t.testdir({ 'asks.ts': code }), 'asks.ts');
  const first = /\d+/.exec((await execa('taskset', ['-cp', String(process.pid)])).stdout.split(':').at(-1) ?? '')?.[0] ?? '0';
  const { stdout } = await execa('taskset', ['-c', first, process.execPath, ...process.execArgv, file]);
  t.equal(stdout, '1');
});
