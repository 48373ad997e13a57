import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { validateXML } from 'xmllint-wasm';
import { writeJunit } from '../../../harness/formats/write-junit.ts';
import { xmlText } from '../../../harness/formats/xml-text.ts';
import type { RunRecord } from '../../../harness/results/run-record.ts';
import { factsOf, sharedData } from './facts.ts';
import { everyPair, everyVerdict, oneSided, twoSided } from './run-fixture.ts';

const schemaFile = join(sharedData, 'JUnit.xsd');
const skip = existsSync(schemaFile) ? false : `${sharedData} is missing`;

async function complaints(xml: string): Promise<readonly string[]> {
  const result = await validateXML({ xml: [{ fileName: 'junit.xml', contents: xml }], schema: [readFileSync(schemaFile, 'utf8')] });
  return result.errors.map(({ message }) => message);
}

const suiteHead = (xml: string, name: string): Record<string, string> =>
  Object.fromEntries([...(new RegExp(`<testsuite name="${name}"[^>]*>`).exec(xml)?.[0] ?? '').matchAll(/(\w+)="([^"]*)"/g)].map(([, key = '', value = '']) => [key, value]));

t.test('the schema takes a run of every verdict, of one side and of two, of none, and one that failed', { skip }, async (t) => {
  const error = { blame: 'kernel', code: 'build-failed', message: 'fs/fuse/file.c:11: error: <nothing> & "more"' };
  const records: Readonly<Record<string, RunRecord>> = {
    one: oneSided(everyVerdict), two: twoSided(everyPair()), none: oneSided({}), failed: oneSided({}, { status: 'failed', error }),
    running: oneSided({ pass: everyVerdict.pass }, { status: 'running' }),
  };
  for (const [name, record] of Object.entries(records)) t.strictSame(await complaints(writeJunit(await factsOf(t.testdir(), record))), [], name);
});

t.test('and it would say so if it did not', { skip }, async (t) => {
  const xml = writeJunit(await factsOf(t.testdir(), oneSided(everyVerdict)));
  t.not((await complaints(xml.replace('time="', 'tame="'))).length, 0);
  t.not((await complaints(xml.replace('&#60;TASK', '<TASK'))).length, 0);
});

t.test('a suite counts its cases: failures, errors, and as skipped what is known', async (t) => {
  const xml = writeJunit(await factsOf(t.testdir(), oneSided(everyVerdict)));
  t.match(suiteHead(xml, 'base'), { tests: '8', failures: '4', errors: '1', skipped: '2', timestamp: '2026-11-23T03:54:38', time: '3.872', hostname: 'localhost' });
  t.equal([...xml.matchAll(/<failure /g)].length, 4);
  t.match(xml, /<testcase name="pass" classname="diorama\.base" time="0\.484"\/>/);
  t.match(xml, /<skipped message="K1, a thread in mmap/);
  t.match(xml, /<skipped message="the kernel has no passthrough \(CONFIG_FUSE_PASSTHROUGH\)">/);
  t.match(xml, /<error message="the server never negotiated[^"]*" type="error">/);
});

t.test('a crash shows the words of the kernel', async (t) => {
  const xml = writeJunit(await factsOf(t.testdir(), oneSided({ crash: everyVerdict.crash })));
  t.match(xml, /<failure message="the kernel said: kernel BUG[^"]*" type="crash">crash: [\s\S]*kernel BUG at fs\/fuse\/dir\.c:1824![\s\S]*&#60;TASK&#62;[\s\S]*<\/failure>/);
});

t.test('what fails without the series is skipped there; what it broke fails', async (t) => {
  const xml = writeJunit(await factsOf(t.testdir(), twoSided({ broken: [everyVerdict.pass, everyVerdict.fail], mended: [everyVerdict.fail, everyVerdict.pass], bad: [everyVerdict.hang, everyVerdict.hang] })));
  t.match(suiteHead(xml, 'base'), { tests: '3', failures: '0', skipped: '2' });
  t.match(suiteHead(xml, 'patched'), { tests: '3', failures: '1', skipped: '1' });
  t.match(xml, /message="as without the series: the guest did not end/);
});

t.test('a run that did not come to its end has an error of its own, so that it is never green', async (t) => {
  const xml = writeJunit(await factsOf(t.testdir(), oneSided({}, { status: 'failed', error: { blame: 'kernel', code: 'boot-failed', message: 'it does not boot' } })));
  t.match(suiteHead(xml, 'run'), { tests: '1', errors: '1' });
  t.match(xml, /<error message="failed: it does not boot" type="boot-failed">/);
});

t.test('what XML forbids is replaced, and what it means is written out', async (t) => {
  t.equal(xmlText('a\u0000b\u001bc\ufffe\ud800d😀'), 'a\ufffdb\ufffdc\ufffd\ufffdd😀');
  t.equal(xmlText(']]><a b="c">&'), ']]&#62;&#60;a b=&#34;c&#34;&#62;&#38;');
});
