import { mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { diorama } from '../engine/run-diorama.ts';
import { row, seriesRecord, variant } from '../judge/records.ts';
import { idOf, startOf, store } from '../results/stored.ts';

const on = (results: string) => (...args: string[]) => diorama([...args, '--results', results]);

await t.test('compare ends with 0, 1, 2 or 69, as it says', async (t) => {
  const results = t.testdir({ torn: { 'run.json': '{' } });
  store(results, 1);
  store(results, 2, { scenes: [row('s', 'fail: step 1')] });
  store(results, 3, { scenes: [row('other', 'pass')] });
  symlinkSync(idOf(3), join(results, 'latest'));
  const compare = on(results);
  t.match(await compare('compare', idOf(1), idOf(1)), { exitCode: 0, stdout: /no regression, 1 of 1 scenes the same$/, stderr: '' });
  t.match(await compare('compare', idOf(1), 'previous'), { exitCode: 1, stdout: /s +pass +fail +regression[\s\S]*s, after: step 1/ });
  t.match(await compare('compare', 'previous', join(results, idOf(1))), { exitCode: 0, stdout: /fix/ });
  t.match(await compare('compare', idOf(1), 'latest'), { exitCode: 69, stdout: /nothing was compared/ });
  const wrong: readonly (readonly [args: string[], said: RegExp])[] = [
    [['nope', 'latest'], /^diorama: nope: there is no such run/], [['2026', 'latest'], /^diorama: 2026: 3 runs begin so/], [['torn', 'latest'], /not a run of this diorama: it is no JSON/],
    [['latest'], /missing required argument 'later'/], [['latest', 'latest', '--side', 'x'], /Allowed choices are base, patched/], [['latest', 'latest', '--side', 'patched'], /has no series/],
    [['latest', 'latest', '--latency-threshold', '5%'], /whole number with ns, us, ms or s/],
    [['latest', 'latest', '--together-threshold', '5'], /whole number with ns, us, ms or s/],
  ];
  for (const [args, said] of wrong) t.match(await compare('compare', ...args), { exitCode: 2, stdout: '', stderr: said }, args.join(' '));
  const json = await compare('compare', idOf(1), idOf(2), '--json');
  t.match(JSON.parse(json.stdout), { exitCode: 1, before: { id: idOf(1), side: 'base' }, scenes: [{ scene: 's', word: 'regression' }], circumstances: { likeForLike: true } });
});

await t.test('runs are listed and filtered by kernel, series, verdict and date', async (t) => {
  const results = t.testdir({ torn: { 'run.json': '{' } });
  store(results, 1);
  store(results, 2, { kernel: { spec: 'git:/home/me/linux@v7.3', version: '7.3.0', origin: 'abc', treeId: 'x' }, base: { ...variant, id: 'v7' }, scenes: [row('s', 'known: K1')] });
  store(results, 3, { ...seriesRecord([row('s', 'fail: x')], { id: idOf(3), started: startOf(3) }) });
  const list = on(results);
  const listed = async (...args: string[]): Promise<string[]> => (JSON.parse((await list('runs', '--json', ...args)).stdout) as { name: string }[]).map(({ name }) => name);
  const [one, two, three] = [1, 2, 3].map(idOf);
  t.same(await listed(), [three, two, one]);
  t.same(await listed('--limit', '2'), [three, two]);
  t.same(await listed('--kernel', 'debian:*'), [three, one]);
  t.same(await listed('--kernel', 'git:*'), [two], 'a star goes across slashes');
  t.same(await listed('--kernel', '7.3.*'), [two]);
  t.same(await listed('--series', '*.mbox'), [three]);
  t.same(await listed('--verdict', 'known'), [two]);
  t.same(await listed('--verdict', 'regression'), [three]);
  t.same(await listed('--since', startOf(2)), [three, two]);
  t.same(await listed('--kernel', '[', '--verdict', 'pass'), []);
  const shown = await list('runs');
  t.match(shown, { exitCode: 0, stdout: /1 fail; 1 regression[\s\S]*3 of 3 runs/, stderr: /torn\/run\.json: not a run/ });
  t.match(await list('runs', '--flaky'), { exitCode: 0, stdout: /^nothing is flaky in 3 runs/ });
  t.match(await diorama(['runs', '--results', join(results, 'none')]), { exitCode: 0, stdout: /^no runs in / });
  for (const [args, said] of [[['--since', 'x'], /expected a date/], [['--verdict', 'x'], /Allowed choices/], [['--limit', 'x'], /whole number/]] as const) {
    t.match(await list('runs', ...args), { exitCode: 2, stderr: said });
  }
});

await t.test('a scene that came out differently is flaky, with its counts and runs', async (t) => {
  const results = t.testdir({});
  store(results, 1);
  store(results, 2, { scenes: [row('s', 'fail: step 4', { traceId: 'f00d' })] });
  store(results, 3);
  store(results, 4, { base: { ...variant, id: 'other' }, scenes: [row('s', 'fail: step 4')] });
  const { stdout } = await on(results)('runs', '--flaky');
  t.match(stdout, /^s on 6\.12\.107, deterministic\/default: played 3 times: 2 pass, 1 fail; 2 different traces$/m);
  t.match(stdout, new RegExp(`2x pass, trace t1 \\(${idOf(3)}, ${idOf(1)}\\)`));
  t.match(stdout, new RegExp(`1x fail, trace f00d: step 4 \\(${idOf(2)}\\)`));
});

await t.test('prune says what it frees, and needs to be told how much stays', async (t) => {
  const results = t.testdir({ notes: 'mine' });
  for (let nth = 0; nth < 4; nth += 1) store(results, nth);
  mkdirSync(join(results, 'prove'));
  const prune = on(results);
  for (const args of [[], ['--keep', '1', '--keep-days', '2'], ['--keep', '-1'], ['--keep', 'all']]) t.equal((await prune('prune', ...args)).exitCode, 2, args.join(' '));
  t.match(await prune('prune', '--keep', '1', '--dry-run'), { exitCode: 0, stdout: /would remove .*\n.*\n.*\nleft alone notes: it is no run\n3 runs would go, \d+\.\d KiB would be free, 1 run left/ });
  t.equal(readdirSync(results).length, 7, 'the index came, and nothing went');
  t.match(await prune('prune', '--keep', '1'), { exitCode: 0, stdout: /3 runs gone, .* freed, 1 run left/ });
  t.same(readdirSync(results).sort(), [idOf(3), 'index.jsonl', 'notes', 'prove'].sort());
  writeFileSync(join(results, 'x'), '');
  t.match(JSON.parse((await prune('prune', '--keep', '1', '--json')).stdout), { removed: [], left: 1, bytes: 0, foreign: ['notes', 'x'] });
});
