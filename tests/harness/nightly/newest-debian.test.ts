import t from 'tap';
import { chooseKernel } from '../../../harness/nightly/newest-debian.ts';

const stable = [{ series: '6.12', version: '6.12.107-1' }, { series: '7.3', version: '7.3.4-1~bpo13+1' }, { series: '7.9', version: '7.9.1-1' }, { series: '7.10', version: '7.10.2-1' }];

t.test('the newest is the highest series that was released, by number', async (t) => {
  t.equal(chooseKernel([...stable, { series: '7.11', version: '7.11~rc3-1~exp1' }], 'newest')?.series, '7.10');
  t.equal(chooseKernel([], 'newest'), undefined);
});

t.test('a release candidate counts while it is ahead of every release', async (t) => {
  t.equal(chooseKernel([...stable, { series: '7.11', version: '7.11~rc3-1~exp1' }], 'rc')?.series, '7.11');
  t.equal(chooseKernel([...stable, { series: '7.10', version: '7.10~rc7-1~exp1' }], 'rc'), undefined, 'it was released since');
  t.equal(chooseKernel(stable, 'rc'), undefined);
});
