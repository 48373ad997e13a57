import { mkdirSync, symlinkSync } from 'node:fs';
import { basename, join } from 'node:path';
import t from 'tap';
import { findBaseline } from '../../../harness/results/find-baseline.ts';
import { readRun } from '../../../harness/results/read-run.ts';
import { variant } from '../judge/records.ts';
import { idOf, store } from './stored.ts';

t.test('a run is found by a beginning of its id, by latest and by what was before it', async (t) => {
  const results = t.testdir({});
  for (let nth = 0; nth < 3; nth += 1) store(results, nth);
  symlinkSync(idOf(2), join(results, 'latest'));
  mkdirSync(join(results, '2026-not-a-run'));
  const found = async (name: string): Promise<string> => basename((await readRun(results, name)).dir);
  t.equal(await found('latest'), idOf(2));
  t.equal(await found('latest~0'), idOf(2));
  t.equal(await found('previous'), idOf(1));
  t.equal(await found('latest~2'), idOf(0));
  t.equal(await found(idOf(1).slice(0, 17)), idOf(1));
  await t.rejects(readRun(results, 'latest~3'), { code: 'bad-usage', message: /latest~3: there is no such run/ });
  await t.rejects(readRun(results, '2026'), { code: 'bad-usage', message: `2026: 3 runs begin so: ${[0, 1, 2].map(idOf).join(', ')}` });
  for (const name of ['', '.', '..', 'latest~', 'latest~x', '2026-not']) await t.rejects(readRun(results, name), { code: 'bad-usage' }, name);
});

t.test('latest is the newest where the link is gone, and what the link says where it is there', async (t) => {
  const results = t.testdir({});
  for (let nth = 0; nth < 3; nth += 1) store(results, nth);
  t.equal((await readRun(results, 'latest')).record.id, idOf(2));
  symlinkSync(idOf(1), join(results, 'latest'));
  t.equal((await readRun(results, 'latest')).record.id, idOf(1));
  t.equal((await readRun(results, 'previous')).record.id, idOf(0));
});

t.test('the baseline is the newest finished run with the same guest, config and compiler', async (t) => {
  const results = t.testdir({});
  const like = { guest: 'deterministic', guestId: 'g1', config: 'default', configId: 'c1', compiler: variant.compiler };
  t.equal(await findBaseline(results, 'latest', like), undefined, 'there is none');
  store(results, 1);
  store(results, 2, { guest: 'smp' });
  store(results, 3, { configId: 'c2' });
  store(results, 4, { base: { ...variant, compiler: 'gcc 14' } });
  store(results, 5, { status: 'interrupted' });
  store(results, 6, { status: 'failed', scenes: [], base: undefined });
  store(results, 7, { scenes: [] });
  t.equal((await findBaseline(results, 'latest', like))?.id, idOf(1));
  t.equal((await findBaseline(results, 'latest', { ...like, guest: 'smp' }))?.id, idOf(2));
  t.equal(await findBaseline(results, 'latest', { ...like, guestId: 'g2' }), undefined, 'another guest of the same name');
  store(results, 8, { guestId: undefined, configId: undefined });
  t.equal((await findBaseline(results, 'latest', like))?.id, idOf(8), 'of an older diorama');
  t.equal((await findBaseline(results, idOf(5).slice(0, -1), like))?.id, idOf(5), 'what is named is taken as it is');
  await t.rejects(findBaseline(results, 'nope', like), { code: 'bad-usage' });
});
