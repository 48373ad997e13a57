import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { diorama, runJson } from '../engine/run-diorama.ts';
import { formatNames } from '../../../harness/formats/formats.ts';
import { everyPair, everyVerdict, oneSided, storeRun, twoSided } from '../formats/run-fixture.ts';

const beginnings: Readonly<Record<(typeof formatNames)[number], RegExp>> = {
  tap: /^TAP version 14\n1\.\.64\n/, ktap: /^KTAP version 1\n1\.\.64\n/, junit: /^<\?xml version="1\.0" encoding="UTF-8"\?>\n<testsuites>/, kcidb: /^\{\n {2}"version"/,
  jsonl: /^\{"time":/, mail: /^diorama: fuse: take the lock shared on 6\.12\.107: a summary\n/,
};
const note = JSON.stringify({ time: '2026-11-23T03:54:40.100Z', kind: 'note', text: 'hello' });

t.test('a stored run is written in every format, to standard output or a file', async (t) => {
  const results = t.testdir();
  const { id } = twoSided({});
  storeRun(results, twoSided(everyPair()), { patches: ['a', 'b'], events: `${note}\n` });
  for (const format of formatNames) {
    const shown = await diorama(['report', id, '--results', results, '--format', format]);
    t.equal(shown.exitCode, 0, shown.stderr);
    t.match(`${shown.stdout}\n`, beginnings[format], format);
    const file = join(results, `report.${format}`);
    const written = await diorama(['report', join(results, id), '--format', format, '--output', file]);
    t.equal(written.exitCode, 0, written.stderr);
    t.equal(written.stdout, '');
    t.equal(readFileSync(file, 'utf8').trimEnd(), shown.stdout.trimEnd());
  }
});

t.test('bad usage is 2 and told in a line', async (t) => {
  const results = t.testdir({ file: 'text' });
  const { id } = oneSided({});
  storeRun(results, oneSided({ pass: everyVerdict.pass }));
  const given = ['--results', results];
  const wrong: readonly (readonly [args: readonly string[], said: RegExp])[] = [
    [['report', id, ...given, '--format', 'html5'], /Allowed choices are html, tap, ktap/],
    [['report', 'no-such-run', ...given, '--format', 'tap'], /no-such-run: there is no such run/],
    [['report', '--results', join(results, 'none'), '--format', 'tap'], /latest: there is no such run/],
    [['report', id, ...given, '--format', 'tap', '--output', results], /--output: .* is a directory/],
    [['report', id, ...given, '--format', 'tap', '--output', join(results, 'no/x')], /--output: there is no directory/],
    [['report', id, ...given, '--format', 'jsonl'], /has no events\.jsonl/],
    [['run', ...given, '--format', 'xml'], /--format xml: expected one of tap, ktap, junit, kcidb, jsonl, mail/],
    [['run', ...given, '--format', 'tap='], /expected the name of a file after =/],
    [['run', ...given, '--format', 'tap', '--format', 'mail'], /--format tap and --format mail all write to standard output/],
    [['run', ...given, '--format', 'tap', '--json'], /--format tap and --json all write to standard output/],
    [['run', ...given, '--format', `tap=${results}/x`, '--format', `mail=${results}/x`], /two formats are to be written to/],
    [['run', ...given, '--format', `tap=${results}/file/x`], /there is no directory/],
  ];
  for (const [args, said] of wrong) {
    const ended = await diorama(args);
    t.equal(ended.exitCode, 2, args.join(' '));
    t.match(ended.stderr, said);
    t.equal(ended.stdout, '');
  }
  t.strictSame(readdirSync(results).filter((name) => name !== 'index.jsonl').sort(), [id, 'file'], 'and nothing was begun');
});

t.test('a run is shown in one format and written in others, and its events come as they happen', async (t) => {
  const dir = t.testdir();
  const ended = await diorama(['run', '--scenario', 'write-does-not-overtake-mmap', '--results', join(dir, 'results'), '--format', 'jsonl', '--format', `junit=${dir}/x.xml`, '--format', `kcidb=${dir}/x.json`]);
  t.equal(ended.exitCode, 0, ended.stderr);
  const events = ended.stdout.split('\n').map((line) => JSON.parse(line) as { kind: string });
  t.equal(events[0]?.kind, 'run-start');
  t.match(events.at(-1), { kind: 'run-end', status: 'done', exitCode: 0 });
  t.ok(events.some(({ kind }) => kind === 'scene-end'));
  t.match(readFileSync(join(dir, 'x.xml'), 'utf8'), /<testsuite name="base" [^>]*tests="1" failures="0"/);
  t.match((JSON.parse(readFileSync(join(dir, 'x.json'), 'utf8')) as { tests: unknown[] }).tests, [{ status: 'PASS', start_time: /^\d/ }]);
  const stored = await diorama(['report', '--results', join(dir, 'results'), '--format', 'jsonl']);
  t.equal(stored.stdout, ended.stdout, 'the stored events are the same');
});

t.test('a run that fails is told in its formats too, and keeps its exit code', async (t) => {
  const dir = t.testdir({ 'wrong.patch': '--- a/fs/fuse/file.c\n+++ b/fs/fuse/file.c\n@@ -10,3 +10,3 @@ static void nobody(void)\n \tthis line is in no kernel\n-\tnor is this one\n+\tnor this\n \tnor that\n' });
  const ended = await diorama(['run', '--results', join(dir, 'results'), '--series', join(dir, 'wrong.patch'), '--format', 'tap', '--format', `junit=${dir}/x.xml`]);
  t.equal(ended.exitCode, 3, ended.stderr);
  t.match(ended.stdout, /^TAP version 14\n[\s\S]*\nBail out! failed: .*does not apply/);
  t.match(readFileSync(join(dir, 'x.xml'), 'utf8'), /type="series-does-not-apply"/);
});

t.test('each run keeps its events, whatever it is shown as', async (t) => {
  const run = await runJson(t.testdir(), ['--scenario', 'write-does-not-overtake-mmap']);
  t.match(readFileSync(join(run.dir, 'events.jsonl'), 'utf8'), /"kind":"scene-end","side":"base","scene":"write-does-not-overtake-mmap"/);
});
