import { Ajv } from 'ajv';
import addFormats from 'ajv-formats';
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import type { KcidbReport } from '../../../harness/formats/kcidb-types.ts';
import { kcidbReport, writeKcidb } from '../../../harness/formats/write-kcidb.ts';
import type { RunRecord } from '../../../harness/results/run-record.ts';
import { factsOf, sharedData } from './facts.ts';
import { everyPair, everyVerdict, oneSided, stages, twoSided } from './run-fixture.ts';

const schemaFile = join(sharedData, 'kcidb-v5.3.schema.json');
const skip = existsSync(schemaFile) ? false : `${sharedData} is missing`;

function complaints(text: string): readonly string[] {
  const ajv = new Ajv({ strict: false, allErrors: true });
  addFormats.default(ajv);
  const validate = ajv.compile(JSON.parse(readFileSync(schemaFile, 'utf8')) as object);
  return validate(JSON.parse(text)) ? [] : (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message ?? ''}`);
}

const failure = (code: string): Pick<RunRecord, 'status' | 'error'> => ({ status: 'failed', error: { blame: 'series', code, message: `it failed: ${code}` } });
const commit = 'a'.repeat(40);

t.test('the schema takes a run of every verdict, and every run that failed', { skip }, async (t) => {
  const { kernel: _, base: __, ...early } = oneSided({}, failure('no-such-kernel'));
  const records: Readonly<Record<string, RunRecord>> = {
    one: oneSided(everyVerdict), two: twoSided(everyPair()), early, empty: oneSided({}),
    refused: twoSided({}, failure('series-does-not-apply')), unbuilt: twoSided({}, { ...failure('build-failed'), stages }), unbooted: oneSided({}, failure('boot-failed')),
    git: oneSided(everyVerdict, { kernel: { spec: 'git:/home/me/linux@v6.12', version: '6.12.0', origin: `commit ${commit}`, treeId: 'b'.repeat(40) } }),
  };
  for (const [name, record] of Object.entries(records)) t.strictSame(complaints(writeKcidb(await factsOf(t.testdir(), record, { patches: ['a', 'b'] }))), [], name);
});

t.test('and it would say so if it did not', { skip }, async (t) => {
  const text = writeKcidb(await factsOf(t.testdir(), oneSided(everyVerdict)));
  t.not(complaints(text.replace('"PASS"', '"GREEN"')).length, 0);
  t.not(complaints(text.replace('diorama.fuse.fail', 'diorama..fail')).length, 0);
  t.not(complaints(text.replace('2026-11-23T03:54:38.913Z', 'yesterday')).length, 0);
});

const report = async (dir: string, record: RunRecord, evidence = {}): Promise<KcidbReport> => kcidbReport(await factsOf(dir, record, evidence));

t.test('every verdict has its status, and a known issue is a failure with an incident', async (t) => {
  const { tests, issues, incidents, builds, checkouts } = await report(t.testdir(), oneSided(everyVerdict));
  t.strictSame(Object.fromEntries(tests.map(({ path, status }) => [path?.replace('diorama.fuse.', ''), status])), {
    pass: 'PASS', fail: 'FAIL', splat: 'FAIL', hang: 'FAIL', crash: 'FAIL', known: 'FAIL', skip: 'SKIP', error: 'ERROR',
  });
  t.match(issues, [{ id: 'diorama:K1', version: 1, comment: /^K1: a thread in mmap and a writer of its own process/, misc: { page: 'docs/findings/k1-mmap-lock-deadlock.md' } }]);
  t.match(incidents, [{ issue_id: 'diorama:K1', issue_version: 1, test_id: 'diorama:2026-11-23T035438-512c/base/known', present: true }]);
  t.match(tests.find(({ path }) => path === 'diorama.fuse.crash'), { log_excerpt: /kernel BUG at/, duration: 0.483939 });
  t.ok(tests.every(({ build_id }) => builds.some(({ id }) => id === build_id)), 'each on a build that is there');
  t.ok(builds.every(({ checkout_id }) => checkouts.some(({ id }) => id === checkout_id)));
});

t.test('an issue that no longer shows is an incident that is absent', async (t) => {
  const { incidents } = await report(t.testdir(), oneSided({ mended: { kind: 'pass', reason: '', issue: 'K3' } }));
  t.match(incidents, [{ issue_id: 'diorama:K3', present: false }]);
});

t.test('the hash of the patches is what the schema\'s own shell command gives', async (t) => {
  const dir = t.testdir();
  const { checkouts } = await report(dir, twoSided({}), { patches: ['first\n', 'second\n'] });
  const command = 'sha256sum *.patch | cut -c-64 | sha256sum | cut -c-64';
  const expected = execFileSync('sh', ['-c', command], { cwd: join(dir, '2026-11-23T035438-512c', 'series'), encoding: 'utf8' }).trim();
  t.strictSame(checkouts.map(({ patchset_hash }) => patchset_hash), ['', expected]);
  const [, torn] = (await report(t.testdir(), twoSided({}), { patches: ['first\n'] })).checkouts;
  t.equal(torn?.patchset_hash, undefined, 'a series of which a patch is missing has none');
});

t.test('a commit is told as one; paths of this machine are not told', async (t) => {
  const kernel = { version: '6.12.0', treeId: 'b'.repeat(40) };
  const git = await report(t.testdir(), oneSided({}, { kernel: { ...kernel, spec: 'git:/home/me/linux@v6.12', origin: `commit ${commit}` } }));
  t.match(git.checkouts, [{ git_commit_hash: commit, misc: { spec: 'git:PATH@v6.12' } }]);
  const local = await report(t.testdir(), oneSided({}, { kernel: { ...kernel, spec: 'dir:/home/me/linux', origin: `tree ${'b'.repeat(40)} of /home/me/linux` } }));
  t.equal(local.checkouts[0]?.git_commit_hash, undefined);
  t.notMatch(JSON.stringify([git, local]), /home/);
});

t.test('what does not apply, build or boot is told where KCIDB looks for it', async (t) => {
  const refused = await report(t.testdir(), twoSided({}, { ...failure('series-does-not-apply'), stages: [] }));
  t.match(refused.checkouts, [{ valid: true }, { valid: false, log_excerpt: 'it failed: series-does-not-apply' }]);
  const { base: _, patched: __, ...record } = twoSided({}, { ...failure('build-failed'), stages });
  const unbuilt = await report(t.testdir(), record);
  t.strictSame(unbuilt.builds.map(({ status, duration }) => [status, duration]), [['PASS', 61.5], ['FAIL', undefined]]);
  const unbooted = await report(t.testdir(), oneSided({}, failure('boot-failed')));
  t.match(unbooted.tests, [{ path: 'boot', status: 'FAIL', comment: 'it failed: boot-failed', build_id: unbooted.builds[0]?.id }]);
});

t.test('ids are unique, and the same run gives the same report', async (t) => {
  const record = twoSided({ ...everyPair(), 'a.1': [everyVerdict.pass, everyVerdict.pass], 'a.2': [everyVerdict.pass, everyVerdict.pass] });
  const one = await report(t.testdir(), record);
  for (const list of [one.checkouts, one.builds, one.tests, one.issues, one.incidents]) t.equal(new Set(list.map(({ id }) => id)).size, list.length);
  t.strictSame(await report(t.testdir(), record), one);
  t.ok(one.tests.some(({ path }) => path === 'diorama.fuse.a.2'), 'a part of a scene stands below it');
});

t.test('a test began when its event says, and a number is a test with its unit', async (t) => {
  const start = { time: '2026-11-23T03:54:40.100Z', kind: 'scene-start', side: 'base', scene: 'fail' };
  const facts = await factsOf(t.testdir(), oneSided({ fail: everyVerdict.fail }), { events: `${JSON.stringify(start)}\n{"torn` });
  const measures = [{ operation: 'pwrite', mode: 'parallel', writers: 4, ns: [99_999, 12_345, 12_345] }];
  const record = { ...facts.record, scenes: facts.record.scenes.map((played) => ({ ...played, measures })) };
  const { tests } = kcidbReport({ ...facts, record });
  t.match(tests, [{ start_time: start.time }, { path: 'diorama.fuse.fail.pwrite_parallel_4_at_once', status: 'DONE', number: { value: 12_345, unit: 'ns' } }]);
  if (skip === false) t.strictSame(complaints(writeKcidb({ ...facts, record })), []);
});
