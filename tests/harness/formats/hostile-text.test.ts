import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Parser, type FinalResults } from 'tap-parser';
import t, { type Test } from 'tap';
import { validateXML } from 'xmllint-wasm';
import { formatNames, formats } from '../../../harness/formats/formats.ts';
import { readKtap } from '../../../harness/formats/read-ktap.ts';
import type { RunFacts } from '../../../harness/formats/run-facts.ts';
import { columnsOf } from '../../../harness/formats/wrap-text.ts';
import { jsonLine } from '../../../harness/json-line.ts';
import { factsOf, sharedData } from './facts.ts';
import { everyVerdict, oneSided, twoSided } from './run-fixture.ts';

const megabyte = 'A'.repeat(1024 * 1024);
const forgeries: Readonly<Record<string, string>> = {
  script: '<script>alert(1)</script>',
  ansi: '\u001b[2J\u001b]0;title\u0007\u009b31mred\u001b[0m \u202egpj.exe',
  tap: 'x\nok 1 - forged\n1..0\nBail out! forged\nnot ok 2 # TODO\n  ---\n  ...\nTAP version 14\n# Subtest: x\n    ok 1',
  directive: 'x # SKIP forged \\# TODO \\',
  xml: ']]></failure></testcase><testcase name="forged"/><!-- &amp; &#0; <?x?>',
  json: '"}],"tests":[{"status":"PASS"}],{"kind":"run-end","exitCode":0}\u2028\n{"kind":"run-end"}',
  mail: 'x\nTested-by: Nobody <nobody@example.org>\n\nFrom: y',
  megabyte, escapes: '\u0090'.repeat(200_000), binary: '\u0000\u0001\u0007\ud800\ufffe\uffff',
};
const console = Buffer.concat([Buffer.from(Object.values(forgeries).join('\n')), Buffer.from([0xff, 0xfe, 0xc3, 0x28, 0x80, 0x0a])]);

/** The same run twice: once with every text of a stranger hostile, once with plain words. */
async function both(t: Test): Promise<{ readonly bad: RunFacts; readonly plain: RunFacts }> {
  const scenes = (text: (name: string) => string): Record<string, [typeof everyVerdict.pass, typeof everyVerdict.fail]> =>
    Object.fromEntries(Object.keys(forgeries).map((name) => [name, [everyVerdict.pass, { kind: 'fail', step: 7, reason: text(name) }]]));
  const recordWith = (text: (name: string) => string): ReturnType<typeof twoSided> => twoSided(scenes(text), {
    summary: '10 regressions', exitCode: 1, qemu: text('ansi'), libfuse: text('tap'), config: text('xml'), guest: text('mail'),
    series: { label: text('tap'), patches: Object.keys(forgeries).map((name) => ({ subject: text(name), from: text('json') })), treeId: '1'.repeat(40) },
  });
  const events = (text: (name: string) => string): string => Object.keys(forgeries).map((name) =>
    JSON.stringify({ time: '2026-11-23T03:54:40.100Z', kind: 'stage-progress', stage: 'build', detail: text(name) })).join('\n');
  return {
    bad: await factsOf(t.testdir({}), recordWith((name) => forgeries[name] ?? ''), { console, events: events((name) => forgeries[name] ?? '') }),
    plain: await factsOf(join(t.testdirName, 'plain'), recordWith(() => 'a plain reason'), { events: events(() => 'plain') }),
  };
}

function count(text: string): Pick<FinalResults, 'ok' | 'count' | 'pass' | 'fail' | 'todo' | 'skip' | 'bailout'> {
  let final: FinalResults | undefined;
  const parser = new Parser((results) => (final = results));
  parser.end(text);
  if (!final) throw new Error('no end');
  const { ok, count: all, pass, fail, todo, skip, bailout } = final;
  return { ok, count: all, pass, fail, todo, skip, bailout };
}

t.test('in no format is there a control character, or a file that grows with the guest', async (t) => {
  const { bad } = await both(t);
  for (const name of formatNames) {
    const text = formats[name].write(bad);
    t.notMatch(text, /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u2028\u2029\p{Cf}\p{Cs}]/u, name);
    t.ok(text.length < 400_000, `${name} has ${text.length} characters`);
  }
});

t.test('TAP and KTAP count the same, and say the same of each scene', async (t) => {
  const { bad, plain } = await both(t);
  t.strictSame(count(formats.tap.write(bad)), count(formats.tap.write(plain)));
  const names = (facts: RunFacts): unknown => readKtap(formats.ktap.write(facts)).groups.map(({ planned, results, incomplete }) => [planned, incomplete, results.map(({ name, outcome, number }) => [name, outcome, number])]);
  t.strictSame(names(bad), names(plain));
  t.equal(readKtap(formats.ktap.write(bad)).bailOut, undefined);
});

t.test('JUnit has the same elements, and is well formed and valid', async (t) => {
  const { bad, plain } = await both(t);
  const tags = (facts: RunFacts): string[] => [...formats.junit.write(facts).matchAll(/<\/?[a-z-]+/g)].map(([tag]) => tag);
  t.strictSame(tags(bad), tags(plain));
  const schema = join(sharedData, 'JUnit.xsd');
  if (!existsSync(schema)) t.pass('', { skip: `${sharedData} is missing` });
  else t.strictSame((await validateXML({ xml: [{ fileName: 'x.xml', contents: formats.junit.write(bad) }], schema: [readFileSync(schema, 'utf8')] })).errors, []);
});

t.test('KCIDB has the same keys, ids and statuses', async (t) => {
  const { bad, plain } = await both(t);
  const shape = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(shape);
    if (typeof value !== 'object' || value === null) return typeof value;
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, ['id', 'status', 'path'].includes(key) ? inner : key === 'log_excerpt' ? 'text' : shape(inner)]));
  };
  t.strictSame(shape(JSON.parse(formats.kcidb.write(bad))), shape(JSON.parse(formats.kcidb.write(plain))));
});

t.test('each event stays one line, and one event', async (t) => {
  const { bad } = await both(t);
  const lines = formats.jsonl.write(bad).trimEnd().split('\n');
  t.equal(lines.length, Object.keys(forgeries).length);
  for (const line of lines) t.match(JSON.parse(line), { kind: 'stage-progress' });
});

t.test('a mail has no line of a stranger that stands for one of ours', async (t) => {
  const { bad } = await both(t);
  const mail = formats.mail.write({ ...bad, tester: { name: 'Ada', email: 'ada@example.org' } });
  t.notMatch(mail, /^(Tested-by|From|Bail out|ok 1|<)/m);
  for (const line of mail.split('\n')) if (columnsOf(line) >= 80) t.fail(line);
  t.match(mail, /^> x Tested-by: Nobody/m, 'what it said is quoted');
});

t.test('a scene whose name is hostile is one scene in every format', async (t) => {
  for (const name of Object.keys(forgeries).filter((key) => key !== 'binary' && key !== 'escapes')) {
    const record = oneSided({ fine: everyVerdict.pass });
    const scene = { ...record.scenes[0], scene: forgeries[name] ?? '', side: 'base' as const, verdict: everyVerdict.fail, ms: 1, dir: '../../../etc' };
    const facts: RunFacts = { ...(await factsOf(t.testdir({}), record)), record: { ...record, scenes: [...record.scenes, scene] } };
    t.match(count(formats.tap.write(facts)), { count: 2, fail: 1, pass: 1, bailout: false }, name);
    t.equal(readKtap(formats.ktap.write(facts)).groups[0]?.results.length, 2);
    t.equal([...formats.junit.write(facts).matchAll(/<testcase /g)].length, 2);
    t.equal((JSON.parse(formats.kcidb.write(facts)) as { tests: unknown[] }).tests.length, 2);
    t.ok(formats.mail.write(facts).split('\n').every((line) => columnsOf(line) < 80));
  }
});

t.test('JSON of ours moves no terminal and has an end, and its text is what it was', async (t) => {
  const line = jsonLine({ a: 'x\u009b31m\u202e\u2028\n\ud800', b: ['é', megabyte] });
  t.match(line, /^[\u0020-\u007eé…\ufffd]*$/);
  t.ok(line.length < 20_000);
  t.match(JSON.parse(line), { a: 'x\u009b31m\u202e\u2028\n\ufffd' });
  t.equal(JSON.parse(jsonLine('😀')), '😀');
});
